/**
 * Whether one frame, as it lies there to be sent, is what the mandate allows: decoded byte by byte and searched for in the
 * paper's own words, one prefix after another. In: a frame, the instant it was copied at, the law. Out: what is wrong with
 * it, or nothing. Slow and plain on purpose: it shares no code with what filled the frame (frame.ts) and none with what let
 * it pass (mandate/gate.ts), so that a mistake has to be made twice to go unseen. Only the tables of reserved space and of
 * ports never to be touched are the mandate's own.
 */
import { neverTouch } from '../../../mandate/ceilings.ts';
import { isOpenSpace, spaceOf } from '../../../mandate/special-space.ts';
import type { Prefix } from '../../../record/address.ts';
import { DAY, type Instant } from '../../../record/instant.ts';
import type { ConsentBody, MandateBody } from '../../../record/mandate.ts';

export interface DatedExclusion {
  readonly prefix: Prefix;
  /** When the gate had closed it. */
  readonly since: Instant;
}

/** What frames are held against; crosses to the auditing thread as it is. */
export interface AuditLaw {
  readonly mandate: MandateBody;
  readonly consents: readonly ConsentBody[];
  readonly exclusions: readonly DatedExclusion[];
  readonly mac: Uint8Array;
  readonly gatewayMac: Uint8Array;
  readonly source: number;
  readonly sourcePort: number;
}

/**
 * ms in which a frame may still leave that was filled just before its mandate, an hour or a consent ended, or an exclusion
 * came: what invariant 3 allows. A batch takes a hundred at the most.
 */
const UNDER_WAY = 1_000;
const CONSENT_DAYS = 40;
const PUBLIC_DAYS = 7;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** `192.0.2.0/24`, or an address alone. IPv6 is not swept. */
function spanOf(text: string): Span[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (!match) return [];
  const [a = 0, b = 0, c = 0, d = 0, length = 32] = match
    .slice(1)
    .map(part => (part === undefined ? 32 : Number(part)));
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return [{ first, last: first + 2 ** (32 - length) - 1 }];
}
const holds = (spans: readonly Span[], address: number): boolean =>
  spans.some(({ first, last }) => first <= address && address <= last);

const dotted = (address: number): string => [24, 16, 8, 0].map(bits => (address >>> bits) & 255).join('.');

/** The sum over 16-bit words in network order, folded; 0xffff when a checksum in it is right (RFC 1071). */
function sumOf(bytes: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  for (let at = from; at < to; at++) sum += (bytes[at] as number) * (at % 2 === from % 2 ? 256 : 1);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

export interface Judge {
  /** Undefined when it is lawful; else what is wrong, in words. */
  judge(frame: Uint8Array, at: Instant): string | undefined;
  exclude(more: readonly DatedExclusion[]): void;
}

export function makeJudge(law: AuditLaw): Judge {
  const { mandate } = law;
  const named = new Set((mandate.neverTouch ?? []).map(e => e.port));
  const ports = new Set(
    mandate.ports.filter(p => p.acts.includes('sweep') && (!neverTouch(p.port) || named.has(p.port))).map(p => p.port),
  );
  const sources = mandate.sources.addresses.flatMap(spanOf);
  const targets = mandate.targets.map(({ isp, prefixes }) => ({
    spans: prefixes.flatMap(spanOf),
    consents: law.consents
      .filter(consent => consent.isp === isp)
      .map(({ signedAt, prefixes: signed }) => ({
        from: Date.parse(signedAt),
        until: Date.parse(signedAt) + CONSENT_DAYS * DAY,
        spans: signed.flatMap(({ prefix }) => spanOf(prefix)),
      })),
  }));
  const exclusions: (Span & { readonly since: Instant })[] = [];

  function exclude(more: readonly DatedExclusion[]): void {
    for (const { prefix, since } of more) {
      const first = Number(prefix.base);
      if (prefix.family === 4) exclusions.push({ first, last: first + 2 ** (32 - prefix.length) - 1, since });
    }
  }
  exclude(law.exclusions);

  /** Hours are of Japan, which is nine hours ahead all year; a span may run over midnight. */
  function wrongHour(at: Instant): boolean {
    const minute = Math.floor(at / 60_000 + 9 * 60) % 1440;
    const [from, to] = [mandate.hours.from, mandate.hours.to].map(
      text => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)),
    ) as [number, number];
    return from < to ? !(minute >= from && minute < to) : !(minute >= from || minute < to);
  }

  function wrongInstant(address: number, at: Instant): string | undefined {
    const { period, sources: published } = mandate;
    if (!(at >= Date.parse(period.from) && at < Date.parse(period.to))) return 'outside the period of the mandate';
    if (!(at >= Date.parse(published.publishedAt) + PUBLIC_DAYS * DAY))
      return 'before its source was public long enough';
    if (wrongHour(at)) return 'outside the hours of the mandate';
    const owners = targets.filter(({ spans }) => holds(spans, address));
    if (!owners.some(({ consents }) => consents.some(c => at >= c.from && at < c.until && holds(c.spans, address))))
      return 'to an address without a consent that holds';
    return undefined;
  }

  function wrongTarget(address: number, port: number, at: Instant): string | undefined {
    if (!ports.has(port)) return 'to a port that may not be swept';
    if (!targets.some(({ spans }) => holds(spans, address))) return 'to an address that is no target';
    if (!isOpenSpace(spaceOf(address))) return 'to space that may not be probed';
    if (exclusions.some(({ first, last, since }) => first <= address && address <= last && at > since + UNDER_WAY))
      return 'to an excluded address';
    const now = wrongInstant(address, at);
    return now === undefined || wrongInstant(address, at - UNDER_WAY) === undefined ? undefined : now;
  }

  /** RFC 791 §3.1 and RFC 9293 §3.1. */
  function wrongFrame(frame: Uint8Array): string | undefined {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (frame.length < 54) return 'is too short';
    if (law.gatewayMac.some((byte, n) => frame[n] !== byte)) return 'goes to another machine than the gateway';
    if (law.mac.some((byte, n) => frame[6 + n] !== byte)) return 'has another hardware address than ours';
    if (view.getUint16(12) !== 0x0800 || frame[14] !== 0x45) return 'is no plain IPv4';
    if (view.getUint16(16) !== frame.length - 14) return 'has a wrong length of IPv4';
    if ((view.getUint16(20) & 0xbfff) !== 0) return 'is a fragment';
    if (frame[22] === 0 || frame[23] !== 6) return 'is no TCP that travels';
    if (sumOf(frame, 14, 34, 0) !== 0xffff) return 'has a wrong checksum of IPv4';
    if (frame[47] !== 0x02) return 'is no plain SYN';
    if (((frame[46] as number) >>> 4) * 4 !== frame.length - 34) return 'carries data';
    const pseudo = sumOf(frame, 26, 34, 6 + frame.length - 34);
    if (sumOf(frame, 34, frame.length, pseudo) !== 0xffff) return 'has a wrong checksum of TCP';
    const source = view.getUint32(26);
    if (source !== law.source || view.getUint16(34) !== law.sourcePort) return 'has another source than this sweep';
    if (!holds(sources, source)) return 'comes from a source that the mandate does not name';
    return undefined;
  }

  return {
    judge(frame, at) {
      const wrong = wrongFrame(frame);
      if (wrong !== undefined) return `it ${wrong}`;
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const [address, port] = [view.getUint32(30), view.getUint16(36)];
      const why = wrongTarget(address, port, at);
      return why === undefined ? undefined : `it goes to ${dotted(address)} port ${port}: ${why}`;
    },
    exclude,
  };
}
