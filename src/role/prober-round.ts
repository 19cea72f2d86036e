/**
 * One round at one prober: first the sweep over every shard, then one conversation after another with what answered.
 * Sweep and probes do not overlap, so that no address has two of our connections at once. Resumable at any point: the
 * ledger knows the sweep's cursor, the spool knows what was checked.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Refusal } from '../mandate/authority.ts';
import { scopeRanges } from '../mandate/scope.ts';
import { parseIpv4 } from '../record/address.ts';
import { fileFault } from '../record/fault.ts';
import type { Reported } from '../record/observation.ts';
import type { RoundProgress, RoundReport, Stage } from '../record/progress.ts';
import { checkService } from '../survey/credential/check.ts';
import { runChecks } from '../survey/probe/scheduler.ts';
import { runSweep, type SweepProgress, type SweepResult } from '../survey/sweep/sweep.ts';
import { lineKeyOf, observationId, recordsOf } from './evidence.ts';
import type { RoundOrder } from './orders.ts';
import type { ProberParts } from './prober.ts';
import { keepOrder, keepReport, openHits, readReport } from './round-files.ts';
import { noneReported, openSpool, roundFolder, type Spool, spoolFile } from './spool.ts';

/** (address, port) pairs in one shard. */
const SHARD = 1 << 16;
const CONVERSATIONS = 512;
/** Refusals that hold for every service, and may end. */
const FOR_ALL: ReadonlySet<Refusal> = new Set<Refusal>([
  'not-yet',
  'expired',
  'clock-jumped',
  'outside-hours',
  'not-published',
  'stopped',
]);
/** What a check reports when the gate closes under it. */
const UNDECIDED: ReadonlySet<Reported> = new Set<Reported>(['out-of-mandate', 'inconclusive']);

export async function runRound(
  parts: ProberParts,
  order: RoundOrder,
  signal: AbortSignal,
  onProgress: (p: RoundProgress) => void,
): Promise<RoundReport> {
  const { options, paper, gate, law, audit } = parts;
  const { state, driver } = options;
  const folder = roundFolder(state, order.id);
  const dry = driver === 'dry';
  const finished = dry ? undefined : readReport(state, order.id);
  if (finished) return finished;

  const monotonic = options.clocks.monotonic;
  const nothing = { reported: noneReported(), prompts: 0, findings: 0 };
  const count = { total: 0, sent: 0, excluded: 0, answered: 0, checked: 0, tries: 0 };
  let sums: Readonly<Spool['sums']> = nothing;
  let stageFrom = monotonic();
  /** What was done before an interruption says nothing about the rate now. */
  const rateOf = (done: number) => done / Math.max(0.001, (monotonic() - stageFrom) / 1000);
  const progress = (stage: Stage, total: number, done: number, perSecond: number): void => {
    onProgress({
      round: order.id,
      month: order.month,
      stage,
      total,
      done,
      perSecond,
      reported: sums.reported,
      answered: count.answered,
      refused: count.excluded,
      checked: count.checked,
      secondsLeft: perSecond > 0 ? Math.ceil((total - done) / perSecond) : null,
    });
  };
  const reportOf = (resumed: boolean, stopped: string | null): RoundReport => ({
    round: order.id,
    month: order.month,
    ...count,
    ...sums,
    resumed,
    stopped,
  });
  const sweep = {
    law,
    gateTables: gate.tables,
    ranges: scopeRanges(paper, options.clocks.calendar()),
    ports: gate.mandate.ports.filter(port => port.acts.includes('sweep')).map(port => port.port),
    key: Buffer.from(order.permutationKey, 'hex'),
    shardSize: SHARD,
    ledgerFile: join(folder, 'ledger'),
    driver,
    calendarOffsetMs: options.calendarOffsetMs,
    signal,
    onProgress: (p: SweepProgress) => {
      Object.assign(count, { total: p.total, sent: p.sent, excluded: p.excluded, answered: p.answered });
      progress('sweep', p.total, p.done, p.perSecond);
    },
  };
  const take = ({ total, sent, excluded, answered }: SweepResult) =>
    void Object.assign(count, { total, sent, excluded, answered });
  if (dry) {
    // It counts what would be sent. Nothing is kept of it: the round itself is still to be run.
    const swept = await runSweep({ ...sweep, onHit: () => {} });
    take(swept);
    return reportOf(false, swept.stopped ?? null);
  }

  const resumed = existsSync(sweep.ledgerFile);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(thrown, folder);
  }
  keepOrder(state, order, options.clocks.calendar());
  audit.append(resumed ? 'round-resume' : 'round-start', { round: order.id, month: order.month, mandate: gate.digest });
  const spool = openSpool(spoolFile(state, order.id));
  const answers = openHits(state, order.id);
  sums = spool.sums;

  const swept = await runSweep({
    ...sweep,
    beforeShard: (shard, from, to) => audit.append('sweep-shard', { round: order.id, shard, from, to }),
    onHit: hit => answers.add(hit),
    onShard: s => spool.append([{ type: 'sweep', sweep: { ...s, round: order.id } }]),
  });
  take(swept);

  const hits = answers.all();
  count.answered = hits.length;
  stageFrom = monotonic();
  const todo = hits.filter(hit => {
    const protocol = gate.protocolOf(hit.port);
    const service = { round: order.id, shard: 0, address: hit.address, port: hit.port, protocol: protocol ?? 'telnet' };
    return protocol !== undefined && !spool.has(observationId(service, lineKeyOf(options.recognition, hit.address)));
  });
  const before = hits.length - todo.length;
  count.checked = before;
  // A gate that closes for everybody, at the end of the hours say, leaves the rest of the services unchecked, not refused.
  let closed: Refusal | undefined = swept.stopped === 'asked' ? undefined : swept.stopped;
  const shut = new AbortController();
  const both = AbortSignal.any([signal, shut.signal]);
  if (!signal.aborted && closed === undefined)
    await runChecks(
      todo.map(hit => ({ address: hit.address, port: hit.port, protocol: gate.protocolOf(hit.port) ?? 'telnet' })),
      target => checkService(target, { ...parts.check, signal: both }),
      { concurrency: options.concurrency ?? CONVERSATIONS, signal: both },
      async (target, result) => {
        if (signal.aborted) return;
        if (UNDECIDED.has(result.reported)) {
          const refusal = gate.refuses(parseIpv4(target.address) ?? -1, target.port, 'identify');
          if (refusal !== undefined && FOR_ALL.has(refusal)) closed ??= refusal;
          if (closed !== undefined) {
            shut.abort();
            return;
          }
        }
        const service = { round: order.id, shard: 0, ...target };
        spool.append(await recordsOf(service, result, parts.keys, parts.catalogue.version));
        count.checked++;
        count.tries += result.tries;
        progress('probe', hits.length, count.checked, rateOf(count.checked - before));
      },
    );

  const stopped = signal.aborted ? 'asked to stop' : (closed ?? null);
  const report = reportOf(resumed, stopped);
  // A gate that closed leaves the round open: what was not sent is still owed when the paper allows it again.
  if (stopped !== null) {
    progress('stopped', hits.length, count.checked, rateOf(count.checked - before));
    return report;
  }
  audit.append('round-end', {
    round: order.id,
    sent: count.sent,
    excluded: count.excluded,
    answered: count.answered,
    tries: count.tries,
  });
  keepReport(state, report);
  answers.remove();
  progress('done', hits.length, count.checked, rateOf(count.checked - before));
  return report;
}
