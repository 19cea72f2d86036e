/** Telnet (RFC 854) as the check speaks it. Where only a password is asked for, the pair's user is not sent. */
import type { Driver } from '../driver.ts';
import { TelnetGrammar } from './grammar.ts';
import { TelnetMachine } from './machine.ts';

export const telnetDriver: Driver = {
  protocol: 'telnet',
  transport: 'tcp',
  begin({ settleMs }) {
    const machine = new TelnetMachine(settleMs);
    return { machine, grammar: new TelnetGrammar(), facts: () => machine.facts() };
  },
};
