/** Holds and records as plain JSON and back. Infinity, which JSON lacks, is kept as text, and an IPv6 prefix as hexadecimal. */
import type { Holder, LogEvent } from '../event.ts';
import type { SessionHold } from './session-hold.ts';

export type Plain = Readonly<Record<string, unknown>>;

const INFINITE: ReadonlyMap<unknown, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

const plainHolder = (h: Holder) => (h.family === 4 ? h : { ...h, prefix: h.prefix.toString(16) });
const holderOf = (h: Holder | { family: 6; prefix: string; length: number }): Holder =>
  h.family === 6 ? { ...h, prefix: BigInt(`0x${h.prefix}`) } : h;

const plainValue = (value: unknown): unknown =>
  value === Number.POSITIVE_INFINITY ? 'inf' : value === Number.NEGATIVE_INFINITY ? '-inf' : value;

/** Only these are instants: a subscriber may well be called inf. */
const INSTANTS = ['from', 'last', 'sureFrom', 'sureTo', 'endReach', 'softEnd', 'cap', 'due', 'at', 'errorMs', 'since'];

function toPlain(thing: LogEvent | SessionHold): Plain {
  const out: Record<string, unknown> = { ...thing };
  for (const name of INSTANTS) if (name in out) out[name] = plainValue(out[name]);
  if ('holder' in thing) out.holder = plainHolder(thing.holder);
  return out;
}

function fromPlain(plain: Plain): unknown {
  const out: Record<string, unknown> = { ...plain };
  for (const name of INSTANTS) if (name in out) out[name] = INFINITE.get(out[name]) ?? out[name];
  if (out.holder) out.holder = holderOf(out.holder as Holder);
  return out;
}

export const plainEvent = (event: LogEvent): Plain => toPlain(event);
export const eventOf = (plain: Plain): LogEvent => fromPlain(plain) as LogEvent;
export const plainHold = (hold: SessionHold): Plain => toPlain(hold);
/** Fields that JSON leaves out when undefined come back as undefined. */
export const holdOf = (plain: Plain): SessionHold =>
  ({
    since: undefined,
    floor: undefined,
    end: undefined,
    endedBy: undefined,
    ...(fromPlain(plain) as object),
  }) as SessionHold;
