/**
 * A log as a large ISP has it, drawn from a seed: four in five holds are leases of whole addresses, about twenty each over ninety days;
 * one in five is a port block of a carrier NAT (63 blocks an address, about sixteen holds each). One hold in a hundred overlaps the
 * next, because its end was logged late. Out: rows, the same as text, and questions about them.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface Drawn {
  readonly rows: number;
  readonly address: Uint32Array;
  /** First port; 0 where the whole address is held. */
  readonly port: Uint16Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly subscriber: Uint32Array;
}

export interface Questions {
  readonly address: Uint32Array;
  readonly port: Uint16Array;
  readonly at: Uint32Array;
}

const START = 1_780_272_000;
const DAY = 86_400;
export const DAYS = 90;
const LEASES = 20;
const HOLDS_OF_BLOCK = 16;
const BLOCKS = 63;
export const BLOCK = 1_024;
const DEDICATED = 0x0a000000;
const SHARED = 0x64400000;

/** xorshift32. */
function seeded(seed: number): () => number {
  let s = seed;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return s >>> 0;
  };
}

/** In order of address; a real log is in order of time, which `inOrderOfTime` gives. */
export function draw(rows: number, seed = 12_345): Drawn {
  const random = seeded(seed);
  const d = {
    rows,
    address: new Uint32Array(rows),
    port: new Uint16Array(rows),
    from: new Uint32Array(rows),
    to: new Uint32Array(rows),
    subscriber: new Uint32Array(rows),
  };
  const lines = Math.max(100, rows / 20);
  const dedicated = Math.floor(rows * 0.8);
  const span = DAYS * DAY;
  let row = 0;
  const slot = (address: number, port: number, holds: number, until: number) => {
    const each = span / holds;
    let t = START + (random() % Math.floor(each));
    for (let k = 0; k < holds && row < until; k++) {
      const length = Math.floor(each * (0.3 + (random() % 1_000) / 1_600));
      const late = random() % 100 === 0 ? Math.floor(each) : 0;
      d.address[row] = address;
      d.port[row] = port;
      d.from[row] = t;
      d.to[row] = t + length + late;
      d.subscriber[row] = 1 + (random() % lines);
      row++;
      t += length + (random() % 3_600);
    }
  };
  for (let address = DEDICATED; row < dedicated; address++) slot(address, 0, LEASES, dedicated);
  for (let address = SHARED; row < rows; address++)
    for (let block = 1; block <= BLOCKS && row < rows; block++) slot(address, block * BLOCK, HOLDS_OF_BLOCK, rows);
  return d;
}

/** Places of rows by their end: a log tells of a hold when it ends. */
export function inOrderOfTime({ to, rows }: Drawn): Uint32Array {
  const counts = new Uint32Array(DAYS * 24 * 60 * 3 + 2);
  const minute = (row: number) => Math.floor((to[row]! - START) / 60);
  for (let row = 0; row < rows; row++) counts[minute(row) + 1]!++;
  for (let k = 1; k < counts.length; k++) counts[k]! += counts[k - 1]!;
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[counts[minute(row)]!++] = row;
  return order;
}

export const portTo = (port: number): number => (port === 0 ? 65_535 : port + BLOCK - 1);
const dotted = (a: number): string => `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
const iso = (at: number): string => new Date(at * 1_000).toISOString().replace('.000', '');

export const CSV_HEADER = 'address,port_from,port_to,subscriber,from,to';

/** Gives bytes written. `instants` is how a log writes them. */
export function writeLog(file: string, d: Drawn, instants: 'epoch' | 'iso'): number {
  const order = inOrderOfTime(d);
  const write = instants === 'iso' ? iso : String;
  const fd = openSync(file, 'w');
  let bytes = 0;
  let text = `${CSV_HEADER}\n`;
  for (let n = 0; n < order.length; n++) {
    const row = order[n]!;
    const port = d.port[row]!;
    const line = `S${String(d.subscriber[row]).padStart(7, '0')}`;
    text += `${dotted(d.address[row]!)},${port},${portTo(port)},${line},${write(d.from[row]!)},${write(d.to[row]!)}\n`;
    if (text.length > 1 << 20) {
      bytes += writeSync(fd, text);
      text = '';
    }
  }
  bytes += writeSync(fd, text);
  closeSync(fd);
  return bytes;
}

/** Four in five about leases, seventeen in a hundred about port blocks, three about addresses nobody ever had. */
export function questionsAbout(d: Drawn, count: number, seed = 99): Questions {
  const random = seeded(seed);
  const q = { address: new Uint32Array(count), port: new Uint16Array(count), at: new Uint32Array(count) };
  const dedicated = Math.floor(d.rows * 0.8);
  for (let i = 0; i < count; i++) {
    const kind = random() % 100;
    const leased = kind < 80;
    const row = leased ? random() % dedicated : dedicated + (random() % (d.rows - dedicated));
    q.address[i] = kind < 97 ? d.address[row]! : 0x0b000000 + (random() % 0x1000000);
    q.port[i] = leased ? random() % 65_536 : 1_024 + (random() % 64_000);
    q.at[i] = START + (random() % (DAYS * DAY));
  }
  return q;
}

/** What every engine must answer: how many holds covered each question, added up. By counting one slot at a time. */
export function truth(d: Drawn, q: Questions): number {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  for (let row = 0; row < d.rows; row++) {
    const a = d.address[row]!;
    if (!first.has(a)) first.set(a, row);
    last.set(a, row + 1);
  }
  let found = 0;
  for (let i = 0; i < q.at.length; i++) {
    const end = last.get(q.address[i]!) ?? 0;
    for (let row = first.get(q.address[i]!) ?? 0; row < end; row++) {
      const port = d.port[row]!;
      if (port <= q.port[i]! && q.port[i]! <= portTo(port) && d.from[row]! <= q.at[i]! && q.at[i]! <= d.to[row]!)
        found++;
    }
  }
  return found;
}
