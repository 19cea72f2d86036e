/**
 * The record of a sweep: what was asked of whom, how, when, and what came of it, so that anyone with the paper and the
 * audit log (which holds the key) can do it again. In: facts. Out: one JSON file in the state folder, written anew by each
 * run that goes on. It names no target.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, sha256 } from '../record/digest.ts';
import { fileFault } from '../record/fault.ts';
import { type Instant, isoOf } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { SweepOptions, SweepResult } from '../survey/sweep/sweep.ts';

export interface SweepFacts {
  readonly month: string;
  readonly mandate: MandateBody;
  readonly digest: string;
  readonly options: SweepOptions;
  /** The text of the exclusions when it began. */
  readonly exclusions: string;
  readonly from: Instant;
  readonly to: Instant;
}

interface Run {
  readonly from: string;
  readonly to: string;
  readonly [name: string]: unknown;
}

const version = (): string => {
  try {
    const file = new URL('../../../package.json', import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version ?? 'unknown';
  } catch {
    return 'unknown';
  }
};

/** A sweep keeps its name over all its runs: the month it began in is not part of what it is. */
export const recordFile = (state: string, key: Uint8Array): string =>
  join(state, `sweep-${sha256(key).slice(0, 12)}.json`);

function runsBefore(file: string): readonly Run[] {
  if (!existsSync(file)) return [];
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { runs: readonly Run[] }).runs ?? [];
  } catch {
    return [];
  }
}

const recallOf = ({ sent, answered }: { sent: number; answered: number }): number | null =>
  sent === 0 ? null : Math.round((answered / sent) * 10_000) / 10_000;

/** What one run did, when it has a result. One that was stopped by an error has none. */
function outcome(result: SweepResult): Readonly<Record<string, unknown>> {
  const { raw } = result;
  return {
    driver: result.driver,
    why: result.why,
    note: result.note,
    interface: raw?.interface ?? null,
    source: raw?.source ?? null,
    sourcePort: raw?.sourcePort ?? null,
    packets: result.packets,
    retries: result.faults,
    resumed: result.resumed,
    stopped: result.stopped ?? null,
    ...(raw
      ? {
          rst: raw.rst,
          icmp: raw.icmp,
          prohibited: raw.prohibited,
          kernelDrops: raw.kernelDrops,
          badCookie: raw.badCookie,
          outOfScope: raw.outOfScope,
          duplicates: raw.duplicates,
          selfAudited: raw.judged,
          canaries: { ...raw.canaries, recall: recallOf(raw.canaries) },
          alarms: raw.alarms,
        }
      : {}),
  };
}

/** Throws Fault when it cannot be written. Out: the file. */
export function writeRecord(state: string, facts: SweepFacts, result: SweepResult): string {
  const { options, mandate } = facts;
  const { list } = options;
  const file = recordFile(state, options.key);
  const run: Run = { from: isoOf(facts.from), to: isoOf(facts.to), ...outcome(result) };
  const record = {
    format: 'notice-sweep-record/1',
    version: version(),
    month: facts.month,
    mandate: mandate.id,
    mandateDigest: facts.digest,
    targets: list
      ? { list: sha256(list.list.bytes), addresses: list.list.count }
      : {
          ranges: digestOf(options.ranges),
          addresses: options.ranges.reduce((sum, r) => sum + r.to - r.from + 1, 0),
        },
    exclusions: sha256(facts.exclusions),
    ports: options.ports,
    keyCommitment: sha256(options.key),
    permutation: 'keyed mix of 2^k, three rounds, cycle walk; see survey/round/permutation.ts',
    shardSize: options.shardSize,
    policy: options.policy ?? 'at-least-once',
    passes: options.passes ?? 1,
    passGapMs: options.passGapMs ?? 0,
    bypass: options.bypass ?? false,
    driverAsked: options.driver,
    rates: { total: mandate.limits.total, perIsp: mandate.limits.perIsp, per24: mandate.limits.per24 },
    hours: mandate.hours,
    done: result.done,
    counts: {
      total: result.total,
      sent: result.sent,
      excluded: result.excluded,
      known: result.known,
      answered: result.answered,
      ...Object.fromEntries(Object.entries(result.tally).map(([fate, count]) => [`fate-${fate}`, count])),
    },
    runs: [...runsBefore(file), run],
  };
  try {
    writeFileSync(`${file}.part`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.part`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return file;
}
