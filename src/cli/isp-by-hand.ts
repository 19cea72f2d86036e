/** `notice isp cases` and `notice isp outcomes`: for an ISP whose people look up and send. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { casesSheet, readOutcomes } from '../isp/contact/by-hand.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { IspRole } from '../role/isp.ts';
import { say } from './say.ts';

type With = (config: string, use: (isp: IspRole) => Promise<void>) => Promise<void>;

interface Options {
  readonly config: string;
  readonly out: string;
  readonly again?: boolean;
  readonly json?: boolean;
}

/** A sheet larger than this is no sheet of ours. */
const LARGEST = 64 * 1024 * 1024;

async function cases(isp: IspRole, o: Options): Promise<void> {
  const pulled = await isp.pull();
  const { rows, messages, stopped, waiting } = await isp.handOver(o.again === true);
  try {
    writeFileSync(`${o.out}.part`, casesSheet(rows), { mode: 0o600 });
    renameSync(`${o.out}.part`, o.out);
  } catch (thrown) {
    // What is in no sheet is still noted as handed over: it is written again with --again.
    throw fileFault(thrown, o.out);
  }
  const send = rows.length - stopped;
  say(o.json, { messages, send, stop: stopped, waiting, identified: pulled.identified }, [
    `${o.out}: cases to send ${send}, new messages ${messages}, cases to stop ${stopped}`,
    ...Object.entries(waiting).map(([why, n]) => `  not now ${n}: ${why}`),
    ...(rows.length > 0 ? ['Write outcome and day into it, then: notice isp outcomes FILE'] : []),
  ]);
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > LARGEST)
      throw new Fault('input', 'is larger than any sheet', 'name the sheet', { where: file });
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
  }
}

async function outcomes(isp: IspRole, file: string, o: Options): Promise<void> {
  const sheet = readOutcomes(textOf(file));
  const taken = await isp.outcomes(sheet.rows);
  const rejected = [...sheet.rejected, ...taken.rejected].sort((a, b) => a.line - b.line);
  for (const { line, why } of rejected) process.stderr.write(`notice: ${file}:${line}: ${why}\n`);
  const { taken: n, repeated, incidents } = taken;
  say(o.json, { taken: n, repeated, incidents, empty: sheet.empty, rejected: rejected.length }, [
    `outcomes taken ${n}, known before ${repeated}, rows without one ${sheet.empty}`,
    ...(incidents > 0 ? [`incidents opened ${incidents}: notice isp incident list`] : []),
  ]);
  if (rejected.length > 0)
    throw new Fault(
      'input',
      `${rejected.length} rows could not be used`,
      'correct them and take the sheet again; the rest is in',
      {
        where: `${file}:${rejected[0]?.line}`,
      },
    );
}

export function byHandCommands(withIsp: With): Command[] {
  const out = new Command('cases')
    .description('pull, then write the cases that are due as a sheet for people to send by hand')
    .requiredOption('--config <file>', 'the ISP\'s configuration, with "contacts": {"byHand": true}')
    .requiredOption('--out <file>', 'the sheet (CSV); names no customer')
    .option('--again', 'also what was handed over before and has no outcome yet')
    .option('--json', 'one record for machines')
    .addHelpText('after', '\nExample:\n  notice isp cases --config isp.json --out cases.csv\n')
    .action((o: Options) => withIsp(o.config, isp => cases(isp, o)));
  const back = new Command('outcomes')
    .description('take the sheet back in, with what came of each case')
    .argument('<file>', 'the sheet with outcome and day filled in')
    .requiredOption('--config <file>', "the ISP's configuration")
    .option('--json', 'one record for machines')
    .addHelpText('after', '\nExample:\n  notice isp outcomes cases.csv --config isp.json\n')
    .action((file: string, o: Options) => withIsp(o.config, isp => outcomes(isp, file, o)));
  return [out, back];
}
