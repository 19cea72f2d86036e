/**
 * What a sender tells the main thread, and when: hits and counts five times a second at most, ledger lines at least once
 * a second and when a shard ends. In: ends of indices as they come. Out: reports through the link.
 */
import type { Fate } from '../round/tally.ts';
import { noTally } from '../round/tally.ts';
import type { Link } from './link.ts';
import type { FoundHit } from './messages.ts';
import type { OpenShards } from './open-shards.ts';
import { makeSpeed } from './speed.ts';

const REPORT_EVERY = 200;
const LINES_EVERY = 900;

export interface Reporter {
  ended(index: number, fate: Fate): void;
  found(index: number, hit: FoundHit): void;
  departed(): void;
  /** When the next report is due, monotonic ms. */
  due(): number;
  /** Reports when it is due; `idle` says that nothing is held up by doing it early, for a shard that ended. */
  look(now: number, idle: boolean): void;
  /** The last report: nothing is in flight. */
  rest(now: number): void;
}

export function makeReporter(link: Link, shards: OpenShards, faults: () => number, start: number): Reporter {
  const tally = noTally();
  const speed = makeSpeed(start);
  let hits: FoundHit[] = [];
  let packets = 0;
  let reportedAt = start;
  let linedAt = start;

  function report(now: number, rest: boolean): void {
    reportedAt = now;
    const withLines = rest || shards.closed || now - linedAt >= LINES_EVERY;
    if (withLines) linedAt = now;
    const lines = withLines ? shards.lines(rest) : [];
    link.report({ hits, lines, tally: { ...tally }, packets, faults: faults(), perSecond: speed.at(now, tally) });
    hits = [];
  }

  return {
    ended(index, fate) {
      tally[fate]++;
      shards.end(index, fate);
    },
    found(index, hit) {
      hits.push(hit);
      shards.found([index, hit.at]);
    },
    departed() {
      packets++;
    },
    due: () => reportedAt + REPORT_EVERY,
    look(now, idle) {
      if (now >= reportedAt + REPORT_EVERY || (idle && shards.closed)) report(now, false);
    },
    rest: now => report(now, true),
  };
}
