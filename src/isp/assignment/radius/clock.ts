/**
 * When a detail record's packet was sent, and how far its clocks agree. Three clocks speak: the access server's (Event-Timestamp,
 * RFC 2869 §5.3), the collector's at receipt (Timestamp, less Acct-Delay-Time, RFC 2866 §5.2), and the collector's local time in the
 * header, which has no zone and serves to notice a disagreement alone. Clocks that disagree by more than is allowed are not
 * believed: the record then stretches what is possible and proves nothing.
 */
import { HOUR, type Instant, MINUTE } from '../../../record/instant.ts';
import { MOST_ERROR_MS } from '../sessions/session-hold.ts';
import type { RadiusOptions } from './options.ts';

export interface Told {
  readonly at: Instant;
  readonly errorMs: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HEADER = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/;
const EVENT = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([A-Za-z]{2,6})$/;
/** 2000-01-01; an access server that has lost its clock says it is 1970. Only what no clock can mean is refused. */
const SECONDS = /^\d{1,11}$/;

function wallOf(year: string, month: string, day: string, clock: readonly string[]): number | undefined {
  const m = MONTHS.indexOf(month);
  const [h, min, s] = clock.map(Number) as [number, number, number];
  const wall = Date.UTC(Number(year), m, Number(day), h, min, s);
  const back = new Date(wall);
  const sound = m >= 0 && back.getUTCMonth() === m && back.getUTCDate() === Number(day) && h < 24 && min < 60 && s < 60;
  return sound ? wall : undefined;
}

/** ms as if UTC; undefined when the header is none of ctime's. */
export function headerWall(text: string): number | undefined {
  const m = HEADER.exec(text);
  return m ? wallOf(m[6] as string, m[1] as string, m[2] as string, m.slice(3, 6)) : undefined;
}

function eventInstant(text: string, zones: ReadonlyMap<string, number>): Instant | { readonly why: string } {
  if (SECONDS.test(text)) return Number(text) * 1000;
  const m = EVENT.exec(text);
  const wall = m ? wallOf(m[3] as string, m[1] as string, m[2] as string, m.slice(4, 7)) : undefined;
  if (!m || wall === undefined) return { why: 'Event-Timestamp is no instant' };
  const offset = zones.get(m[7] as string);
  return offset === undefined
    ? { why: `the zone "${m[7]}" of Event-Timestamp is not among those declared` }
    : wall - offset;
}

/** How far a local time of an unknown zone is from an instant: zones lie at quarters of an hour, from -12 to +14 hours. */
export function headerDoubt(wall: number, at: Instant): number {
  const apart = wall - at;
  const nearest = Math.round(apart / (15 * MINUTE)) * 15 * MINUTE;
  return nearest < -12 * HOUR || nearest > 14 * HOUR ? Math.abs(apart) : Math.abs(apart - nearest);
}

/** `header` as `headerWall` read it. A string says why the record has no instant. */
export function recordClock(
  values: ReadonlyMap<string, string>,
  header: number | undefined,
  { zones, mostDisagreementMs }: Pick<RadiusOptions, 'zones' | 'mostDisagreementMs'>,
): Told | string {
  const stamp = values.get('Timestamp');
  const delay = values.get('Acct-Delay-Time') ?? '0';
  if (stamp !== undefined && !SECONDS.test(stamp)) return 'Timestamp is no number of seconds';
  if (!SECONDS.test(delay)) return 'Acct-Delay-Time is no number of seconds';
  const received = stamp === undefined ? undefined : Number(stamp) * 1000;
  const sent = received === undefined ? undefined : received - Number(delay) * 1000;
  const text = values.get('Event-Timestamp');
  const event = text === undefined ? undefined : eventInstant(text, zones);
  if (typeof event === 'object') return event.why;
  const at = event ?? sent;
  if (at === undefined) return 'the record has neither Event-Timestamp nor Timestamp; its header has no zone';
  const apart = event !== undefined && sent !== undefined ? Math.abs(event - sent) : 0;
  const doubt = Math.max(apart, header === undefined || received === undefined ? 0 : headerDoubt(header, received));
  if (doubt > mostDisagreementMs) return { at: sent ?? at, errorMs: Math.max(doubt, MOST_ERROR_MS + 1) };
  // Both clocks count whole seconds.
  return { at, errorMs: apart > 1_000 ? apart : 0 };
}
