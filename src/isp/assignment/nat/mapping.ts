/**
 * What a record of a carrier NAT says, whatever the box, and the event it becomes. In: who was given which ports of which
 * address. Out: an event, or why the record cannot be used. Destinations have no place here: parsers never read them.
 */
import type { Address } from '../../../record/address.ts';
import type { Instant } from '../../../record/instant.ts';
import { type Behind, behindText } from '../chain.ts';
import type { LogEvent } from '../event.ts';
import type { NatOptions } from './options.ts';

export interface Mapping {
  readonly what: 'begin' | 'alive' | 'end';
  readonly at: Instant;
  readonly errorMs: number;
  readonly exporter: string;
  /** The inside network by the name the log gives it; undefined when it names none. */
  readonly realm: string | undefined;
  readonly inside: Address;
  /** IPv4. */
  readonly outside: number;
  readonly first: number;
  readonly last: number;
  /** IANA number; undefined for a block of all protocols. */
  readonly protocol: number | undefined;
  /** When the block was given, where an interim record says so. */
  readonly since?: Instant | undefined;
  /** Whether the box numbers its records, so that what is missing is known. */
  readonly numbered: boolean;
  /** What else tells this mapping from others with the same ports (a session's number). */
  readonly tie?: string | undefined;
}

const TIED = '#';
const NUMBERED = '!';
const lastWord = (session: string) => session.slice(session.lastIndexOf(' ') + 1);
/**
 * Whether a session bears a number of its own. One that does not is told from the next of the same customer with the same ports
 * only by the records between them.
 */
export const isTied = (session: string): boolean => lastWord(session).startsWith(TIED);
/** Whether its box numbers its records: then no record of an end is proof that it has not ended. */
export const isNumbered = (session: string): boolean => session.includes(`${NUMBERED} `) || session.endsWith(NUMBERED);

export const BELOW = 'no customer is given a port so low (option "portsFrom")';

/** Undefined: nothing to keep, as the ports are not of a transport that is kept. A text says why it cannot be used. */
export function eventOf(mapping: Mapping, options: NatOptions): LogEvent | string | undefined {
  const { what, at, errorMs, exporter, inside, outside, first, last, protocol } = mapping;
  if (protocol !== undefined && !options.protocols.includes(protocol)) return undefined;
  if (first > last) return 'the ports are no range';
  if (last > 65_535) return 'the ports are no range';
  if (first < options.portsFrom) return BELOW;
  const marks = `${protocol ?? '*'}${mapping.numbered ? NUMBERED : ''}${mapping.tie ? ` ${TIED}${mapping.tie}` : ''}`;
  const realm = mapping.realm === undefined ? options.realm : (options.realms[mapping.realm] ?? mapping.realm);
  const subscriber = customer(inside, realm, options);
  return {
    ...{ what, at, errorMs, exporter, subscriber },
    ...(mapping.since !== undefined && what !== 'begin' ? { since: mapping.since } : {}),
    holder: { family: 4, address: outside, portFrom: first, portTo: last },
    session: `${subscriber} ${outside}:${first}-${last} ${marks}`,
  } as LogEvent;
}

function customer(inside: Address, realm: string, options: NatOptions): string {
  const place: Behind =
    inside.family === 4 ? { family: 4, address: Number(inside.value), realm } : { family: 6, address: inside.value };
  const text = behindText(place);
  return options.subscriber === 'behind' ? text : text.slice(1);
}

const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmp6: 58, sctp: 132 };

/** `6`, `TCP`; undefined for `-` and the like; 255 (reserved) for what has no ports that we know of. */
export function protocolOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '-' || text === '') return undefined;
  return /^\d{1,3}$/.test(text) ? Number(text) : (NUMBERS[text.toLowerCase()] ?? 255);
}
