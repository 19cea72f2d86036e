/**
 * The gate for IPv6: may this act be done to this address and port now? Compiled from the mandate's IPv6 prefixes, the
 * consents and the exclusions, default deny, and asked right before each connect. In: paper and clocks. Out: a Gate6 whose
 * memory threads share. There is no list of targets to compare it with: IPv6 is never walked, only asked about by lists.
 */
import type { Prefix } from '../record/address.ts';
import { parsePrefix, prefixSize } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Act, Protocol } from '../record/glossary.ts';
import type { Clocks } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { GateTables, Refusal } from './authority.ts';
import { neverTouch } from './ceilings.ts';
import { consentEndOf } from './consents.ts';
import { watchInstant, watchMemory } from './instant-watch.ts';
import type { Paper } from './paper.ts';
import { ACT_BIT, actsByPort } from './port-acts.ts';
import { openParts6, space6Of } from './special-space6.ts';
import { checkToday } from './today.ts';

/** Why an address may not be probed, whatever the instant. */
export type Place6 = Extract<Refusal, 'reserved' | 'outside-scope' | 'excluded'>;

export interface Gate6 {
  readonly mandate: MandateBody;
  /** Hex SHA-256 of the canonical mandate body. */
  readonly digest: string;
  readonly tables: GateTables;
  /** Undefined when this act may be done now. */
  refuses(address: bigint, port: number, act: Act): Refusal | undefined;
  /** The same of the address alone. */
  refusesAddress(address: bigint): Place6 | undefined;
  /** The ISP whose consent covers the address. */
  ispOf(address: bigint): string | undefined;
  /** Closes prefixes at once in every thread that has these tables. */
  exclude(prefixes: readonly Prefix[]): void;
  stop(): void;
}

/** Disjoint spans by their first address, as pairs of 64-bit halves, so that they can be shared and cloned. */
interface Span {
  readonly from: bigint;
  /** Inclusive. */
  readonly to: bigint;
  readonly owner: number;
}

interface Compiled6 extends GateTables {
  readonly kind: 'gate6-tables/1';
  readonly mandate: MandateBody;
  readonly digest: string;
  /** Targets in space that may be probed. */
  readonly targets: readonly Span[];
  readonly consented: readonly Span[];
  readonly excluded: readonly Span[];
  readonly isps: readonly string[];
  readonly consentEnds: readonly number[];
  readonly control: Int32Array;
  /** How many exclusions were added since, and four words for each: first and last address in halves. */
  readonly addedCount: Int32Array;
  readonly added: BigUint64Array;
}

/** Exclusions that may be added while a sweep runs; one more stops everything. */
const MOST_ADDED = 4096;
const HALF = (1n << 64n) - 1n;

const spanOf = (p: Prefix, owner: number): Span => ({ from: p.base, to: p.base + prefixSize(p) - 1n, owner });

function merged(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const out: { from: bigint; to: bigint; owner: number }[] = [];
  for (const span of sorted) {
    const last = out.at(-1);
    if (last && last.owner === span.owner && span.from <= last.to + 1n) {
      if (span.to > last.to) last.to = span.to;
    } else out.push({ ...span });
  }
  return out;
}

function spanAt(spans: readonly Span[], address: bigint): Span | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as Span).from <= address) low = middle + 1;
    else high = middle;
  }
  const span = spans[low - 1];
  return span !== undefined && address <= span.to ? span : undefined;
}

const prefixes6 = (texts: readonly string[]): Prefix[] =>
  texts.flatMap(text => {
    const p = parsePrefix(text);
    return p?.family === 6 ? [p] : [];
  });

/** Whether a mandate names IPv6 that may be probed at all. */
export const namesIpv6 = (body: MandateBody): boolean =>
  body.targets.some(target => prefixes6(target.prefixes).some(p => openParts6(p).length > 0));

/** Throws Fault when nothing may be sent to any IPv6 address. */
export function compileGate6(paper: Paper, clocks: Clocks): Gate6 {
  const { body } = paper.mandate;
  checkToday(paper, clocks.calendar());
  const isps = paper.consents.map(c => c.body.isp);
  const targets = merged(
    body.targets.flatMap(t =>
      prefixes6(t.prefixes)
        .flatMap(openParts6)
        .map(p => spanOf(p, isps.indexOf(t.isp))),
    ),
  );
  if (targets.length === 0)
    throw new Fault(
      'mandate-refused',
      'no IPv6 address may be probed: the mandate names none in loopback, unique local or documentation space',
      'have one named that its ISP has consented to; globally routed space needs a proof of who holds it',
      { where: paper.where(['body', 'targets']) },
    );
  const compiled: Compiled6 = {
    kind: 'gate6-tables/1',
    mandate: body,
    digest: paper.digest,
    targets,
    consented: merged(
      paper.consents.flatMap((c, n) => prefixes6(c.body.prefixes.map(p => p.prefix)).map(p => spanOf(p, n))),
    ),
    excluded: merged(paper.exclusions.flatMap(e => (e.prefix.family === 6 ? [spanOf(e.prefix, 0)] : []))),
    isps,
    consentEnds: paper.consents.map(consentEndOf),
    control: watchMemory(),
    addedCount: new Int32Array(new SharedArrayBuffer(4)),
    added: new BigUint64Array(new SharedArrayBuffer(4 * 8 * MOST_ADDED)),
  };
  return gateOver(compiled, clocks);
}

/** The same gate in another thread, with a watch over its own clocks. */
export function gate6FromTables(tables: GateTables, clocks: Clocks): Gate6 {
  if (tables.kind !== 'gate6-tables/1') throw new TypeError('these are no tables of an IPv6 gate');
  return gateOver(tables as Compiled6, clocks);
}

function gateOver(tables: Compiled6, clocks: Clocks): Gate6 {
  const { mandate, digest, targets, consented, excluded, isps, consentEnds, addedCount, added } = tables;
  const acts = actsByPort(mandate);
  const protocols = new Map<number, Protocol>(mandate.ports.map(p => [p.port, p.protocol]));
  const watch = watchInstant(mandate, tables.control, clocks);

  function wasAdded(address: bigint): boolean {
    const count = Atomics.load(addedCount, 0);
    for (let n = 0; n < count; n++) {
      const at = 4 * n;
      const from = ((added[at] as bigint) << 64n) | (added[at + 1] as bigint);
      const to = ((added[at + 2] as bigint) << 64n) | (added[at + 3] as bigint);
      if (address >= from && address <= to) return true;
    }
    return false;
  }
  const refusesAddress = (address: bigint): Place6 | undefined => {
    const target = spanAt(targets, address);
    if (target === undefined) return space6Of(address) === 'reserved' ? 'reserved' : 'outside-scope';
    return spanAt(excluded, address) !== undefined || wasAdded(address) ? 'excluded' : undefined;
  };

  return {
    mandate,
    digest,
    tables,
    refusesAddress,
    refuses(address, port, act) {
      const now = clocks.calendar();
      const refusal = watch.refuses(now);
      if (refusal !== undefined) return refusal;
      const allowed = acts[port];
      if (!allowed || (allowed & ACT_BIT[act]) === 0)
        return neverTouch(port) ? 'never-touch' : protocols.has(port) ? 'act-not-named' : 'port-not-named';
      const place = refusesAddress(address);
      if (place !== undefined) return place;
      // Consent must be the target's own ISP's; an instant that is no number ends it.
      const owner = spanAt(consented, address)?.owner ?? -1;
      if (owner !== spanAt(targets, address)?.owner || !(now < (consentEnds[owner] ?? 0))) return 'consent-expired';
      return undefined;
    },
    ispOf: address => isps[spanAt(consented, address)?.owner ?? -1],
    exclude(prefixes) {
      for (const p of prefixes) {
        if (p.family !== 6) continue;
        const { from, to } = spanOf(p, 0);
        if (excluded.some(e => e.from <= from && to <= e.to)) continue;
        const n = Atomics.load(addedCount, 0);
        if (n >= MOST_ADDED) {
          watch.stop();
          return;
        }
        for (const [i, half] of [from >> 64n, from & HALF, to >> 64n, to & HALF].entries()) added[4 * n + i] = half;
        // The count last: another thread never reads half an entry.
        Atomics.store(addedCount, 0, n + 1);
      }
    },
    stop: watch.stop,
  };
}
