/**
 * The resolver's logs, made of events by the folders of the product. In: the events as they arrive. Out: what `identify` asks. Events
 * are taken in, holds drained and the folder's state saved and loaded again at odd moments, as an import that goes on would.
 */
import { behindOf } from '../../../src/isp/assignment/chain.ts';
import type { Format, Held, LogEvent } from '../../../src/isp/assignment/event.ts';
import { FOLDERS } from '../../../src/isp/assignment/folders.ts';
import { type Hold, type Logs, UNKNOWN_LINE } from '../../../src/isp/assignment/hold.ts';
import { makePools, type PoolEntry } from '../../../src/isp/assignment/pools.ts';
import type { Chance } from './chance.ts';

export interface Feed {
  readonly source: string;
  readonly format: string;
  readonly folds: Format['folds'];
  readonly events: readonly LogEvent[];
}

const heldAsIs = (e: LogEvent): Held[] =>
  e.what === 'held'
    ? [
        {
          ...{ holder: e.holder, subscriber: e.subscriber, exporter: e.exporter },
          ...{ possibleFrom: e.from, sureFrom: e.from },
          ...{ sureTo: e.to ?? Number.POSITIVE_INFINITY, possibleTo: e.to ?? Number.POSITIVE_INFINITY },
        },
      ]
    : [];

export function fold(chance: Chance, { folds, events }: Feed): Held[] {
  const make = FOLDERS[folds];
  if (!make) return events.flatMap(heldAsIs);
  let folder = make();
  const out: Held[] = [];
  for (const event of events) {
    folder.take(event);
    if (chance() < 0.02) out.push(...folder.closed());
    if (chance() < 0.005) folder = make(JSON.parse(JSON.stringify(folder.save())));
  }
  out.push(...folder.closed(), ...folder.open());
  return out;
}

export interface FoldedLogs extends Logs {
  lineOf(number: number): string | undefined;
}

interface Row {
  readonly portFrom: number;
  readonly portTo: number;
  readonly hold: Hold;
}

/** `first`, `through`: what every log covers. */
export function foldedLogs(
  chance: Chance,
  pools: readonly PoolEntry[],
  feeds: readonly Feed[],
  first: number,
  through: number,
): FoldedLogs {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const numberOf = (line: string): number => {
    if (line === '') return UNKNOWN_LINE;
    let n = numbers.get(line);
    if (n === undefined) {
      names.push(line);
      n = names.length;
      numbers.set(line, n);
    }
    return n;
  };
  const four = new Map<number, Row[]>();
  const six: { readonly prefix: bigint; readonly length: number; readonly hold: Hold }[] = [];
  for (const feed of feeds)
    for (const { holder, subscriber, ...held } of fold(chance, feed)) {
      const hold: Hold = { ...held, source: feed.source, subscriber: numberOf(subscriber) };
      if (holder.family === 6) six.push({ ...holder, hold: { ...hold, length: holder.length } });
      else {
        const rows = four.get(holder.address) ?? [];
        four.set(holder.address, rows);
        rows.push({ portFrom: holder.portFrom, portTo: holder.portTo, hold });
      }
    }
  const around6 = (address: bigint) =>
    six.filter(r => address >> BigInt(128 - r.length) === r.prefix >> BigInt(128 - r.length));
  const behind = names.map(behindOf);
  return {
    pools: makePools(pools, 'pools'),
    sources: feeds.map(f => ({ name: f.source, format: f.format, exporters: [{ exporter: 'all', first, through }] })),
    touching: (address, port, from, to) => {
      const found: Hold[] = [];
      for (const { portFrom, portTo, hold } of four.get(address) ?? [])
        if (portFrom <= port && port <= portTo && hold.possibleFrom <= to && from <= hold.possibleTo) found.push(hold);
      return found;
    },
    touching6: (address, from, to) =>
      around6(address)
        .map(r => r.hold)
        .filter(h => h.possibleFrom <= to && from <= h.possibleTo),
    everHeld: (address, port) => (four.get(address) ?? []).some(r => r.portFrom <= port && port <= r.portTo),
    everHeld6: address => around6(address).length > 0,
    covers: (_, from, to) => (to > through ? 'pending' : from < first ? 'before' : 'covered'),
    behindOf: subscriber => behind[subscriber - 1],
    lineOf: number => names[number - 1],
  };
}
