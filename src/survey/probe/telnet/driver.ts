/** Telnet (RFC 854) as the check speaks it. Where only a password is asked for, the pair's user is not sent. */
import type { Driver, Talk } from '../driver.ts';
import { TelnetGrammar } from './grammar.ts';
import { TelnetMachine } from './machine.ts';

class TelnetTalk implements Talk {
  readonly machine: TelnetMachine;
  readonly grammar = new TelnetGrammar();

  constructor(settleMs: number) {
    this.machine = new TelnetMachine(settleMs);
  }
  facts() {
    return this.machine.facts();
  }
}

export const telnetDriver: Driver = {
  protocol: 'telnet',
  transport: 'tcp',
  begin: ({ settleMs }) => new TelnetTalk(settleMs),
};
