/** A child that checks devices of its parent over and over until it is killed. Arguments: FOLDER, limits, targets as JSON. */
import { writeSync } from 'node:fs';
import { checkService, type Target } from '../../src/survey/credential/check.ts';
import { laboratory, mandateBody } from './station.ts';

const [folder = '', limits = '', targets = ''] = process.argv.slice(2);
const base = mandateBody();
const lab = laboratory({
  folder,
  protocol: 'telnet',
  mandate: {
    limits: { ...base.limits, ...(JSON.parse(limits) as object) },
    deadlines: { ...base.deadlines, settleMs: 24 },
  },
});
writeSync(1, 'ready\n');
for (let n = 0; n < 40; n++)
  await Promise.all((JSON.parse(targets) as Target[]).map(target => checkService(target, lab.deps)));
lab.close();
