/**
 * One row of the `radacct` table: what it proves. In: cells by column name. Out: events, or why the row cannot be used.
 *
 * A row is what is left of all packets of a session, and the stock SQL (mods-config/sql/main/postgresql/queries.conf) overwrites:
 *   open                              begin, alive at the last update
 *   closed by a Stop                  begin, end
 *   closed by Accounting-On or -Off   (NAS-Reboot) both times are the reboot's: begin, and ended by then; the last proof is gone
 *   closed by another hand            the last update is before the stop: begin, alive at the update, ended by the stop
 *   inserted by an Interim or Stop    the Start was lost: the session time says since when it may have been
 *   stop before start                 the session id was used again: an end, and a begin of something whose end is not written
 */
import type { Instant } from '../../../record/instant.ts';
import { isBehind } from '../chain.ts';
import type { Holder, LogEvent } from '../event.ts';
import type { LocalTime } from '../local-time.ts';
import { prefixHolder, wholeAddress } from './holders.ts';

export type Cell = (column: string) => string | null | undefined;

export interface RowWays {
  readonly subscriber: string;
  readonly exporter: string;
  readonly zone: LocalTime | undefined;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)?$/;
/** MySQL's way to say null. */
const NULL_DATE = '0000-00-00 00:00:00';

/** Undefined for null; a string says why it is no instant. */
export function rowInstant(text: string | null | undefined, zone: LocalTime | undefined): Instant | undefined | string {
  if (text === null || text === undefined || text === '' || text === NULL_DATE) return undefined;
  const m = INSTANT.exec(text);
  if (!m) return `"${text.slice(0, 60)}" is no instant`;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = m[7] === undefined ? 0 : Math.floor(Number(`0.${m[7]}`) * 1000);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, fraction);
  const back = new Date(wall);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return `"${text}" is no instant`;
  const offset = m[8];
  if (offset === undefined) {
    if (!zone) return `"${text}" names no zone, and none is declared`;
    const at = zone(wall);
    return typeof at === 'number' ? at : `"${text}" comes ${at} in its zone`;
  }
  if (offset === 'Z') return wall;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || '0');
  return wall - (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function holdersOf(cell: Cell): Holder[] | string {
  const holders: Holder[] = [];
  const v4 = cell('framedipaddress');
  const whole = v4 ? wholeAddress(v4) : undefined;
  if (typeof whole === 'string') return whole;
  if (whole) holders.push(whole);
  const v6 = ['framedipv6prefix', 'delegatedipv6prefix', 'framedipv6address'].flatMap(name => cell(name) || []);
  for (const text of new Set(v6)) {
    const holder = prefixHolder(text);
    if (typeof holder === 'string') return holder;
    holders.push(holder);
  }
  return holders;
}

type Moment =
  | { readonly what: 'begin' | 'ended-by'; readonly at: Instant }
  | { readonly what: 'alive' | 'end'; readonly at: Instant; readonly since?: Instant };

interface Times {
  readonly start: Instant | undefined;
  readonly update: Instant | undefined;
  readonly stop: Instant | undefined;
  /** Length of the session by the last packet, ms. */
  readonly length: number | undefined;
  readonly reboot: boolean;
  /** Only a Stop packet writes ConnectInfo_stop; undefined when the column is not there. */
  readonly stopSeen: boolean | undefined;
}

/** The session time counts whole seconds and may round. */
const COUNT = 2_000;

function momentsOf({ start, update, stop, length, reboot, stopSeen }: Times): Moment[] {
  if (stop !== undefined && start !== undefined && stop < start)
    return [
      { what: 'end', at: stop, ...(length === undefined ? {} : { since: stop - length }) },
      { what: 'begin', at: start },
    ];
  // The session time is written with the last update; after a reboot it is only the difference of the two columns.
  const counted = reboot ? undefined : (update ?? stop);
  const since = counted === undefined || length === undefined ? undefined : counted - length;
  const lostStart = start !== undefined && since !== undefined && since < start - COUNT;
  const moments: Moment[] = [];
  const say = (what: 'alive' | 'end', at: Instant, from = since) =>
    moments.push(from === undefined ? { what, at } : { what, at, since: Math.min(from, at) });
  const lone = stop !== undefined && stopSeen === false && !reboot && (update === undefined || update >= stop);
  if (start !== undefined && !lone) {
    if (lostStart) say('alive', start);
    else moments.push({ what: 'begin', at: start });
  }
  if (stop === undefined) {
    if (update !== undefined && update > (start ?? Number.NEGATIVE_INFINITY)) say('alive', update);
    return moments;
  }
  if (lone) say('end', stop, Math.min(start ?? stop, since ?? stop));
  else if (reboot) moments.push({ what: 'ended-by', at: stop });
  else if (stopSeen === true || update === undefined || update >= stop) say('end', stop);
  else {
    if (update > (start ?? Number.NEGATIVE_INFINITY)) say('alive', update);
    moments.push({ what: 'ended-by', at: stop });
  }
  return moments;
}

export function rowEvents(cell: Cell, ways: RowWays): readonly LogEvent[] | string {
  const [start, update, stop] = ['acctstarttime', 'acctupdatetime', 'acctstoptime'].map(name =>
    rowInstant(cell(name), ways.zone),
  );
  if (typeof start === 'string') return start;
  if (typeof update === 'string') return update;
  if (typeof stop === 'string') return stop;
  const counted = cell('acctsessiontime');
  if (counted && !/^\d{1,10}$/.test(counted)) return 'acctsessiontime is no number of seconds';
  const length = counted ? Number(counted) * 1000 : undefined;
  const session = cell('acctuniqueid') || cell('acctsessionid');
  if (!session) return 'the row has no session id';
  const holders = holdersOf(cell);
  if (typeof holders === 'string') return holders;
  const last = stop ?? update ?? start;
  if (last === undefined) return 'the row has no instant';
  const address = cell(ways.exporter) ?? '';
  const exporter = address.replace(/\/(?:32|128)$/, '');
  if (holders.length === 0) return [{ what: 'heard', at: last, errorMs: 0, exporter }];
  const name = (cell(ways.subscriber) ?? '').trim();
  const subscriber = name.includes('\ufffd') || isBehind(name) ? '' : name;
  const reboot = cell('acctterminatecause') === 'NAS-Reboot';
  const closing = cell('connectinfo_stop');
  const stopSeen = closing === undefined ? undefined : closing !== null;
  const moments = momentsOf({ start, update, stop, length, reboot, stopSeen });
  return holders.flatMap(holder =>
    moments.map(moment => ({ ...moment, errorMs: 0, exporter, session, subscriber, holder })),
  );
}
