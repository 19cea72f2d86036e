/**
 * What a prober keeps of one round beside ledger and spool: the order, who answered, the report. Every file is whole after
 * kill -9 or a full disk: order and report are written beside and renamed; of the list of hits a torn last line is cut.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIpv4 } from '../record/address.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import type { Hit } from '../record/observation.ts';
import type { RoundReport } from '../record/progress.ts';
import type { RoundOrder } from './orders.ts';
import { roundFolder } from './spool.ts';

/** Writes beside and renames: a reader, or the next start, finds all of it or nothing. */
function put(file: string, value: unknown): void {
  try {
    writeFileSync(`${file}.part`, JSON.stringify(value), { mode: 0o600 });
    renameSync(`${file}.part`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

function read<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw fileFault(cause, file);
    throw new Fault('input', 'is damaged', 'keep this folder for the auditor, and begin with a new one', {
      where: file,
      cause,
    });
  }
}

/** The age of everything in a round's folder runs from its beginning. */
export interface KeptOrder extends RoundOrder {
  readonly begunAt: Instant;
}

export const readOrder = (state: string, round: string): KeptOrder | undefined =>
  read(join(roundFolder(state, round), 'order.json'));
export const readReport = (state: string, round: string): RoundReport | undefined =>
  read(join(roundFolder(state, round), 'report.json'));

/** The first order of a round stays: its permutation is what the ledger counts along. */
export function keepOrder(state: string, order: RoundOrder, begunAt: Instant): void {
  const file = join(roundFolder(state, order.id), 'order.json');
  if (!existsSync(file)) put(file, { ...order, begunAt } satisfies KeptOrder);
}
export const keepReport = (state: string, report: RoundReport): void =>
  put(join(roundFolder(state, report.round), 'report.json'), report);

export interface Hits {
  add(hit: Hit): void;
  /** Each service once: after a crash the sweep may have told it twice. */
  all(): Hit[];
  /** Who answered is needed for a resume only; a list of open ports does not outlive its round. */
  remove(): void;
}

export function openHits(state: string, round: string): Hits {
  const file = join(roundFolder(state, round), 'hits');
  const text = (): string => (existsSync(file) ? readFileSync(file, 'latin1') : '');
  const before = text();
  // Else the next hit would be written onto the torn one, and be lost with it.
  if (before !== '' && !before.endsWith('\n')) truncateSync(file, before.lastIndexOf('\n') + 1);
  return {
    add: ({ address, port, at }) => {
      try {
        appendFileSync(file, `${address} ${port} ${at}\n`, { mode: 0o600 });
      } catch (thrown) {
        throw fileFault(thrown, file);
      }
    },
    all: () => {
      const hits = new Map<string, Hit>();
      for (const line of text().split('\n').slice(0, -1)) {
        const [address, port, at] = line.split(' ');
        if (address && parseIpv4(address) !== undefined && port && at)
          hits.set(`${address} ${port}`, { address, port: Number(port), at: Number(at) });
      }
      return [...hits.values()];
    },
    remove: () => rmSync(file, { force: true }),
  };
}
