/**
 * Which time a log speaks for. In: what is known of a source and its exporters. Out: whether a stretch of time is covered. About
 * anything else a log is silent, which is no proof of nobody.
 */
import type { Instant } from '../../record/instant.ts';
import type { Heard, HeardOf } from './hearing.ts';

export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

export interface ExporterInfo {
  /** The box that said so; the source's own name where the log names none. */
  readonly exporter: string;
  /** First and last instant heard, or declared complete. */
  readonly first: Instant;
  readonly through: Instant;
  /** Silences longer than the source allows, and stretches whose records are known to be lost. Ascending, apart. */
  readonly gaps: readonly Stretch[];
}

export interface SourceInfo {
  readonly name: string;
  readonly format: string;
  readonly exporters: readonly ExporterInfo[];
  /** The earliest first and the latest `through` of its exporters. */
  readonly first: Instant;
  readonly through: Instant;
  /** Holds in the index. */
  readonly rows: number;
  readonly rejected: number;
  readonly files: readonly {
    readonly file: string;
    readonly inode: number;
    readonly size: number;
    readonly offset: number;
  }[];
}

type Of = Pick<SourceInfo, 'name' | 'format' | 'rows' | 'rejected' | 'files'> & { readonly heard: Heard };

export function sourceInfo({ name, format, rows, rejected, files, heard }: Of): SourceInfo {
  const raw = Object.entries(heard.exporters).filter(([, of]) => of.stretches.length > 0);
  const last = Math.max(...raw.map(([, of]) => of.stretches.at(-1)?.[1] ?? 0));
  const declared = heard.through ?? Number.NEGATIVE_INFINITY;
  const reached = heard.capped ? declared : Math.max(declared, last);
  const exporters = raw.map(([exporter, of]) => exporterInfo(exporter, of, heard, reached));
  const first = Math.min(...exporters.map(e => e.first));
  const through = Math.max(...exporters.map(e => e.through));
  return { name, format, exporters, first, through, rows, rejected, files };
}

/** `reached`: how far the source as a whole is complete. */
function exporterInfo(exporter: string, of: HeardOf, heard: Heard, reached: Instant): ExporterInfo {
  const { keptFrom = Number.NEGATIVE_INFINITY, silenceMs = Number.POSITIVE_INFINITY } = heard;
  const ends = of.stretches.map(([, to]) => to);
  const last = ends.at(-1) as Instant;
  // Who fell silent for longer than is allowed is not awaited: what it did since is unknown.
  const silent = reached - last > silenceMs;
  const complete = heard.through !== undefined ? Math.max(heard.through, heard.capped ? 0 : last) : last;
  const through = silent ? reached : complete;
  const gaps = of.stretches.slice(1).map(([from], n) => ({ from: ends[n] as Instant, to: from }));
  if (silent) gaps.push({ from: last, to: reached });
  gaps.push(...of.lost.map(([from, to]) => ({ from, to })));
  const first = Math.max(of.stretches[0]?.[0] as Instant, keptFrom);
  return { exporter, first, through, gaps: apart(gaps).filter(gap => gap.to > first) };
}

/** Ascending, those that meet as one. */
function apart(gaps: readonly Stretch[]): Stretch[] {
  const out: { from: Instant; to: Instant }[] = [];
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && gap.from <= last.to) last.to = Math.max(last.to, gap.to);
    else out.push({ ...gap });
  }
  return out;
}

/** `gap`: records are missing. `before`: older than the log. `pending`: later than it reaches, so a newer log may tell. */
export type Coverage = 'covered' | 'gap' | 'before' | 'pending';

const WORST: readonly Coverage[] = ['covered', 'gap', 'before', 'pending'];

function exporterCovers({ first, through, gaps }: ExporterInfo, from: Instant, to: Instant): Coverage {
  if (to > through) return 'pending';
  if (from < first) return 'before';
  // Gaps are ascending and apart: the first that ends after `from` is the only one that can begin soon enough.
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((gaps[middle] as Stretch).to > from) high = middle;
    else low = middle + 1;
  }
  const gap = gaps[low];
  return gap !== undefined && gap.from < to ? 'gap' : 'covered';
}

/** Of one exporter where it is named, else the worst of all: any of them might have spoken of the address. */
export function coveredBy(source: SourceInfo, from: Instant, to: Instant, exporter?: string): Coverage {
  const asked = exporter === undefined ? source.exporters : source.exporters.filter(e => e.exporter === exporter);
  if (asked.length === 0) return 'before';
  const each = asked.map(e => WORST.indexOf(exporterCovers(e, from, to)));
  return WORST[Math.max(...each)] as Coverage;
}
