/**
 * The gate: may this act be done to this address and port now? Compiled from the paper, on its own, apart from the list of
 * targets (scope.ts), and asked where the frame is filled or the socket opened. In: paper and clocks. Out: a Gate whose
 * memory threads share, so that an exclusion or a stop holds everywhere at once. It only ever closes: nothing reopens it.
 */
import type { Prefix } from '../record/address.ts';
import { parseAddress, parsePrefix, prefixContains, prefixSize } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Protocol } from '../record/glossary.ts';
import type { Clocks } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { FrameGate, Gate, GateTables, Refusal } from './authority.ts';
import type { BitmapMemory } from './bitmap.ts';
import { closeRange, countOpen, isOpen, isOpenPlain, makeBitmap, openRange } from './bitmap.ts';
import { neverTouch } from './ceilings.ts';
import { consentEndOf } from './consents.ts';
import { namesIpv6 } from './gate6.ts';
import { watchInstant, watchMemory } from './instant-watch.ts';
import type { Paper } from './paper.ts';
import { ACT_BIT, actsByPort } from './port-acts.ts';
import type { Range, RangeTable } from './range-table.ts';
import { ownerAt, rangeTable } from './range-table.ts';
import { isOpenSpace, spaceOf } from './special-space.ts';
import { checkToday } from './today.ts';

/** What crosses to a worker. `kind` tells it from anything else that has a mandate. */
interface Compiled extends GateTables {
  readonly kind: 'gate-tables/1';
  readonly mandate: MandateBody;
  readonly digest: string;
  readonly open: BitmapMemory;
  /** Targets in space that may be probed, before exclusions: tells `excluded` from `outside-scope`. */
  readonly targets: RangeTable;
  readonly consented: RangeTable;
  readonly isps: readonly string[];
  /** Per ISP: the instant from which its consent no longer holds. */
  readonly consentEnds: readonly number[];
  readonly control: Int32Array;
}

export interface CompiledGate extends FrameGate {
  /** Closes prefixes at once in every thread that has these tables. IPv6 is not surveyed and is ignored. */
  exclude(prefixes: readonly Prefix[]): void;
  /** Closes everything, in every thread, for good. */
  stop(): void;
}

const spanOf = (p: Prefix) => ({ from: Number(p.base), to: Number(p.base + prefixSize(p) - 1n) });

const rangesOf = (owner: number, texts: readonly string[]): Range[] =>
  texts.flatMap(text => {
    const p = parsePrefix(text);
    return p?.family === 4 ? [{ ...spanOf(p), owner }] : [];
  });

/** The parts of a range in space that may be probed; /24 by /24, because no kind of space is finer than that. */
function openParts(range: Range): Range[] {
  const parts: Range[] = [];
  let start = -1;
  for (let net = range.from >>> 8; net <= range.to >>> 8; net++) {
    const allowed = isOpenSpace(spaceOf(net * 256));
    if (allowed && start < 0) start = net * 256;
    if (!allowed && start >= 0) {
      parts.push({ from: Math.max(range.from, start), to: net * 256 - 1, owner: range.owner });
      start = -1;
    }
  }
  if (start >= 0) parts.push({ from: Math.max(range.from, start), to: range.to, owner: range.owner });
  return parts;
}

/**
 * Throws Fault when nothing may be sent: expired, not yet, not published, a consent too old, or no address left. With
 * `lists` a mandate of IPv6 alone compiles to a gate that lets no IPv4 through; gate6.ts has the rest.
 */
export function compileGate(paper: Paper, clocks: Clocks, lists = false): CompiledGate {
  const { body } = paper.mandate;
  checkToday(paper, clocks.calendar());
  const isps = paper.consents.map(c => c.body.isp);
  const parts = body.targets.flatMap(t => rangesOf(isps.indexOf(t.isp), t.prefixes).flatMap(openParts));
  if (parts.length === 0 && !(lists && namesIpv6(body)))
    throw new Fault(
      'mandate-refused',
      'no address may be probed: globally routed space needs a proof of who holds it, which cannot be checked yet',
      'name loopback, private, documentation or benchmark space',
      { where: paper.where(['body', 'targets']) },
    );
  const open = makeBitmap(parts.length * 2 + paper.exclusions.length + 4096);
  for (const part of parts) openRange(open, part.from, part.to);
  const compiled: Compiled = {
    kind: 'gate-tables/1',
    mandate: body,
    digest: paper.digest,
    open,
    targets: rangeTable(parts),
    consented: rangeTable(
      paper.consents.flatMap((c, n) =>
        rangesOf(
          n,
          c.body.prefixes.map(p => p.prefix),
        ),
      ),
    ),
    isps,
    consentEnds: paper.consents.map(consentEndOf),
    control: watchMemory(),
  };
  const gate = gateOver(compiled, clocks);
  gate.exclude(paper.exclusions.map(e => e.prefix));
  if (parts.length > 0 && parts.every(part => countOpen(open, part.from, part.to) === 0))
    throw new Fault('mandate-refused', 'every address of the mandate is excluded', 'shorten the exclusions', {
      where: paper.files.exclusions,
    });
  return gate;
}

/** The same gate in another thread. It starts its own watch over its own clocks; a jump seen by one holds for all. */
export function gateFromTables(tables: GateTables, clocks: Clocks): CompiledGate {
  if (tables.kind !== 'gate-tables/1') throw new TypeError('these are no gate tables');
  return gateOver(tables as Compiled, clocks);
}

/** How many addresses of an inclusive range this gate's memory leaves open, exclusions taken out; whatever the hour. */
export const openAddresses = (gate: Gate, from: number, to: number): number =>
  countOpen((gate.tables as Compiled).open, from, to);

function gateOver(tables: Compiled, clocks: Clocks): CompiledGate {
  const { mandate, digest, open, targets, consented, isps, consentEnds, control } = tables;
  const acts = actsByPort(mandate);
  const protocols = new Map<number, Protocol>(mandate.ports.map(p => [p.port, p.protocol]));
  const sources = mandate.sources.addresses.map(text => parsePrefix(text));
  const instant = watchInstant(mandate, control, clocks);
  const firstEnd = Math.min(...consentEnds);
  /** The instant of the last `now()`. */
  let batchAt = Number.NaN;
  /** Whether a consent may have ended by then, so that each frame must ask whose it is. */
  let someEnded = true;

  const whyClosed = (address: number): Refusal =>
    spaceOf(address) === 'reserved' ? 'reserved' : ownerAt(targets, address) >= 0 ? 'excluded' : 'outside-scope';

  const whyPort = (port: number): Refusal =>
    neverTouch(port) ? 'never-touch' : protocols.has(port) ? 'act-not-named' : 'port-not-named';
  // Written so that an instant that is no number ends every consent.
  const consentHolds = (address: number, now: number): boolean => now < (consentEnds[ownerAt(consented, address)] ?? 0);

  return {
    mandate,
    digest,
    tables,
    now() {
      batchAt = clocks.calendar();
      someEnded = !(batchAt < firstEnd);
      return instant.refuses(batchAt);
    },
    refusesFrame(address, port, act) {
      const allowed = acts[port];
      if (!allowed || (allowed & ACT_BIT[act]) === 0) return whyPort(port);
      if (!isOpenPlain(open, address)) return whyClosed(address);
      if (someEnded && !consentHolds(address, batchAt)) return 'consent-expired';
      return undefined;
    },
    refuses(address, port, act) {
      const now = clocks.calendar();
      const refusal = instant.refuses(now);
      if (refusal !== undefined) return refusal;
      const allowed = acts[port];
      if (!allowed || (allowed & ACT_BIT[act]) === 0) return whyPort(port);
      if (!isOpen(open, address)) return whyClosed(address);
      if (!(now < firstEnd) && !consentHolds(address, now)) return 'consent-expired';
      return undefined;
    },
    refusesSource(address) {
      const a = parseAddress(address.startsWith('::ffff:') ? address.slice(7) : address);
      return a && sources.some(p => p && prefixContains(p, a)) ? undefined : 'source-not-named';
    },
    ispOf: address => isps[ownerAt(consented, address)],
    protocolOf: port => protocols.get(port),
    exclude(prefixes) {
      for (const p of prefixes) {
        if (p.family !== 4) continue;
        const { from, to } = spanOf(p);
        // Only targets were ever open, so only they need closing: a very wide exclusion costs no more than the scope.
        for (let n = 0; n < targets.from.length; n++) {
          const first = Math.max(from, targets.from[n] as number);
          const last = Math.min(to, targets.to[n] as number);
          if (first <= last) closeRange(open, first, last);
        }
      }
    },
    stop: instant.stop,
  };
}
