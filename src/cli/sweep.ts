/** `notice sweep`: which addresses of the mandate answer on which port. Hits to stdout, progress to stderr, resumable. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command, Option } from 'commander';
import { openAudit } from '../mandate/audit.ts';
import { watchExclusions } from '../mandate/exclusions.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import { scopeRanges } from '../mandate/scope.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { type Clocks, monthOf } from '../record/instant.ts';
import type { Hit } from '../record/observation.ts';
import { lockFolder } from '../role/lock.ts';
import { runSweep, type SweepDriver } from '../survey/sweep/sweep.ts';
import { type PaperOptions, paperFiles, paperOptions } from './paper-options.ts';
import { statusLine } from './status-line.ts';
import { portsToSweep, progressText, summary } from './sweep-words.ts';

interface Options extends PaperOptions {
  readonly driver: SweepDriver;
  readonly ports?: string;
  readonly state: string;
  readonly json?: boolean;
}

const SHARD = 1 << 16;
const clocks: Clocks = { calendar: Date.now, monotonic: () => performance.now() };

/** The key of the sweep that was interrupted here, or a new one. It is kept until the sweep is done. */
function keyIn(folder: string): Uint8Array {
  const file = join(folder, 'key');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(join(folder, 'ledger'))) writeFileSync(file, randomBytes(32), { mode: 0o600 });
    return readFileSync(file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

async function sweep(options: Options): Promise<void> {
  const dry = options.driver === 'dry';
  const paper = loadPaper(paperFiles(options));
  const gate = compileGate(paper, clocks);
  const ports = portsToSweep(gate.mandate, options.ports);
  const folder = join(options.state, 'sweep');
  // A dry run does nothing that could be resumed or would have to be accounted for, so it leaves no trace.
  const unlock = dry ? undefined : lockFolder(options.state);
  const audit = dry ? undefined : openAudit(join(options.state, 'audit.log'), clocks);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const line = statusLine(process.stderr, clocks);
  const watch = watchExclusions(paper.files.exclusions, gate, clocks, change => {
    audit?.append('exclusions', { added: change.added, stopped: change.stopped });
    process.stderr.write(`notice: ${change.message}\n`);
  });
  process.once('SIGINT', abort).once('SIGTERM', abort);
  // Whoever read the hits has gone away.
  process.stdout.once('error', abort);
  try {
    const from = clocks.monotonic();
    const month = monthOf(clocks.calendar());
    const print = options.json
      ? ({ address, port, at }: Hit) => process.stdout.write(`${JSON.stringify({ address, port, at })}\n`)
      : ({ address, port }: Hit) => process.stdout.write(`${address}  ${port}\n`);
    const key = dry ? randomBytes(32) : keyIn(folder);
    // With the key, ranges of indices say which addresses: not who answered.
    audit?.append('sweep-start', { mandate: gate.digest, ports, key: Buffer.from(key).toString('hex') });
    const result = await runSweep({
      gateTables: gate.tables,
      ranges: scopeRanges(paper, clocks.calendar()),
      ports,
      key,
      shardSize: SHARD,
      ledgerFile: join(folder, 'ledger'),
      driver: options.driver,
      calendarOffsetMs: 0,
      signal: stop.signal,
      beforeShard: (shard, first, end) =>
        audit?.append('sweep-shard', { mandate: gate.digest, shard, from: first, to: end }),
      onShard: ({ shard, sent, excluded, answered }) =>
        audit?.append('sweep-shard-end', { shard, sent, excluded, answered }),
      onHit: hit => void print(hit),
      onProgress: progress => line.set(progressText(month, progress)),
    });
    if (result.done && !dry) rmSync(folder, { recursive: true, force: true });
    if (result.done) line.done(dry ? 'done: nothing was sent' : 'done');
    else
      line.done(
        `${result.stopped === 'asked' ? 'stopped as asked' : 'stopped by the gate'}; go on with the same command`,
      );
    // With --json, stdout is hits and nothing else, ready for the next command.
    const out = options.json ? process.stderr : process.stdout;
    out.write(summary(month, result, clocks.monotonic() - from, dry));
    if (result.stopped !== undefined && result.stopped !== 'asked')
      throw new Fault(
        'mandate-refused',
        `the gate closed during the sweep (${result.stopped})`,
        'run notice mandate check, and the same command when it allows',
      );
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    watch.close();
    audit?.close();
    unlock?.();
  }
}

export function sweepCommand(): Command {
  return paperOptions(
    new Command('sweep').description('Find which addresses answer on which port, as far as the mandate allows.'),
  )
    .addOption(
      new Option('--driver <name>', 'how to connect; dry counts and checks, and sends nothing')
        .choices(['auto', 'connect', 'dry'])
        .default('auto'),
    )
    .option('--ports <list>', 'only these of the mandate’s ports, such as 23,80')
    .option('--state <dir>', 'the folder for ledger and audit; an interrupted sweep goes on from it', '.notice')
    .option('--json', 'hits as NDJSON on stdout (address, port, at); the table goes to stderr')
    .addHelpText(
      'after',
      '\nExample:\n  notice sweep --mandate mandate.json --driver dry\n  notice sweep --mandate mandate.json --ports 23,80 --json > hits.ndjson\n',
    )
    .action((options: Options) => sweep(options));
}
