/** What the sender of frames tells the main thread, and when: counts five times a second, lines of shards once a second. */

import { noTally } from '../../round/tally.ts';
import { makeSpeed } from '../speed.ts';
import type { Runs } from './runs.ts';
import type { SendLink } from './send-messages.ts';

const REPORT_EVERY = 200;
const LINES_EVERY = 900;

export interface SendReporter {
  canary(number: number): void;
  fault(frames: number): void;
  /** When the next report is due, monotonic ms. */
  due(): number;
  look(now: number): void;
  /** The last report: nothing more leaves. */
  rest(now: number): void;
}

export function makeSendReporter(link: SendLink, runs: Runs, canaries: number, start: number): SendReporter {
  const speed = makeSpeed(start);
  const canaryCounts = new Array<number>(canaries).fill(0);
  let faults = 0;
  let reportedAt = start;
  let linedAt = start;

  function report(now: number, rest: boolean): void {
    reportedAt = now;
    const withLines = rest || runs.closed || now - linedAt >= LINES_EVERY;
    const { sent, excluded, known } = runs.counts();
    if (withLines) linedAt = now;
    const perSecond = speed.at(now, { ...noTally(), silent: sent, excluded, known });
    const lines = withLines ? runs.lines(rest) : [];
    link.report({ lines, sent, excluded, known, faults, canaries: [...canaryCounts], perSecond });
  }

  return {
    canary(number) {
      canaryCounts[number] = (canaryCounts[number] as number) + 1;
    },
    fault(frames) {
      faults += frames;
    },
    due: () => reportedAt + REPORT_EVERY,
    look(now) {
      if (now >= reportedAt + REPORT_EVERY) report(now, false);
    },
    rest: now => report(now, true),
  };
}
