/** `notice isp import` and `notice isp ask`: the ISP's own logs in, and one question about them. */
import { Command, Option } from 'commander';
import { identify } from '../isp/assignment/identify.ts';
import { IMPORT_FORMATS, type ImportFormat, importAssignments } from '../isp/assignment/import.ts';
import { openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import { isOpenSpace, spaceOf } from '../mandate/special-space.ts';
import { parseIpv4 } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import { type Instant, instantOf, isoOf } from '../record/instant.ts';
import { say } from './say.ts';

function instant(text: string, option: string): Instant {
  const at = instantOf(text);
  if (at === undefined)
    throw new Fault(
      'usage',
      `${option} "${text}" is no instant`,
      'write it with a zone, such as 2026-11-22T10:30:00+09:00',
    );
  return at;
}

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

interface AskOptions {
  readonly dir: string;
  readonly pools: string;
  readonly address: string;
  readonly port: string;
  readonly at: string;
  readonly clockErrorMs: string;
  readonly json?: boolean;
}

function ask(options: AskOptions): void {
  const address = parseIpv4(options.address);
  if (address === undefined)
    throw new Fault('usage', `"${options.address}" is no IPv4 address`, 'write it such as 192.0.2.1');
  if (!/^\d{1,5}$/.test(options.port) || Number(options.port) > 65_535)
    throw new Fault('usage', `"${options.port}" is no port`, 'write a number from 0 to 65535');
  if (!/^\d{1,8}$/.test(options.clockErrorMs))
    throw new Fault('usage', `"${options.clockErrorMs}" is no number of milliseconds`, 'write such as 1000');
  const at = instant(options.at, '--at');
  // A tool that says who had an address would be one for watching people; findings come in verified bundles.
  if (!isOpenSpace(spaceOf(address)))
    throw new Fault(
      'mandate-refused',
      "this address is somebody's: it may be asked about only by a finding in a verified bundle",
      'let notice isp pull ask; by hand only loopback, private and documentation addresses are answered',
    );
  const index = openAssignments(options.dir, loadPools(options.pools));
  const answer = identify(index, {
    address: options.address,
    port: Number(options.port),
    at,
    clockErrorMs: Number(options.clockErrorMs),
  });
  say(options.json, { ...answer, address: options.address, port: Number(options.port), at: isoOf(at) }, [
    `${answer.verdict}${answer.subscriber === undefined ? '' : `: line ${answer.subscriber}`}`,
    `  ${answer.why}.`,
    ...(answer.verdict === 'log_pending' ? ['  It is asked again when a newer log is imported.'] : []),
  ]);
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

export function askCommand(): Command {
  return new Command('ask')
    .description('which line held an address and port at an instant, and why or why not')
    .requiredOption('--dir <dir>', 'folder of the index')
    .requiredOption('--pools <file>', "JSON list of the ISP's pools")
    .requiredOption('--address <address>', 'IPv4 address')
    .requiredOption('--port <port>', 'port the finding names')
    .requiredOption('--at <instant>', 'instant with a zone')
    .option('--clock-error-ms <ms>', "how far the finding's clock may be off", '1000')
    .option('--json', 'one record for machines')
    .addHelpText(
      'after',
      '\nExample:\n  notice isp ask --dir logs --pools pools.json --address 127.64.0.9 --port 2323 --at 2026-11-22T10:30:00+09:00\n',
    )
    .action(ask);
}
