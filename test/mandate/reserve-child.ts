/** A child that reserves tries as fast as it can and says each grant on stdout, until it is killed. Arguments: DIR, calendar. */
import { writeSync } from 'node:fs';
import { openBudget } from '../../src/mandate/budget.ts';
import { labBody } from './lab-paper.ts';

const [dir = '', at = ''] = process.argv.slice(2);
const body = labBody();
const mandate = { ...body, limits: { ...body.limits, triesPerDevicePerDay: 40, triesPerAccountPerDay: 30, gapMs: 0 } };
const budget = openBudget(dir, mandate, { calendar: () => Number(at), monotonic: () => performance.now() });
for (let n = 0; n < 500; n++)
  // The try itself would follow here: it is on stdout only after it was granted.
  for (const device of ['127.64.0.1', '127.64.0.2', '127.64.0.3'])
    if (budget.reserve(device, n % 2 ? 'root' : 'admin', 'attempt').granted) writeSync(1, `${device}\n`);
