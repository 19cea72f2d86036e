/**
 * One file of holds of one window and one source: a line that says what follows, then columns. In: tables, or a file. Out: bytes
 * with their SHA-256, or tables. What does not bear its seal is refused and not believed.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { Fault } from '../../record/fault.ts';
import type { Family } from './gathering.ts';
import { type Packed, pack, packedBytes, unpack } from './packing.ts';
import { HOLD, type Table } from './table.ts';

interface TableHead {
  readonly family: Family;
  readonly rows: number;
  readonly slots: number;
  readonly columns: readonly Packed[];
}

interface Head {
  readonly format: 'notice-holds/2';
  readonly tables: readonly TableHead[];
}

const bytesOf = (a: Uint32Array): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

/** The parts of the file, in order, and their seal. */
export function segmentBytes(tables: readonly Table[]): { parts: Uint8Array[]; seal: string; size: number } {
  const bodies: Uint8Array[] = [];
  const heads = tables.map((table): TableHead => {
    // The rows come first, so that they can be read to where they stay.
    bodies.push(bytesOf(table.holds));
    const packed = [
      pack('exporter', table.exporter),
      pack('count', table.count),
      ...table.keys.map((key, n) => pack(`key ${n}`, key)),
      pack('soft row', table.soft.row),
      pack('soft from', table.soft.from),
      pack('soft to', table.soft.to),
    ];
    bodies.push(...packed.map(p => p.body));
    return { family: table.family, rows: table.rows, slots: table.slots, columns: packed.map(p => p.head) };
  });
  const head: Head = { format: 'notice-holds/2', tables: heads };
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(line.length);
  const parts = [length, line, ...bodies];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return { parts, seal: hash.digest('hex'), size: parts.reduce((sum, p) => sum + p.length, 0) };
}

/** Where the rows of a table of this file are to be read to: HOLD numbers each. */
export type Room = (family: Family, rows: number) => Uint32Array;

const ownRoom: Room = (_family, rows) => new Uint32Array(rows * HOLD);

/** Throws Fault(input) when the file is damaged or missing; its cause says which. */
export function readSegment(file: string, window: number, seal: string, room: Room = ownRoom): Table[] {
  try {
    const fd = openSync(file, 'r');
    try {
      return readTables(fd, window, seal, room);
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    throw new Fault('input', 'is damaged or missing', 'import the logs again into a new folder', {
      where: file,
      cause: thrown,
    });
  }
}

function readTables(fd: number, window: number, seal: string, room: Room): Table[] {
  const hash = createHash('sha256');
  const fill = (into: Uint8Array): Uint8Array => {
    for (let at = 0; at < into.length; ) {
      const got = readSync(fd, into, at, into.length - at, null);
      if (got === 0) throw new RangeError('shorter than it was');
      at += got;
    }
    hash.update(into);
    return into;
  };
  const length = Buffer.from(fill(new Uint8Array(4))).readUInt32LE();
  if (length > 1 << 24) throw new RangeError('no such head');
  const head = JSON.parse(Buffer.from(fill(new Uint8Array(length))).toString('utf8')) as Head;
  const tables = head.tables.map(({ family, rows, slots, columns }): Table => {
    const holds = room(family, rows);
    fill(bytesOf(holds));
    const read = new Map(columns.map(c => [c.name, unpack(c, fill(new Uint8Array(packedBytes(c))))]));
    const column = (name: string): Uint32Array => {
      const found = read.get(name);
      if (!found) throw new RangeError(`no column ${name}`);
      return found;
    };
    const keys = columns.filter(c => c.name.startsWith('key ')).map(c => column(c.name));
    const soft = { row: column('soft row'), from: column('soft from'), to: column('soft to') };
    // Zeros that nobody wrote cost no memory.
    const oneBox = columns.find(c => c.name === 'exporter')?.bytes === 0;
    const exporter = oneBox ? new Uint16Array(rows) : new Uint16Array(column('exporter'));
    return { family, window, rows, holds, exporter, slots, keys, count: column('count'), soft };
  });
  if (readSync(fd, new Uint8Array(1), 0, 1, null) !== 0) throw new RangeError('longer than it was');
  if (hash.digest('hex') !== seal) throw new RangeError('changed since it was written');
  return tables;
}
