/**
 * Gathers intervals while a log is read and hands them out as typed columns sorted by (address, start). Instants become
 * whole seconds, rounded so that `sure` only shrinks and `possible` only grows: rounding can downgrade, never decide.
 */
import type { Assignment } from '../../record/assignment.ts';

/** The subscriber of an interval in which somebody unknown was on the address (a declined lease). Veto only. */
export const UNKNOWN = 0;

export interface Columns {
  readonly rows: number;
  readonly address: Uint32Array;
  readonly possibleFrom: Uint32Array;
  readonly sureFrom: Uint32Array;
  readonly sureTo: Uint32Array;
  readonly possibleTo: Uint32Array;
  readonly subscriber: Uint32Array;
  readonly portFrom: Uint16Array;
  readonly portTo: Uint16Array;
}

const WIDE = ['address', 'possibleFrom', 'sureFrom', 'sureTo', 'possibleTo', 'subscriber'] as const;
const NARROW = ['portFrom', 'portTo'] as const;
/** The order of columns in a segment file. */
export const COLUMNS = [...WIDE, ...NARROW] as const;

export const FOREVER = 0xffffffff;
export const emptyColumns = (rows: number): Columns => ({
  rows,
  address: new Uint32Array(rows),
  possibleFrom: new Uint32Array(rows),
  sureFrom: new Uint32Array(rows),
  sureTo: new Uint32Array(rows),
  possibleTo: new Uint32Array(rows),
  subscriber: new Uint32Array(rows),
  portFrom: new Uint16Array(rows),
  portTo: new Uint16Array(rows),
});

const clamp = (seconds: number) => Math.min(FOREVER, Math.max(0, seconds));
const up = (ms: number) => clamp(Math.ceil(ms / 1000));
const down = (ms: number) => clamp(Math.floor(ms / 1000));

export type Extents = Pick<Assignment, 'sureFrom' | 'sureTo' | 'possibleFrom' | 'possibleTo'>;

export interface Builder {
  /** The small number of a subscriber; 1 upwards. */
  intern(subscriber: string): number;
  /** `address` as an IPv4 number; extents in ms, Infinity for an open end. An empty sure extent has from > to. */
  add(address: number, portFrom: number, portTo: number, subscriber: number, extents: Extents): void;
  finish(): { columns: Columns; subscribers: readonly string[] };
}

export function makeBuilder(): Builder {
  const ids = new Map<string, number>();
  let at = emptyColumns(1024);
  let rows = 0;
  const grow = () => {
    const wider = emptyColumns(at.rows * 2);
    for (const name of COLUMNS) wider[name].set(at[name]);
    at = wider;
  };
  return {
    intern: subscriber => {
      const known = ids.get(subscriber);
      if (known !== undefined) return known;
      ids.set(subscriber, ids.size + 1);
      return ids.size;
    },
    add: (address, portFrom, portTo, subscriber, extents) => {
      if (rows === at.rows) grow();
      at.address[rows] = address;
      at.portFrom[rows] = portFrom;
      at.portTo[rows] = portTo;
      at.subscriber[rows] = subscriber;
      at.possibleFrom[rows] = down(extents.possibleFrom);
      at.sureFrom[rows] = up(extents.sureFrom);
      at.sureTo[rows] = down(extents.sureTo);
      at.possibleTo[rows] = up(extents.possibleTo);
      rows++;
    },
    finish: () => ({ columns: sorted(at, rows), subscribers: [...ids.keys()] }),
  };
}

/** A copy of the first `rows` rows, sorted by (address, possibleFrom). */
export function sorted(columns: Columns, rows: number): Columns {
  const { address, possibleFrom } = columns;
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => address[a]! - address[b]! || possibleFrom[a]! - possibleFrom[b]! || a - b,
  );
  const out = emptyColumns(rows);
  for (const name of COLUMNS) {
    const from = columns[name];
    const to = out[name];
    for (let i = 0; i < rows; i++) to[i] = from[order[i]!]!;
  }
  return out;
}
