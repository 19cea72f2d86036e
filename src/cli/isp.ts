/** `notice isp`: the commands an ISP runs. Its logs, its customers and its mail server stay with it. */
import { Command } from 'commander';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { IspRole } from '../role/isp.ts';
import { approveCommand } from './isp-approve.ts';
import { askCommand } from './isp-ask.ts';
import { byHandCommands } from './isp-by-hand.ts';
import { incidentCommand } from './isp-incident.ts';
import { importCommand } from './isp-logs.ts';
import { say } from './say.ts';
import { table } from './table.ts';

const clocks = { calendar: Date.now, monotonic: () => performance.now() };

/** Loaded only here: a question to the logs needs no database, no mail and no press. */
const start = async (config: string): Promise<IspRole> =>
  (await import('../role/isp-config.ts')).startIspFrom(config, clocks);

async function withIsp(config: string, use: (isp: IspRole) => Promise<void>): Promise<void> {
  const isp = await start(config);
  try {
    await use(isp);
  } finally {
    await isp.close();
  }
}

interface Options {
  readonly config: string;
  readonly json?: boolean;
}

const refusals = (refused: Readonly<Partial<Record<IdentificationVerdict, number>>>): string[] => {
  const rows = Object.entries(refused).map(([verdict, n]) => [verdict, String(n)]);
  return rows.length === 0 ? [] : ['', table(['not identified', 'cases'], rows).trimEnd()];
};

const disputes = (n: number): string[] =>
  n === 0 ? [] : [`stopped ${n}, because somebody says that it is not theirs: notice isp incident list`];

async function pull({ config, json }: Options): Promise<void> {
  const isp = await start(config);
  try {
    const done = await isp.pull();
    say(json, { ...done }, [
      `bundles ${done.pulled}, cases ${done.opened}, identified ${done.identified}, closed ${done.closed}`,
      ...disputes(done.disputed),
      ...refusals(done.refused),
    ]);
  } finally {
    await isp.close();
  }
}

async function alert({ config, json }: Options): Promise<void> {
  const isp = await start(config);
  try {
    if (isp.inDoubt > 0)
      process.stderr.write(
        `notice: ${isp.inDoubt} mails were being handed over at the last end; they are not sent again\n`,
      );
    const done = await isp.tick();
    say(json, { ...done }, [
      `e-mails ${done.mails}, letters ${done.letters}; newly identified ${done.identified}, closed ${done.closed}`,
      ...disputes(done.disputed),
      ...refusals(done.refused),
      ...Object.entries(done.waiting).map(([why, cases]) => `  ${cases} not alerted now: ${why}`),
    ]);
    for (const { where, why } of done.badCustomers) process.stderr.write(`notice: ${where}: ${why}\n`);
  } finally {
    await isp.close();
  }
}

export function ispCommand(): Command {
  const configured = (name: string, about: string, action: (options: Options) => Promise<void>) =>
    new Command(name)
      .description(about)
      .requiredOption('--config <file>', "the ISP's configuration")
      .option('--json', 'one record for machines')
      .addHelpText('after', `\nExample:\n  notice isp ${name} --config isp.json\n`)
      .action(action);
  const isp = new Command('isp')
    .description('at an ISP: import logs, ask who held an address, pull, alert')
    .addCommand(importCommand())
    .addCommand(askCommand())
    .addCommand(approveCommand())
    .addCommand(configured('pull', 'fetch, verify and identify what the centre has handed over; sends nothing', pull))
    .addCommand(configured('alert', 'pull, then send every alert that is due now', alert))
    .addCommand(incidentCommand())
    .addHelpText('after', '\nExample:\n  notice isp import --format csv --dir logs lines.csv\n');
  for (const command of byHandCommands(withIsp)) isp.addCommand(command);
  return isp;
}
