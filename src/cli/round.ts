/** `notice round run | resume | status`: one pass of the survey at one prober, under a signed mandate. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command, Option } from 'commander';
import { Fault } from '../record/fault.ts';
import { monthOf } from '../record/instant.ts';
import type { RoundReport } from '../record/progress.ts';
import { secretIn, signingKeyIn } from '../role/key-folder.ts';
import { lockFolder } from '../role/lock.ts';
import type { RoundOrder } from '../role/orders.ts';
import { openProber } from '../role/prober.ts';
import { readOrder, readReport } from '../role/round-files.ts';
import { paperFiles, paperOptions } from './paper-options.ts';
import { progressWords } from './progress-words.ts';
import { statusLine } from './status-line.ts';
import { table } from './table.ts';

const clocks = { calendar: Date.now, monotonic: () => performance.now() };

const months = (state: string): string[] =>
  existsSync(join(state, 'rounds'))
    ? readdirSync(join(state, 'rounds')).filter(name => existsSync(join(state, 'rounds', name, 'order.json')))
    : [];

interface RunOptions {
  readonly mandate: string;
  readonly state: string;
  readonly month?: string;
  readonly driver: 'auto' | 'connect' | 'dry';
  readonly json?: boolean;
}

async function run(options: RunOptions, mustExist: boolean): Promise<void> {
  const { state } = options;
  const month = options.month ?? monthOf(clocks.calendar());
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw new Fault('usage', `"${month}" is no month`, 'write it as 2026-11');
  const dry = options.driver === 'dry';
  const unlock = lockFolder(state);
  try {
    const prober = openProber({
      state,
      files: paperFiles(options),
      clocks,
      calendarOffsetMs: 0,
      random: n => randomBytes(n),
      signing: signingKeyIn(state, 'prober'),
      recognition: secretIn(state, 'recognition', n => randomBytes(n)),
      driver: options.driver,
      onMessage: text => process.stderr.write(`notice: ${text}\n`),
    });
    const order = orderFor(state, `${prober.gate.mandate.id}-${month}`, month, mustExist);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    process.once('SIGTERM', () => stop.abort());
    const line = statusLine(process.stderr, clocks);
    try {
      const report = await prober.round(order, stop.signal, p => line.set(progressWords(p)));
      line.done(
        report.stopped
          ? `stopped: ${report.stopped}; go on with: notice round resume --mandate ${options.mandate} --state ${state}`
          : dry
            ? 'done: nothing was sent'
            : 'done',
      );
      print(report, options.json ?? false, dry);
      if (report.stopped && report.stopped !== 'asked to stop')
        throw new Fault(
          'mandate-refused',
          `the gate closed during the round (${report.stopped})`,
          'run notice mandate check and resume when it allows',
        );
    } finally {
      prober.close();
    }
  } finally {
    unlock();
  }
}

function orderFor(state: string, id: string, month: string, mustExist: boolean): RoundOrder {
  const order = readOrder(state, id);
  if (order) return order;
  if (mustExist)
    throw new Fault(
      'input',
      'no round has been begun here',
      `begin one: notice round run --mandate FILE --state ${state}`,
      { where: state },
    );
  return { type: 'round', id, month, permutationKey: randomBytes(32).toString('hex') };
}

function print(report: RoundReport, json: boolean, dry = false): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const n = (value: number) => value.toLocaleString('en');
  process.stdout.write(
    table(
      ['round', report.month],
      [
        ['addresses × ports', n(report.total)],
        [dry ? 'would be sent' : 'sent', n(report.sent)],
        ['not sent: excluded or refused', n(report.excluded)],
        ['answered', n(report.answered)],
        ['checked', n(report.checked)],
        ['with a login', n(report.prompts)],
        ['tries', n(report.tries)],
        ['findings, sealed to their ISP', n(report.findings)],
        ...Object.entries(report.reported).map(([name, count]) => [`  ${name}`, n(count)]),
      ],
    ),
  );
}

export function roundCommand(): Command {
  const command = new Command('round').description('Run one round of the survey, go on with one, or look at one.');
  for (const [name, about] of [
    ['run', 'run this month’s round'],
    ['resume', 'go on with a round that was interrupted'],
  ] as const)
    paperOptions(command.command(name).description(about))
      .requiredOption('--state <DIR>', 'the folder for ledger, budget, audit and sealed spool')
      .option('--month <YYYY-MM>', 'the round’s month (default: this month)')
      .addOption(
        new Option('--driver <NAME>', 'how to connect; dry counts what would be sent, and sends nothing')
          .choices(['auto', 'connect', 'dry'])
          .default('auto'),
      )
      .option('--json', 'the report as one JSON line on stdout')
      .addHelpText('after', `\nExample:\n  notice round ${name} --mandate mandate.json --state prober\n`)
      .action((options: RunOptions) => run(options, name === 'resume'));
  command
    .command('status')
    .description('what rounds this folder holds, and how far each is')
    .requiredOption('--state <DIR>', 'the prober’s folder')
    .option('--json', 'one JSON line a round')
    .addHelpText('after', '\nExample:\n  notice round status --state prober\n')
    .action((options: { state: string; json?: boolean }) => {
      if (!statSync(options.state, { throwIfNoEntry: false })?.isDirectory())
        throw new Fault('input', 'there is no such folder', 'name the prober’s folder', { where: options.state });
      const all = months(options.state).map(id => ({ id, report: readReport(options.state, id) }));
      if (all.length === 0 && !options.json)
        process.stdout.write('no round yet; begin one: notice round run --mandate FILE --state DIR\n');
      for (const { id, report } of all)
        if (options.json) process.stdout.write(`${JSON.stringify(report ?? { round: id, state: 'interrupted' })}\n`);
        else if (report) print(report, false);
        else
          process.stdout.write(
            `${id}: interrupted; go on with: notice round resume --mandate FILE --state ${options.state}\n`,
          );
    });
  return command.addHelpText('after', '\nExample:\n  notice round run --mandate mandate.json --state prober\n');
}
