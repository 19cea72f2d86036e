/** `notice sweep`: which addresses of the mandate answer on which port. Answers to stdout, progress to stderr, resumable. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { openAudit } from '../mandate/audit.ts';
import type { Refusal } from '../mandate/authority.ts';
import { watchExclusions } from '../mandate/exclusions.ts';
import { type CompiledGate, compileGate } from '../mandate/gate.ts';
import { compileGate6, type Gate6, namesIpv6 } from '../mandate/gate6.ts';
import { readText } from '../mandate/json-file.ts';
import { loadPaper } from '../mandate/paper.ts';
import { scopeRanges } from '../mandate/scope.ts';
import { sha256 } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { type Clocks, monthOf } from '../record/instant.ts';
import { lockFolder } from '../role/lock.ts';
import { lawOf } from '../survey/sweep/packet/self-auditor.ts';
import { runSweep, type SweepOptions, type SweepResult } from '../survey/sweep/sweep.ts';
import { paperFiles } from './paper-options.ts';
import { statusLine } from './status-line.ts';
import { readCanaries, readTargets, type Targets } from './sweep-input.ts';
import { checkTogether, classesOf, passesOf, type SweepFlags, spanOf, sweepOptions } from './sweep-options.ts';
import { writeRecord } from './sweep-record.ts';
import { answerLine, portsToSweep, progressRecord, progressText, summary } from './sweep-words.ts';

const SHARD = 1 << 16;
const RECORD_EVERY = 1_000;
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

/** Progress as it is wanted: one status line, or one JSON line a second. Both on stderr. */
function teller(month: string, json: boolean) {
  const line = statusLine(process.stderr, clocks);
  let toldAt = Number.NEGATIVE_INFINITY;
  let last: Parameters<typeof progressText>[1] | undefined;
  return {
    progress(p: NonNullable<typeof last>): void {
      last = p;
      if (!json) {
        line.set(progressText(month, p));
        return;
      }
      const now = clocks.monotonic();
      if (now - toldAt < RECORD_EVERY) return;
      toldAt = now;
      process.stderr.write(`${progressRecord(month, p, false)}\n`);
    },
    end(text: string, record: string | undefined): void {
      if (!json) line.done(text);
      else if (last) process.stderr.write(`${progressRecord(month, last, true, record)}\n`);
    },
  };
}

function ended(result: SweepResult, dry: boolean): string {
  if (result.done) return dry ? 'done: nothing was sent' : 'done';
  if (result.stopped === undefined) return 'ended before all was done; the ledger is kept';
  return `${result.stopped === 'asked' ? 'stopped as asked' : 'stopped by the gate'}; go on with the same command`;
}

const closed = (refusal: Refusal): Fault =>
  refusal === 'source-not-named'
    ? new Fault(
        'mandate-refused',
        'this machine would send from an address that the mandate does not name',
        'choose another with --source or by the routing table, or have this one named',
      )
    : new Fault(
        'mandate-refused',
        `the gate closed during the sweep (${refusal})`,
        'run notice mandate check, and the same command when it allows',
      );

async function sweep(flags: SweepFlags): Promise<void> {
  checkTogether(flags);
  const json = flags.json ?? false;
  const dry = flags.driver === 'dry';
  const classes = classesOf(flags.classes);
  const passes = passesOf(flags.passes);
  const passGapMs = spanOf('--pass-gap', flags.passGap);
  const canaries = flags.canaries === undefined ? undefined : readCanaries(flags.canaries);
  const paper = loadPaper(paperFiles(flags));
  const gate = compileGate(paper, clocks, true);
  const gate6 = namesIpv6(gate.mandate) ? compileGate6(paper, clocks) : undefined;
  const ports = portsToSweep(gate.mandate, flags.ports);
  const targets = flags.targets && (await targetsOf(flags.targets, gate, gate6, ports[0] as number));
  const exclusions = readText(paper.files.exclusions, 'exclusions', 'make the file; it may be empty');
  const folder = join(flags.state, targets ? 'sweep-list' : 'sweep');
  // A dry run does nothing that could be resumed or would have to be accounted for, so it leaves no trace.
  const unlock = dry ? undefined : lockFolder(flags.state);
  const audit = dry ? undefined : openAudit(join(flags.state, 'audit.log'), clocks);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const both = {
    exclude: (prefixes: Parameters<CompiledGate['exclude']>[0]) => {
      gate.exclude(prefixes);
      gate6?.exclude(prefixes);
    },
    stop: () => {
      gate.stop();
      gate6?.stop();
    },
  };
  const law = lawOf(paper, clocks.calendar);
  const watch = watchExclusions(paper.files.exclusions, law.around(both), clocks, change => {
    audit?.append('exclusions', { added: change.added, stopped: change.stopped });
    process.stderr.write(`notice: ${change.message}\n`);
  });
  process.once('SIGINT', abort).once('SIGTERM', abort);
  // Whoever read the answers has gone away.
  process.stdout.once('error', abort);
  try {
    const from = clocks.monotonic();
    const began = clocks.calendar();
    const month = monthOf(began);
    const tell = teller(month, json);
    const key = dry ? randomBytes(32) : keyIn(folder);
    // With the key, ranges of indices say which addresses: not who answered. Of a list its digest, which who has it can check.
    audit?.append('sweep-start', {
      mandate: gate.digest,
      ports,
      key: Buffer.from(key).toString('hex'),
      ...(targets ? { list: sha256(targets.list.bytes) } : {}),
    });
    const options: SweepOptions = {
      law,
      gateTables: gate.tables,
      ranges: targets ? [] : scopeRanges(paper, clocks.calendar()),
      ports,
      ...(targets ? { list: { list: targets.list, ipv4: gate.tables, ...(gate6 ? { ipv6: gate6.tables } : {}) } } : {}),
      key,
      shardSize: SHARD,
      ledgerFile: join(folder, 'ledger'),
      driver: flags.driver,
      policy: flags.policy,
      passes,
      passGapMs,
      ...(canaries ? { canaries } : {}),
      ...(flags.interface === undefined ? {} : { interface: flags.interface }),
      ...(flags.source === undefined ? {} : { source: flags.source }),
      ...(flags.bypass ? { bypass: true } : {}),
      calendarOffsetMs: 0,
      signal: stop.signal,
      beforeShard: (shard, first, end, pass) =>
        audit?.append('sweep-shard', { mandate: gate.digest, shard, from: first, to: end, pass }),
      onShard: ({ shard, sent, excluded, answered }, pass) =>
        audit?.append('sweep-shard-end', { shard, sent, excluded, answered, pass }),
      onHit: hit => {
        if (classes.has('syn-ack')) process.stdout.write(answerLine({ class: 'syn-ack', ...hit }, json));
      },
      // A SYN-ACK is a hit, and told as one.
      onReply: reply => {
        if (reply.class !== 'syn-ack' && classes.has(reply.class)) process.stdout.write(answerLine(reply, json));
      },
      onProgress: progress => tell.progress(progress),
    };
    const result = await runSweep(options);
    const facts = { month, mandate: gate.mandate, digest: gate.digest, options, exclusions, from: began };
    const record = dry ? undefined : writeRecord(flags.state, { ...facts, to: clocks.calendar() }, result);
    if (result.done && !dry) rmSync(folder, { recursive: true, force: true });
    tell.end(ended(result, dry), record);
    // With --json, stdout is answers and stderr progress, ready for the next command.
    if (!json) {
      const repeat = record === undefined ? '' : `  everything to repeat it: ${record}\n`;
      process.stdout.write(`${summary(month, result, clocks.monotonic() - from, dry)}${repeat}`);
    }
    if (!result.done && result.stopped === undefined)
      throw new Fault('resource', 'the counts of the sweep do not add up', 'report it; ledger and record are kept');
    if (result.stopped !== undefined && result.stopped !== 'asked') throw closed(result.stopped);
    if (targets && targets.bad > 0)
      throw new Fault('input', `${targets.bad} line(s) were not asked`, 'mend the lines named above', {
        where: (flags.targets ?? []).join(', '),
      });
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    watch.close();
    audit?.close();
    unlock?.();
  }
}

const targetsOf = (
  files: readonly string[],
  ipv4: CompiledGate,
  ipv6: Gate6 | undefined,
  port: number,
): Promise<Targets> =>
  readTargets(files, { ipv4, ipv6 }, port, (where, why) =>
    process.stderr.write(`notice: ${where}: ${why}; the other lines are done\n`),
  );

export function sweepCommand(): Command {
  return sweepOptions(
    new Command('sweep').description('Find which addresses answer on which port, as far as the mandate allows.'),
  )
    .addHelpText(
      'after',
      `
Out, with --json, one object a line: address, port, class (syn-ack, rst, icmp), at, ttl, window, options; null is what a
driver cannot see. Progress, one a second: sent, perSecond, hits, drops, percent, secondsLeft. Ctrl-C ends it; the same
command goes on. Exit 3: the gate refused or closed. Exit 4: a line of a list was malformed, stood twice or lay outside
the mandate; each is named and the others are done. Exit 5: this machine lacks something (notice doctor).

Example:
  notice sweep --mandate mandate.json --driver dry
  notice sweep --mandate mandate.json --ports 23,80 --json > hits.ndjson
  notice sweep --mandate mandate.json --targets hit-list.txt
  notice sweep --mandate mandate.json --driver mmsg --interface eth1 --canaries canaries.txt --passes 2 --pass-gap 6h
`,
    )
    .action((flags: SweepFlags) => sweep(flags));
}
