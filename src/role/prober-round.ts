/**
 * One round at one prober: first the sweep over every shard, then one conversation after another with what answered.
 * Sweep and probes do not overlap, so that no address has two of our connections at once. Resumable at any point: the
 * ledger knows the sweep's cursor, the spool knows what was checked.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scopeRanges } from '../mandate/scope.ts';
import { parseIpv4 } from '../record/address.ts';
import { fileFault } from '../record/fault.ts';
import { type Hit, REPORTED, type Reported } from '../record/observation.ts';
import type { RoundProgress, RoundReport, Stage } from '../record/progress.ts';
import { checkService } from '../survey/credential/check.ts';
import { runChecks } from '../survey/probe/scheduler.ts';
import { runSweep } from '../survey/sweep/sweep.ts';
import { lineKeyOf, observationId, recordsOf } from './evidence.ts';
import type { RoundOrder } from './orders.ts';
import type { ProberParts } from './prober.ts';
import { openSpool, roundFolder, spoolFile } from './spool.ts';

/** (address, port) pairs in one shard. */
const SHARD = 1 << 16;
const CONVERSATIONS = 512;

export async function runRound(
  parts: ProberParts,
  order: RoundOrder,
  signal: AbortSignal,
  onProgress: (p: RoundProgress) => void,
): Promise<RoundReport> {
  const { options, paper, gate, audit } = parts;
  const folder = roundFolder(options.state, order.id);
  const file = (name: string) => join(folder, name);
  if (existsSync(file('report.json'))) return JSON.parse(readFileSync(file('report.json'), 'utf8')) as RoundReport;
  const resumed = existsSync(file('ledger'));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(thrown, folder);
  }

  if (!existsSync(file('order.json'))) writeFileSync(file('order.json'), JSON.stringify(order), { mode: 0o600 });

  const monotonic = options.clocks.monotonic;
  const reported = Object.fromEntries(REPORTED.map(name => [name, 0])) as Record<Reported, number>;
  const count = { total: 0, sent: 0, excluded: 0, answered: 0, checked: 0, tries: 0, prompts: 0, findings: 0 };
  let stageFrom = monotonic();
  const progress = (stage: Stage, total: number, done: number, before = 0): void => {
    const seconds = Math.max(0.001, (monotonic() - stageFrom) / 1000);
    const perSecond = (done - before) / seconds;
    onProgress({
      round: order.id,
      month: order.month,
      stage,
      total,
      done,
      perSecond,
      reported,
      answered: count.answered,
      refused: count.excluded,
      checked: count.checked,
      secondsLeft: perSecond > 0 ? Math.ceil((total - done) / perSecond) : null,
    });
  };

  audit.append(resumed ? 'round-resume' : 'round-start', { round: order.id, month: order.month, mandate: gate.digest });
  const spool = openSpool(spoolFile(options.state, order.id));

  const swept = await runSweep({
    gateTables: gate.tables,
    ranges: scopeRanges(paper, options.clocks.calendar()),
    ports: gate.mandate.ports.filter(port => port.acts.includes('sweep')).map(port => port.port),
    key: Buffer.from(order.permutationKey, 'hex'),
    shardSize: SHARD,
    ledgerFile: file('ledger'),
    driver: options.driver,
    calendarOffsetMs: options.calendarOffsetMs,
    signal,
    beforeShard: (shard, from, to) => audit.append('sweep-shard', { round: order.id, shard, from, to }),
    onHit: hit => appendFileSync(file('hits'), `${hit.address} ${hit.port} ${hit.at}\n`, { mode: 0o600 }),
    onProgress: p => {
      Object.assign(count, { total: p.total, sent: p.sent, excluded: p.excluded, answered: p.answered });
      progress('sweep', p.total, p.done);
    },
    onShard: s => spool.append([{ type: 'sweep', sweep: { ...s, round: order.id } }]),
  });
  Object.assign(count, { total: swept.total, sent: swept.sent, excluded: swept.excluded, answered: swept.answered });

  const hits = readHits(file('hits'));
  count.answered = hits.length;
  stageFrom = monotonic();
  const todo = hits.filter(hit => {
    const protocol = gate.protocolOf(hit.port);
    const service = { round: order.id, shard: 0, address: hit.address, port: hit.port, protocol: protocol ?? 'telnet' };
    return protocol !== undefined && !spool.has(observationId(service, lineKeyOf(options.recognition, hit.address)));
  });
  const before = hits.length - todo.length;
  count.checked = before;
  if (!signal.aborted)
    await runChecks(
      todo.map(hit => ({ address: hit.address, port: hit.port, protocol: gate.protocolOf(hit.port) ?? 'telnet' })),
      target => checkService(target, { ...parts.check, signal }),
      { concurrency: options.concurrency ?? CONVERSATIONS, signal },
      async (target, result) => {
        if (signal.aborted) return;
        const service = { round: order.id, shard: 0, ...target };
        const records = await recordsOf(service, result, gate, parts.keys, parts.catalogue.version);
        spool.append(records);
        count.checked++;
        count.tries += result.tries;
        count.prompts += Number(result.prompt);
        count.findings += records.filter(record => record.type === 'finding').length;
        reported[result.reported]++;
        progress('probe', hits.length, count.checked, before);
      },
    );

  const stopped = signal.aborted ? 'asked to stop' : (swept.stopped ?? null);
  const report: RoundReport = { round: order.id, month: order.month, ...count, reported, resumed, stopped };
  // A gate that closed leaves the round open: what was not sent is still owed when the paper allows it again.
  if (stopped !== null) {
    progress('stopped', hits.length, count.checked, before);
    return report;
  }
  audit.append('round-end', {
    round: order.id,
    sent: count.sent,
    excluded: count.excluded,
    answered: count.answered,
    tries: count.tries,
  });
  writeFileSync(file('report.json'), JSON.stringify(report), { mode: 0o600 });
  // Who answered is needed for a resume only; a list of open ports does not outlive its round.
  rmSync(file('hits'), { force: true });
  progress('done', hits.length, count.checked, before);
  return report;
}

/** At-least-once sweeping may find the same service twice after a crash; here it counts once. */
function readHits(file: string): Hit[] {
  if (!existsSync(file)) return [];
  const hits = new Map<string, Hit>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const [address, port, at] = line.split(' ');
    if (address && parseIpv4(address) !== undefined && port && at)
      hits.set(`${address} ${port}`, { address, port: Number(port), at: Number(at) });
  }
  return [...hits.values()];
}
