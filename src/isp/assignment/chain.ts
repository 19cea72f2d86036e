/**
 * The steps between the address a finding names and the address a log speaks of. A rule (MAP-E, MAP-T, deterministic NAT)
 * or a log that names an inside address instead of a line leads from one address of ours to the next; each step is asked at the
 * same instant, and every step's doubt adds up. Here are the shapes that the rules give; `identify` follows them.
 */
import { formatAddress, parseAddress } from '../../record/address.ts';
import type { IdentificationVerdict } from '../../record/assignment.ts';
import type { Instant } from '../../record/instant.ts';

/** When a rule counts: from `validFrom` (always, when absent) until just before `validTo` (for ever, when absent). ms UTC. */
export interface Valid {
  readonly validFrom?: Instant | undefined;
  readonly validTo?: Instant | undefined;
}

/** Why a rule leads nowhere; `identify` passes verdict and reason on as they are. */
export type NoStep = Extract<
  IdentificationVerdict,
  /** No customer ever gets this port: A = 0 of MAP (RFC 7597 §5.1), system ports, the rest of a last block. */
  | 'shared_port_impossible'
  /** The rule covers the address, but gives this (address, port) to nobody. */
  | 'none_unassigned'
  /** No rule at that instant; a rule not yet proven by two live mappings; ports that only a log would explain. */
  | 'log_gap'
  /** Two rules at one instant lead to different places. */
  | 'ambiguous_overlap'
  /** A live mapping that was seen contradicts the rule. */
  | 'conflict_sources'
  /** The rules change within the error of the clocks; never given by a rule itself. */
  | 'ambiguous_edge'
>;

/** Where a rule leads from (address, port). */
export type Onward =
  /** To a delegated prefix, whose holder the prefix delegation log names. Bits beyond `length` are zero. */
  | { readonly to: 'prefix'; readonly prefix: bigint; readonly length: number }
  /** To the whole of an address inside, whose holder the log of the inside pool names. */
  | { readonly to: 'inside'; readonly address: number }
  | { readonly to: 'none'; readonly verdict: NoStep; readonly why: string };

/**
 * MAP-E and MAP-T: `delegatedPrefixOf(rules, address, port, at)`, pure and total. Of the rules valid at `at` the longest
 * IPv4 prefix counts; two as long that lead apart are ambiguous_overlap. The caller asks at every instant between which the
 * rules change, so a rule looks at `at` alone and adds no tolerance of its own.
 */
export type DelegatedPrefixOf<Rule extends Valid> = (
  rules: readonly Rule[],
  address: number,
  port: number,
  at: Instant,
) => Onward;

/**
 * Deterministic NAT: `insideOf(rule, address, port)`, pure and total. A rule that fewer than two known live mappings prove leads
 * nowhere (log_gap); one that a live mapping contradicts leads nowhere either (conflict_sources). Validity is the caller's.
 */
export type InsideOf<Rule> = (rule: Rule, address: number, port: number) => Onward;

export const isValid = (rule: Valid, at: Instant): boolean =>
  (rule.validFrom === undefined || rule.validFrom <= at) && (rule.validTo === undefined || at < rule.validTo);

/** The instants at which rules begin or end; ascending, each once. */
export function changesOf(rules: readonly Valid[]): Instant[] {
  const all = new Set(rules.flatMap(({ validFrom, validTo }) => [validFrom, validTo]).filter(at => at !== undefined));
  return [...all].sort((a, b) => a - b);
}

/** How a pool leads on: where its rules lead at a moment, and when they change. */
export interface Leads {
  readonly changes: readonly Instant[];
  ask(address: number, port: number, moment: Instant): Onward;
}

export const sameOnward = (a: Onward, b: Onward): boolean =>
  a.to === 'prefix'
    ? b.to === 'prefix' && a.prefix === b.prefix && a.length === b.length
    : a.to === 'inside'
      ? b.to === 'inside' && a.address === b.address
      : b.to === 'none' && a.verdict === b.verdict;

/**
 * What a log names in place of a line when it does not know the line: the customer's side of the box. A carrier NAT logs an
 * inside IPv4 address, in `realm` where private addresses repeat (its VRF); an AFTR (DS-Lite) or NAT64 logs an IPv6 address.
 */
export type Behind =
  | { readonly family: 4; readonly address: number; readonly realm: string }
  | { readonly family: 6; readonly address: bigint };

const MARK = '@';

/** As the `subscriber` of an event: `@10.0.0.9`, `@blue/10.0.0.9`, `@2001:db8::1`. No line id may begin with `@`. */
export function behindText(behind: Behind): string {
  const address = formatAddress({ family: behind.family, value: BigInt(behind.address) });
  return behind.family === 4 && behind.realm !== '' ? `${MARK}${behind.realm}/${address}` : `${MARK}${address}`;
}

/** Undefined when the subscriber is a line, and when it is marked but names no address (nobody is found behind that). */
export function behindOf(subscriber: string): Behind | undefined {
  if (!subscriber.startsWith(MARK)) return undefined;
  const slash = subscriber.lastIndexOf('/');
  const address = parseAddress(subscriber.slice(slash < 0 ? MARK.length : slash + 1));
  if (!address) return undefined;
  if (address.family === 6) return slash < 0 ? { family: 6, address: address.value } : undefined;
  return { family: 4, address: Number(address.value), realm: slash < 0 ? '' : subscriber.slice(MARK.length, slash) };
}

/** Whether the subscriber of an event stands for an address and not for a line. */
export const isBehind = (subscriber: string): boolean => subscriber.startsWith(MARK);
