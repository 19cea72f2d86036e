/** FTP as a driver. In: the quiet time. Out: a talk; its identity is the greeting without the numbers that change in it. */
import type { Driver } from '../driver.ts';
import { ftpGrammar } from './grammar.ts';
import { ftpMachine } from './machine.ts';

export const ftpDriver: Driver = {
  protocol: 'ftp',
  transport: 'tcp',
  begin({ settleMs }) {
    const machine = ftpMachine({ settleMs });
    return {
      machine,
      grammar: ftpGrammar(),
      facts() {
        const { greeting, ready, shape } = machine.facts();
        return {
          said: { ftp: greeting === '' ? undefined : greeting },
          asks: ready ? 'pair' : null,
          // Greetings tell the time, the number of users and the asking address.
          identity: JSON.stringify([greeting.replace(/\d+/g, '#'), ready]),
          shape,
        };
      },
    };
  },
};
