/**
 * The list of targets: which addresses a round walks over. Made by cutting ranges against the table of open space, apart
 * from the gate, which is made /24 by /24 and asked again for every packet. Exclusions are not taken out here: they only
 * close the gate, so that a new one never shifts the permutation of a round that is to be resumed.
 */
import { parsePrefix } from '../record/address.ts';
import type { Instant } from '../record/instant.ts';
import { consentEndOf, signedAtOf } from './consents.ts';
import type { Paper } from './paper.ts';
import { mergedRanges } from './range-table.ts';
import { isOpenSpace, SPACE_BLOCKS } from './special-space.ts';

export interface ScopeRange {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  readonly isp: string;
}

/** Sorted and disjoint. ISPs whose consent does not hold at `at` contribute nothing. */
export function scopeRanges(paper: Paper, at: Instant): ScopeRange[] {
  const { targets } = paper.mandate.body;
  const holds = new Set(paper.consents.filter(c => signedAtOf(c) <= at && at < consentEndOf(c)).map(c => c.body.isp));
  const pieces = targets.flatMap((target, owner) =>
    holds.has(target.isp)
      ? target.prefixes.flatMap(text => {
          const p = parsePrefix(text);
          if (p?.family !== 4) return [];
          const first = Number(p.base);
          const last = first + 2 ** (32 - p.length) - 1;
          return SPACE_BLOCKS.filter(b => isOpenSpace(b.space) && b.from <= last && b.to >= first).map(b => ({
            from: Math.max(b.from, first),
            to: Math.min(b.to, last),
            owner,
          }));
        })
      : [],
  );
  return mergedRanges(pieces).map(({ from, to, owner }) => ({ from, to, isp: targets[owner]?.isp as string }));
}
