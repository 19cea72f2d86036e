/** `notice isp import`: the ISP's own logs in, from files or from the table of its RADIUS server. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { csvColumnsOf } from '../isp/assignment/csv-columns.ts';
import { IMPORT_FORMATS, type ImportReport, importAssignments } from '../isp/assignment/import.ts';
import type { SourceOptions } from '../isp/assignment/source-options.ts';
import { publicKeyObject, readPublicKey } from '../mandate/keys.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { isoOf, SECOND } from '../record/instant.ts';
import { instant } from './isp-ask-options.ts';
import { followLogs } from './isp-follow.ts';
import { say, visible } from './say.ts';

interface ImportOptions {
  readonly format: string;
  readonly dir: string;
  readonly through?: string;
  readonly source?: string;
  readonly columns?: string;
  readonly zone?: string;
  readonly silence?: string;
  readonly options?: string;
  readonly databaseUrlFile?: string;
  readonly anew?: boolean;
  readonly follow?: boolean;
  readonly for?: string;
  readonly sealedTo?: string;
  readonly json?: boolean;
}

function optionsFile(file: string): Record<string, unknown> {
  let told: unknown;
  try {
    told = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw fileFault(thrown, file);
  }
  if (typeof told === 'object' && told !== null && !Array.isArray(told)) return { ...told };
  throw new Fault('input', 'is no JSON object', 'write such as {"subscriber": "Calling-Station-Id"}', { where: file });
}

/** What the format is told; undefined when nothing was said, so that it is as the last time. */
function formatOptions({ columns, zone, options }: ImportOptions): Record<string, unknown> | undefined {
  if (columns === undefined && zone === undefined && options === undefined) return undefined;
  return {
    ...(options === undefined ? {} : optionsFile(options)),
    ...(columns === undefined ? {} : { columns: csvColumnsOf(columns) }),
    ...(zone === undefined ? {} : { zone }),
  };
}

function sourceOptions(options: ImportOptions): SourceOptions {
  const { format, dir, source, silence, sealedTo } = options;
  if (silence !== undefined && !/^[1-9]\d{0,6}$/.test(silence))
    throw new Fault('usage', `--silence "${silence}" is no number of seconds`, 'write such as 3600');
  const told = formatOptions(options);
  return {
    ...{ format, dir },
    ...(source === undefined ? {} : { source }),
    ...(told === undefined ? {} : { options: told }),
    ...(silence === undefined ? {} : { silenceMs: Number(silence) * SECOND }),
    ...(sealedTo === undefined
      ? {}
      : { publicKey: publicKeyObject(readPublicKey(sealedTo, 'X25519').publicKey, 'X25519') }),
  };
}

/** Lines of bad records printed before the rest is only counted. */
const NAMED = 20;

async function importLogs(files: readonly string[], options: ImportOptions): Promise<void> {
  const through = options.through === undefined ? undefined : instant(options.through, '--through');
  const about = {
    ...{ ...sourceOptions(options), unusable: name },
    ...(through === undefined ? {} : { through }),
    ...(options.anew ? { anew: true } : {}),
  };
  if (options.follow) {
    if (through !== undefined || options.anew || options.databaseUrlFile !== undefined)
      throw new Fault('usage', '--follow goes with neither --through, --anew nor a table', 'import those first');
    await followLogs(files, sourceOptions(options), { seconds: options.for, json: options.json });
  } else if (options.for !== undefined) throw new Fault('usage', '--for goes with --follow', 'add --follow');
  else if (options.databaseUrlFile === undefined)
    tell(await importAssignments({ ...about, files }), files.length, options);
  else if (options.format !== 'radacct' || files.length > 0)
    throw new Fault('usage', '--database-url-file is for --format radacct, without files', 'name one of the two');
  else await importTable(options.databaseUrlFile, about, options);
}

/** The driver of the database is loaded only here. */
async function importTable(
  urlFile: string,
  about: SourceOptions & { readonly through?: number },
  options: ImportOptions,
): Promise<void> {
  const { importRadacct, readDatabaseUrl } = await import('../role/isp-radacct.ts');
  const { imported } = await importRadacct({ ...about, url: readDatabaseUrl(urlFile), now: Date.now() });
  if (imported) tell(imported, 1, options);
  else say(options.json, { used: 0 }, ['The table holds nothing new.']);
}

function name(rejected: ImportReport['rejected']): void {
  for (const { where, why } of rejected.slice(0, NAMED))
    process.stderr.write(`notice: ${visible(`${where}: ${why}`)}\n`);
}

function tell(report: ImportReport, files: number, options: ImportOptions): void {
  const { source, used, intervals, known, waiting, rejectedCount, rejected } = report;
  name(rejected);
  const covers = { first: isoOf(source.first), through: isoOf(source.through) };
  say(options.json, { used, intervals, rejected: rejectedCount, known, waiting, ...covers }, [
    `${used.toLocaleString('en')} records used, ${intervals.toLocaleString('en')} intervals, from ${covers.first} to ${covers.through}`,
    ...(known > 0 ? [`${known} of ${files} files were known and hold nothing new.`] : []),
    ...(waiting > 0 ? [`${waiting} last lines have no end yet and wait; --through takes them as they stand.`] : []),
    'Questions about later instants wait for a newer log.',
  ]);
  if (rejectedCount > 0)
    throw new Fault(
      'input',
      `${rejectedCount} records could not be used`,
      'correct them and import again; the rest is in',
      {
        where: rejected[0]?.where ?? options.dir,
      },
    );
}

export function importCommand(): Command {
  return new Command('import')
    .description('read log files into an index of who held which address')
    .argument('[file...]', 'files of one log, oldest first')
    .addOption(new Option('--format <format>', 'what kind of log it is').choices(IMPORT_FORMATS).makeOptionMandatory())
    .requiredOption('--dir <dir>', 'folder of the index; made when absent')
    .option('--through <instant>', 'the files are complete up to here; without it, up to the last instant they name')
    .option('--source <name>', 'which log this is, when there are several of one format')
    .option('--columns <list>', 'csv: which column says what, such as address=ip,subscriber=user,from=start,to=stop')
    .option('--zone <zone>', 'csv: zone of times that name none, such as UTC, +09:00 or Asia/Tokyo')
    .option('--anew', 'these files are all that the source says; what it said before is dropped')
    .option('--silence <seconds>', 'a longer silence of one box is a gap in its log')
    .option('--options <file>', 'JSON of what else the format is to know of the log')
    .option('--database-url-file <file>', 'radacct: read the table itself; the first line is its postgresql:// address')
    .option('--follow', 'go on as the last file is written, through rotation, until Ctrl-C')
    .option('--for <seconds>', 'with --follow: end after that long')
    .option(
      '--sealed-to <file>',
      "the ISP's public sealing key, for the names of lines; without it one is made beside DIR",
    )
    .option('--json', 'one record for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  notice isp import --format kea --dir logs kea-leases4.csv.2 kea-leases4.csv\n  notice isp import --format radius-detail --dir logs --follow detail\n',
    )
    .action(importLogs);
}
