/**
 * `notice probe`: targets as NDJSON in, observations as NDJSON out, under a signed mandate. What is positive leaves only
 * as a reference and an envelope sealed to the responsible ISP; no line of the output holds an address.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { Fault } from '../record/fault.ts';
import { monthOf } from '../record/instant.ts';
import { chanceFrom } from '../role/probe-chance.ts';
import { MOST_WORKERS } from '../role/probe-deal.ts';
import { type ProbeProgress, type ProbeReport, runProbe } from '../role/probe-run.ts';
import { conversationsThatFit } from '../survey/probe/descriptors.ts';
import { type PaperOptions, paperFiles, paperOptions } from './paper-options.ts';
import { probeInput } from './probe-input.ts';
import { printer, teller } from './probe-output.ts';
import { faultOf, type Pace, progressRecord, progressText, summary } from './probe-words.ts';
import { statusLine } from './status-line.ts';

interface Options extends PaperOptions {
  readonly state: string;
  readonly keys?: string;
  readonly targets?: readonly string[];
  readonly concurrency: string;
  readonly workers: string;
  readonly again?: boolean;
  readonly json?: boolean;
}

const MOST_AT_ONCE = 10_000;
const clocks = { calendar: Date.now, monotonic: () => performance.now() };

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Fault('usage', `${name} ${text} is not a number from 1 to ${most}`, 'give one');
  return value;
}

async function probe(options: Options): Promise<void> {
  // What is young here is either gone at once or a conversation: room for more of it costs memory and saves no time.
  setFlagsFromString('--semi-space-growth-factor=1');
  const workers = whole('--workers', options.workers, MOST_WORKERS);
  const { concurrency, why } = conversationsThatFit(whole('--concurrency', options.concurrency, MOST_AT_ONCE));
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const tell = teller(process.stderr, stop.signal);
  const names = options.targets ?? ['-'];
  const input = probeInput(names, process.stdin, (where, why) =>
    tell(`notice: ${where}: ${why}; the other lines are done`),
  );
  if (why) void tell(`notice: ${why}`);

  process.once('SIGINT', abort).once('SIGTERM', abort);
  // Whoever read the output has gone away.
  process.stdout.once('error', abort);
  const month = monthOf(clocks.calendar());
  const line = statusLine(options.json ? { write: text => process.stderr.write(text) } : process.stderr, clocks);
  const from = clocks.monotonic();
  const pace = (): Pace => ({
    month,
    seconds: (clocks.monotonic() - from) / 1000,
    share: input.total === undefined ? undefined : input.total === 0 ? 1 : input.taken() / input.total,
    malformed: input.bad(),
  });
  let latest: ProbeProgress | undefined;
  const show = setInterval(() => {
    if (latest) line.set(options.json ? progressRecord(latest, pace(), false) : progressText(latest, pace()));
  }, 1_000);
  let report: ProbeReport;
  try {
    report = await runProbe({
      ...{ workers, concurrency, clocks, state: options.state, again: options.again ?? false },
      files: paperFiles(options),
      keys: options.keys ?? options.state,
      random: chanceFrom(randomBytes),
      signal: stop.signal,
      lines: input.lines,
      print: printer(process.stdout, stop.signal),
      tell: ({ file, line: number }, why) => tell(`notice: ${file}:${number}: ${why}; the other lines are done`),
      onMessage: text => void tell(`notice: ${text}`),
      onProgress: progress => {
        latest = progress;
      },
    });
  } finally {
    clearInterval(show);
    process.off('SIGINT', abort).off('SIGTERM', abort);
    process.stdin.destroy();
  }
  line.done(options.json ? progressRecord(report, pace(), true) : closing(report, stop.signal.aborted));
  if (!options.json) process.stderr.write(summary(report, pace()));
  const fault = faultOf(
    report,
    input.bad(),
    names.length === 1 ? (names[0] === '-' ? 'stdin' : `${names[0]}`) : 'input',
  );
  if (fault) throw fault;
}

function closing({ checked, positive, skipped }: ProbeReport, stopped: boolean): string {
  const before = skipped > 0 ? `, ${skipped} done before and skipped (--again checks them anew)` : '';
  return stopped
    ? `stopped as asked: ${checked} checked${before}; the same command goes on`
    : `done: ${checked} checked, ${positive} positive${before}`;
}

export function probeCommand(): Command {
  return paperOptions(
    new Command('probe').description('Check services for guessable passwords and old firmware, as the mandate allows.'),
  )
    .option('--targets <FILE...>', 'read these files; - is stdin (default: stdin)')
    .option('--state <DIR>', 'the folder for budget, audit and what is done', '.notice')
    .option('--keys <DIR>', 'the folder of the prober’s keys (default: the state folder)')
    .option('--concurrency <N>', 'conversations at once; never two with one address', '256')
    .option('--workers <N>', 'threads, each with its own part of the addresses; a state folder keeps its number', '1')
    .option('--again', 'check anew what an earlier start did this month; the daily caps hold')
    .option('--json', 'progress on stderr as JSON lines; stdout is NDJSON always')
    .addHelpText(
      'after',
      `
In, one JSON object a line: {"address":"127.64.0.9","port":2323}, with "protocol" where the mandate has none for the port.
Lines of notice sweep --json are taken as they are; of their classes only syn-ack is a target.
Out, one a line: an observation without an address, or {"ref","kind","sealed"} for what only the ISP may read.
Started again with the same input and state, it skips what it did this month. Ctrl-C ends it; so does a kill.
Exit 3: every target was refused, or the gate closed. Exit 4: a line was malformed, stood twice or lay outside the
mandate; each is named and the others are done. Exit 5: this machine could not do all of them.

Example:
  notice sweep --mandate mandate.json --json > hits.ndjson
  notice probe --mandate mandate.json --targets hits.ndjson --state prober > observations.ndjson
  notice sweep --mandate mandate.json --json | notice probe --mandate mandate.json --state prober
`,
    )
    .action((options: Options) => probe(options));
}
