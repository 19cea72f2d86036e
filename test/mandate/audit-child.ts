/** A child that logs as fast as it can and says each entry on stdout once it is logged, until it is killed. Argument: FILE. */
import { writeSync } from 'node:fs';
import { openAudit } from '../../src/mandate/audit.ts';

const audit = openAudit(process.argv[2] ?? '', { calendar: Date.now, monotonic: () => performance.now() });
for (let n = 0; n < 20_000; n++) {
  if (n % 2) audit.append('sweep', { n });
  else audit.commit('attempt', { n });
  writeSync(1, 'said\n');
}
audit.close();
