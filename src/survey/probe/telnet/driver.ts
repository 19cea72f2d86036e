/** Telnet (RFC 854) as the check speaks it. Where only a password is asked for, the pair's user is not sent. */
import type { Driver } from '../driver.ts';
import { telnetGrammar } from './grammar.ts';
import { telnetMachine } from './machine.ts';

export const telnetDriver: Driver = {
  protocol: 'telnet',
  transport: 'tcp',
  begin({ settleMs }) {
    const machine = telnetMachine({ settleMs });
    return { machine, grammar: telnetGrammar(), facts: machine.facts };
  },
};
