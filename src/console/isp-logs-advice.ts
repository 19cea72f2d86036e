/**
 * What would let more cases be identified, most worth first. Pure. In: the verdicts of the last days, the logs with their gaps, what
 * is set aside. Out: for each refusal how many cases, what to do about it in words, and where exactly: which hours of which box are
 * missing, which log ends too early. A refusal that nothing can be done about says so.
 */
import type { IdentificationVerdict } from '../record/assignment.ts';
import { DAY, type Instant } from '../record/instant.ts';

export interface LogShown {
  readonly name: string;
  readonly format: string;
  readonly exporters: readonly {
    readonly exporter: string;
    readonly first: Instant;
    readonly through: Instant;
    readonly gaps: readonly { readonly from: Instant; readonly to: Instant }[];
  }[];
  readonly first: Instant;
  readonly through: Instant;
  readonly rows: number;
  readonly rejected: number;
}

export interface CaseSeen {
  readonly verdict: IdentificationVerdict;
  readonly seenAt: Instant;
}

export interface Missing {
  readonly source: string;
  readonly exporter: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Cases without a line that were seen in it. */
  readonly cases: number;
}

export interface Behind {
  readonly source: string;
  readonly exporter: string;
  readonly through: Instant;
}

export interface Advice {
  readonly verdict: Exclude<IdentificationVerdict, 'unique'>;
  readonly cases: number;
  /** By how many percentage points the share of identified cases could rise. */
  readonly points: number;
  readonly missing: readonly Missing[];
  readonly behind: readonly Behind[];
}

/** Where a finger can be pointed; what is further down the list is in the table of gaps. */
const POINTED_AT = 5;

/** Every gap that reaches into the window, the ones with most cases first, then the longest. */
export function missingIn(
  logs: readonly LogShown[],
  cases: readonly CaseSeen[],
  from: Instant,
  to: Instant,
): Missing[] {
  const refused = cases.filter(one => one.verdict === 'log_gap').map(one => one.seenAt);
  const found = logs.flatMap(log =>
    log.exporters.flatMap(({ exporter, gaps }) =>
      gaps
        .filter(gap => gap.to > from && gap.from < to)
        .map(gap => ({
          source: log.name,
          exporter,
          ...gap,
          cases: refused.filter(at => gap.from <= at && at <= gap.to).length,
        })),
    ),
  );
  return found.sort((a, b) => b.cases - a.cases || b.to - b.from - (a.to - a.from) || a.from - b.from);
}

/** Boxes that are not heard up to the newest case that waits for them; the furthest behind first. */
export function behindOf(logs: readonly LogShown[], cases: readonly CaseSeen[]): Behind[] {
  const newest = Math.max(...cases.filter(one => one.verdict === 'log_pending').map(one => one.seenAt));
  return logs
    .flatMap(log => log.exporters.map(({ exporter, through }) => ({ source: log.name, exporter, through })))
    .filter(one => one.through < newest)
    .sort((a, b) => a.through - b.through);
}

export function adviceFor(logs: readonly LogShown[], cases: readonly CaseSeen[], now: Instant, days: number): Advice[] {
  const counted = Map.groupBy(cases, one => one.verdict);
  const missing = missingIn(logs, cases, now - days * DAY, now).slice(0, POINTED_AT);
  const behind = behindOf(logs, cases).slice(0, POINTED_AT);
  return [...counted]
    .flatMap(([verdict, some]) =>
      verdict === 'unique'
        ? []
        : [
            {
              verdict,
              cases: some.length,
              points: (100 * some.length) / cases.length,
              missing: verdict === 'log_gap' ? missing : [],
              behind: verdict === 'log_pending' ? behind : [],
            },
          ],
    )
    .sort((a, b) => b.cases - a.cases || (a.verdict < b.verdict ? -1 : 1));
}
