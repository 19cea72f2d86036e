/**
 * What one round says, per weakness: its last finding and its last clear answer; and which services held a conversation
 * at all. Order and copies of the input do not matter: only greatest and least instants are kept.
 */
import type { FindingKind } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import type { Observation, Reported, SealedFinding } from '../record/observation.ts';

export interface Weakness {
  finding?: SealedFinding;
  /** The earliest finding of the round; meaningful with `finding`. */
  first: Instant;
  clearedAt?: Instant;
}

export interface RoundEvidence {
  readonly weaknesses: ReadonlyMap<string, Weakness>;
  /** Services (line and port) with which a conversation completed. */
  readonly conversed: ReadonlySet<string>;
}

export const keyOf = (lineKey: string, kind: FindingKind, port: number): string => `${lineKey} ${port} ${kind}`;
export const serviceOf = (lineKey: string, port: number): string => `${lineKey} ${port}`;

/** What a completed conversation reports. `inconclusive` may be silence, and `excluded` is nothing at all. */
const CONVERSED: ReadonlySet<Reported> = new Set<Reported>(['positive', 'clear', 'locked', 'not-a-login']);

/** Of two copies of a finding the later counts; at the same instant the sealed text decides, so that order does not. */
const supersedes = (a: SealedFinding, b: SealedFinding): boolean =>
  a.at !== b.at ? a.at > b.at : a.id !== b.id ? a.id > b.id : a.sealed > b.sealed;

/** Findings and observations of other rounds are ignored: each round is folded by itself. */
export function evidenceOf(
  findings: readonly SealedFinding[],
  observations: readonly Observation[],
  round: string,
): RoundEvidence {
  const weaknesses = new Map<string, Weakness>();
  const conversed = new Set<string>();
  const at = (key: string): Weakness => {
    const known = weaknesses.get(key) ?? { first: Number.POSITIVE_INFINITY };
    weaknesses.set(key, known);
    return known;
  };
  for (const finding of findings) {
    if (finding.round !== round) continue;
    const known = at(keyOf(finding.lineKey, finding.kind, finding.port));
    known.first = Math.min(known.first, finding.at);
    if (!known.finding || supersedes(finding, known.finding)) known.finding = finding;
  }
  for (const seen of observations) {
    if (seen.round !== round) continue;
    if (CONVERSED.has(seen.reported)) conversed.add(serviceOf(seen.lineKey, seen.port));
    for (const kind of seen.clears) {
      const known = at(keyOf(seen.lineKey, kind, seen.port));
      known.clearedAt = Math.max(known.clearedAt ?? seen.at, seen.at);
    }
  }
  return { weaknesses, conversed };
}
