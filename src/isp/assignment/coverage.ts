/**
 * Which time a log speaks for. In: what is known of a source and its exporters. Out: whether a stretch of time is covered. About
 * anything else a log is silent, which is no proof of nobody.
 */
import type { Instant } from '../../record/instant.ts';

export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

export interface ExporterInfo {
  /** The box that said so; the source's own name where the log names none. */
  readonly exporter: string;
  /** First and last instant heard. */
  readonly first: Instant;
  readonly through: Instant;
  /** Silences longer than the source allows, and stretches whose records are known to be lost. Ascending. */
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

/** `gap`: records are missing. `before`: older than the log. `pending`: later than it reaches, so a newer log may tell. */
export type Coverage = 'covered' | 'gap' | 'before' | 'pending';

const WORST: readonly Coverage[] = ['covered', 'gap', 'before', 'pending'];

function exporterCovers({ first, through, gaps }: ExporterInfo, from: Instant, to: Instant): Coverage {
  if (to > through) return 'pending';
  if (from < first) return 'before';
  return gaps.some(gap => gap.from < to && from < gap.to) ? 'gap' : 'covered';
}

/** Of one exporter where it is named, else the worst of all: any of them might have spoken of the address. */
export function coveredBy(source: SourceInfo, from: Instant, to: Instant, exporter?: string): Coverage {
  const asked = exporter === undefined ? source.exporters : source.exporters.filter(e => e.exporter === exporter);
  if (asked.length === 0) return 'before';
  const each = asked.map(e => WORST.indexOf(exporterCovers(e, from, to)));
  return WORST[Math.max(...each)] as Coverage;
}
