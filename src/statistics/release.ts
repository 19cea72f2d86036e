/** A month's release: figures in canonical form with a digest. Frozen, it never changes; a correction is another release. */
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';
import type { MonthCounts, MonthFigures } from '../record/statistics.ts';
import { suppress } from './suppress.ts';

export interface Release {
  readonly month: string;
  /** RFC 8785 form of MonthFigures: the bytes that are published and digested. */
  readonly figures: string;
  readonly digest: string;
}

export function releaseOf(counts: MonthCounts): Release {
  const figures = canonical(suppress(counts));
  return { month: counts.month, figures, digest: sha256(figures) };
}

/** Reads published bytes back; undefined when they are not those of the digest. */
export function readRelease(release: Release): MonthFigures | undefined {
  return sha256(release.figures) === release.digest ? (JSON.parse(release.figures) as MonthFigures) : undefined;
}
