/**
 * The information elements that are read, and what the values of natEvent mean. Everything else in a record is stepped over:
 * destinations (11, 12, 28, 226, 228 and whatever a vendor adds) have no place here, so no byte of them is ever taken.
 * Numbers: IANA registry "IPFIX Information Elements"; natEvent: RFC 8158 §5.5, and the vocabularies before it.
 */
import type { Vocabulary } from '../options.ts';

export const ELEMENTS = {
  /** observationTimeMilliseconds, observationTimeSeconds. */
  atMs: 323,
  atSeconds: 322,
  natEvent: 230,
  protocol: 4,
  /** sourceIPv4Address, sourceIPv6Address. */
  inside4: 8,
  inside6: 27,
  /** postNATSourceIPv4Address, postNAPTSourceTransportPort. */
  outside: 225,
  port: 227,
  /** ingressVRFID. */
  realm: 234,
  /** portRangeStart, -End, -StepSize, -NumPorts. */
  rangeFrom: 361,
  rangeTo: 362,
  rangeStep: 363,
  rangePorts: 364,
  /** flowId: tells sessions with the same ports apart. */
  tie: 148,
} as const;
export type Element = keyof typeof ELEMENTS;

export const BY_NUMBER: ReadonlyMap<number, Element> = new Map(
  Object.entries(ELEMENTS).map(([name, number]) => [number, name as Element]),
);

/** Addresses have their one length; numbers may be shortened (RFC 7011 §6.2). */
export const LENGTHS: Readonly<Partial<Record<Element, number>>> = { inside4: 4, inside6: 16, outside: 4 };

export interface Meaning {
  readonly what: 'begin' | 'end' | 'heard';
  readonly of: 'port' | 'block' | 'nothing';
}
const begin = { what: 'begin', of: 'port' } as const;
const end = { what: 'end', of: 'port' } as const;
const beginBlock = { what: 'begin', of: 'block' } as const;
const endBlock = { what: 'end', of: 'block' } as const;
/** Pools or quotas that ran out, thresholds, and the pairing of addresses, which gives nobody a port. */
const heard = { what: 'heard', of: 'nothing' } as const;

export const MEANINGS: Readonly<Record<Vocabulary, Readonly<{ [value: number]: Meaning }>>> = {
  nel: { 1: begin, 2: end, 3: heard },
  rfc8158: {
    ...{ 1: begin, 2: end, 3: heard, 4: begin, 5: end, 6: begin, 7: end, 8: begin, 9: end, 10: begin, 11: end },
    ...{ 12: heard, 13: heard, 14: heard, 15: heard, 16: beginBlock, 17: endBlock, 18: heard },
  },
  draft02: {
    ...{ 1: begin, 2: end, 3: heard, 4: begin, 5: end, 6: begin, 7: end, 8: begin, 9: end },
    ...{ 10: heard, 11: heard, 12: heard, 13: heard, 14: beginBlock, 15: endBlock },
  },
};
