/** `notice rehearse`, which is `npm start`: the dress rehearsal, its status line, its summary, and then where to look. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { Fault } from '../record/fault.ts';
import { openCountry } from '../rehearsal/country-only.ts';
import { openDoors } from '../rehearsal/doors.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { type Summary, summarise } from '../rehearsal/summary.ts';
import { keptSummary } from './kept-summary.ts';
import { progressWords } from './progress-words.ts';
import { statusLine } from './status-line.ts';
import { table } from './table.ts';

interface Given {
  readonly seed: string;
  readonly addresses: string;
  readonly devices: string;
  readonly rounds: string;
  readonly folder: string;
  readonly fresh?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly country?: boolean;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Fault('usage', `--${name} ${text} is out of range`, `give a whole number from ${least} to ${most}`);
  return value;
}

const n = (value: number) => value.toLocaleString('en');

export function summaryWords(s: Summary): string {
  const rows = s.months.flatMap(month => [
    ...month.rows.map(row => [month.month, row.stage, n(row.found), n(row.expected)]),
    ...month.refused.map(r => [month.month, `  refused: ${r.reason}`, n(r.cases), '']),
    ...month.amiss.map(what => [month.month, `  ! ${what}`, '', '']),
  ]);
  return [
    '訓練 / REHEARSAL',
    table(
      ['month', 'stage', 'found', 'true'],
      [...rows, ...s.after.map(row => ['all', row.stage, n(row.found), n(row.expected)])],
    ),
    `  false guessable ${s.falseGuessable}, wrong subscribers ${s.wrongSubscribers}, guessable found ${(s.guessableFound * 100).toFixed(1)} % in the worst month`,
    `  counted at the far end: ${s.bytesAfterLogin} bytes after a login, at most ${s.mostConnectionsAtOnce} connection(s) to one address`,
    `  ${n(s.inquiries)} inquiries answered, ${n(s.seconds)} s, peak memory ${n(s.peakMb)} MB`,
    s.holds ? '  every promise holds' : '  a promise does not hold: see the lines above',
    '',
  ].join('\n');
}

async function run(given: Given): Promise<void> {
  const options = {
    seed: given.seed,
    addresses: whole('addresses', given.addresses, 4_096, 1_048_576),
    devices: whole('devices', given.devices, 1, 20_000),
    rounds: whole('rounds', given.rounds, 1, 12),
  };
  if (!/^[\w-]{1,40}$/.test(given.seed))
    throw new Fault('usage', `--seed ${given.seed} is no name`, 'use letters, digits, - and _');
  const folder = join(given.folder, given.seed);
  const stop = new AbortController();
  let asked = 0;
  const onStop = () => {
    if (++asked > 1) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onStop);
  process.on('SIGTERM', onStop);
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const line = statusLine(process.stderr, clocks);
  // On a terminal the status line stands where the next word goes: it is wiped first, and comes again a second later.
  const wipe = process.stderr.isTTY ? '\r\x1b[K' : '';
  const note = (text: string) => process.stderr.write(`${wipe}notice: ${text}\n`);

  if (given.country) {
    const country = await openCountry({ options, folder, note });
    process.stdout.write(given.json ? `${JSON.stringify(country.facts)}\n` : country.words);
    await new Promise<void>(resolve => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
    await country.close();
    return;
  }

  // What stopped it is the last line: nothing that still runs may say where it is after that.
  let over = false;
  const set = (text: string) => over || line.set(text);
  const rehearsal = await rehearse({
    options,
    folder,
    fresh: given.fresh ?? false,
    signal: stop.signal,
    status: set,
    progress: p => set(progressWords(p)),
    note,
  }).catch((thrown: unknown) => {
    over = true;
    throw thrown;
  });
  try {
    if (!rehearsal.complete) {
      line.done('stopped; the next start goes on here');
      process.exitCode = 130;
      return;
    }
    line.done('the months are over');
    const { journal, world, programme, devices } = rehearsal;
    const summary = await keptSummary(folder, journal.seconds, async () =>
      summarise(journal, world, programme, await devices.tally()),
    );
    process.stdout.write(given.json ? `${JSON.stringify(summary)}\n` : summaryWords(summary));
    process.exitCode = summary.holds ? 0 : 1;
    if (given.once) return;
    const doors = await openDoors(rehearsal);
    // With --json the summary is all a machine reads on stdout; where to look is for people.
    (given.json ? process.stderr : process.stdout).write(doors.words);
    const stopped = new Promise<void>(resolve => {
      if (stop.signal.aborted) resolve();
      stop.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await Promise.race([stopped, doors.failed]);
    } finally {
      await doors.close();
    }
  } finally {
    await rehearsal.close();
  }
}

export function rehearseCommand(): Command {
  return new Command('rehearse')
    .description(
      'The whole programme against a simulated country on 127.64.0.0/12: no root, no services, nothing beyond loopback.',
    )
    .option('--seed <NAME>', 'which country; the same name gives the same one', '1')
    .option('--addresses <N>', 'addresses swept a round, a power of two', '65536')
    .option('--devices <N>', 'simulated devices', '600')
    .option('--rounds <N>', 'months', '3')
    .option('--folder <DIR>', 'where the rehearsal keeps its state', '.rehearsal')
    .option('--fresh', 'start over instead of going on where it was')
    .option('--once', 'end after the summary instead of staying up')
    .option(
      '--country',
      'only make the country and its signed paper and keep its devices listening, to try other commands on',
    )
    .option('--json', 'the summary as one JSON line on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  notice rehearse --once\n  notice rehearse --addresses 1048576 --devices 5000 --once\n',
    )
    .action(run);
}
