/** `notice isp import`: the ISP's own logs in. */
import { Command, Option } from 'commander';
import { IMPORT_FORMATS, type ImportFormat, importAssignments } from '../isp/assignment/import.ts';
import { Fault } from '../record/fault.ts';
import { isoOf } from '../record/instant.ts';
import { instant } from './isp-ask-options.ts';
import { say } from './say.ts';

interface ImportOptions {
  readonly format: ImportFormat;
  readonly dir: string;
  readonly through?: string;
  readonly source?: string;
  readonly json?: boolean;
}

/** Lines of bad records printed before the rest is only counted. */
const NAMED = 20;

async function importLogs(files: readonly string[], options: ImportOptions): Promise<void> {
  const { format, dir, source } = options;
  const through = options.through === undefined ? undefined : instant(options.through, '--through');
  const report = await importAssignments({
    format,
    files,
    dir,
    ...(through === undefined ? {} : { through }),
    ...(source === undefined ? {} : { source }),
  });
  const { segment, used, intervals, rejectedCount, rejected } = report;
  for (const { where, why } of rejected.slice(0, NAMED)) process.stderr.write(`notice: ${where}: ${why}\n`);
  const covers = { first: isoOf(segment.first), through: isoOf(segment.through) };
  say(options.json, { used, intervals, rejected: rejectedCount, ...covers, digest: segment.digest }, [
    `${used.toLocaleString('en')} records used, ${intervals.toLocaleString('en')} intervals, from ${covers.first} to ${covers.through}`,
    'Questions about later instants wait for a newer log.',
  ]);
  if (rejectedCount > 0)
    throw new Fault(
      'input',
      `${rejectedCount} records could not be used`,
      'correct them and import again; the rest is in',
      {
        where: rejected[0]?.where ?? dir,
      },
    );
}

export function importCommand(): Command {
  return new Command('import')
    .description('read log files into an index of who held which address')
    .argument('<file...>', 'files of one log, oldest first')
    .addOption(
      new Option('--format <format>', 'kea: memfile of leases; csv: fixed lines')
        .choices(IMPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .requiredOption('--dir <dir>', 'folder of the index; made when absent')
    .option('--through <instant>', 'the files are complete up to here; without it, up to the last instant they name')
    .option('--source <name>', 'which log this is, when there are several of one format')
    .option('--json', 'one record for machines')
    .addHelpText('after', '\nExample:\n  notice isp import --format kea --dir logs kea-leases4.csv.2 kea-leases4.csv\n')
    .action(importLogs);
}
