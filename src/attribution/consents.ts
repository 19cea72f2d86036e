/**
 * Which ISP answers for an address at an instant. In: every consent that was ever filed, the pinned keys. Out: a look-up
 * that names the ISP, its pool and the key to seal to, or refuses with a reason. The instant is the finding's own, never
 * "now": a finding made before a transfer belongs to who held the prefix then.
 *
 * An ISP's last word counts: from the instant a new list is signed the older one says nothing any more, so a prefix that
 * was left out is gone, even if the older list would still be young enough.
 */
import { CONSENT_LASTS } from '../mandate/ceilings.ts';
import { verifyBody } from '../mandate/keys.ts';
import { parseAddress, parsePrefix } from '../record/address.ts';
import type { PoolKind } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import { instantOf } from '../record/instant.ts';
import type { Consent, Trust } from '../record/mandate.ts';
import type { Labelled, Ranges } from './ranges.ts';
import { CONTESTED, compileRanges } from './ranges.ts';

/**
 * unregistered  no consent in force names the address
 * expired       a consent names it, but none of that ISP's is in force at the instant
 * overlapping   two ISPs name it at the instant; it is handed to neither
 * malformed     not an address
 */
export const ATTRIBUTION_REFUSALS = ['unregistered', 'expired', 'overlapping', 'malformed'] as const;
export type AttributionRefusal = (typeof ATTRIBUTION_REFUSALS)[number];

export interface Responsible {
  readonly isp: string;
  readonly pool: PoolKind;
  /** Raw X25519 key to seal to, base64url, from the consent in force at the instant. */
  readonly sealing: string;
}
export type Attribution = Responsible | { readonly refused: AttributionRefusal };

export interface Attributor {
  ispAt(address: string, at: Instant): Attribution;
  /** The same for an unsigned IPv4 number. */
  ispAtIpv4(address: number, at: Instant): Attribution;
  /** Consents that were left out, and why: nothing unsigned attributes anything. */
  readonly left: readonly {
    readonly isp: string;
    readonly signedAt: string;
    readonly why: 'signature' | 'malformed';
  }[];
}

interface Filed {
  readonly isp: string;
  readonly from: Instant;
  /** First instant at which it no longer speaks: 40 days, or the next list. */
  readonly to: Instant;
  readonly entries: readonly { readonly prefix: string; readonly pool: PoolKind }[];
  readonly sealing: string;
}

function filed(consents: readonly Consent[], trust: Pick<Trust, 'isps'>, left: Attributor['left'][number][]): Filed[] {
  const good: Omit<Filed, 'to'>[] = [];
  for (const { body, signatures } of consents) {
    const keys = Object.hasOwn(trust.isps, body.isp) ? (trust.isps[body.isp] ?? []) : [];
    const from = instantOf(body.signedAt);
    if (!signatures.some(s => s.by === body.isp && verifyBody(body, s, keys)))
      left.push({ isp: body.isp, signedAt: body.signedAt, why: 'signature' });
    else if (from === undefined || body.prefixes.some(p => !parsePrefix(p.prefix)))
      left.push({ isp: body.isp, signedAt: body.signedAt, why: 'malformed' });
    else good.push({ isp: body.isp, from, entries: body.prefixes, sealing: body.sealing });
  }
  return good.map(one => {
    const next = good.filter(o => o.isp === one.isp && o.from > one.from).map(o => o.from);
    return { ...one, to: Math.min(one.from + CONSENT_LASTS, ...next) };
  });
}

export function compileConsents(consents: readonly Consent[], trust: Pick<Trust, 'isps'>): Attributor {
  const left: Attributor['left'][number][] = [];
  const all = filed(consents, trust, left);
  const holders: Responsible[] = [];
  const labelled = (some: readonly Filed[]): Labelled[] =>
    some.flatMap(({ isp, entries, sealing }) =>
      entries.map(({ prefix, pool }) => ({
        prefix: parsePrefix(prefix) ?? { family: 4, base: 0n, length: 32 },
        owner: isp,
        label: holders.push({ isp, pool, sealing }) - 1,
      })),
    );
  /** Anything any consent ever named, in force or not: tells "expired" from "unregistered". */
  const ever = compileRanges(labelled(all));
  // Between two of these instants the set of consents in force does not change.
  const edges = [...new Set(all.flatMap(f => [f.from, f.to]))].sort((a, b) => a - b);
  const epochs = new Map<number, Ranges>();
  const rangesAt = (at: Instant): Ranges => {
    let epoch = -1;
    while (epoch + 1 < edges.length && (edges[epoch + 1] as number) <= at) epoch++;
    const known = epochs.get(epoch);
    if (known) return known;
    const made = compileRanges(labelled(all.filter(f => f.from <= at && at < f.to)));
    epochs.set(epoch, made);
    return made;
  };
  const answer = (label: number, known: () => number): Attribution => {
    if (label >= 0) return holders[label] as Responsible;
    if (label === CONTESTED) return { refused: 'overlapping' };
    const ago = known();
    return { refused: ago >= 0 || ago === CONTESTED ? 'expired' : 'unregistered' };
  };
  return {
    left,
    ispAt: (text, at) => {
      const address = parseAddress(text);
      if (!address) return { refused: 'malformed' };
      return answer(rangesAt(at).at(address), () => ever.at(address));
    },
    ispAtIpv4: (address, at) => answer(rangesAt(at).atIpv4(address), () => ever.atIpv4(address)),
  };
}
