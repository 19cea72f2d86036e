/**
 * A list of who was delegated which IPv6 prefix: `prefix,subscriber,from,to`, the columns in any order, found by the header. A
 * bare address is a prefix of 128 bits (IA_NA, RFC 8415 §6.2), a /64 the link of one line. Instants are ISO 8601 with a zone;
 * `to` may be empty while it is still held. What the list says is taken as proven from `from` to `to`.
 */
import { parsePrefix } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { type Instant, instantOf } from '../../../record/instant.ts';
import { isBehind } from '../chain.ts';
import { csvCells } from '../csv-cells.ts';
import type { Format } from '../event.ts';

const NEEDED = ['prefix', 'subscriber', 'from', 'to'] as const;

/** The least that a registry gives an ISP: no line has more, and a slip such as /3 would give one line everybody's prefix. */
const SHORTEST = 32;

interface Row {
  readonly prefix: bigint;
  readonly length: number;
  readonly subscriber: string;
  readonly from: Instant;
  readonly to: Instant | null;
}

function rowOf(cell: (name: (typeof NEEDED)[number]) => string): Row | string {
  const prefix = parsePrefix(cell('prefix').trim());
  if (prefix?.family !== 6) return 'the prefix is no IPv6 prefix without host bits';
  if (prefix.length < SHORTEST) return `a prefix of fewer than ${SHORTEST} bits is no line's`;
  const subscriber = cell('subscriber').trim();
  if (subscriber === '' || subscriber.includes('\ufffd') || isBehind(subscriber))
    return 'there is no readable subscriber';
  const from = instantOf(cell('from').trim());
  if (from === undefined) return '"from" is no ISO 8601 instant with a zone';
  const end = cell('to').trim();
  const to = end === '' ? null : instantOf(end);
  if (to === undefined) return '"to" is no ISO 8601 instant with a zone';
  if (to !== null && to < from) return '"to" is before "from"';
  return { prefix: prefix.base, length: prefix.length, subscriber, from, to };
}

/** Throws Fault(input) when a column is missing. */
function headerOf(cells: readonly string[], file: string): ReadonlyMap<string, number> {
  const header = new Map(cells.map((name, i) => [name.trim(), i]));
  const missing = NEEDED.filter(name => !header.has(name));
  if (missing.length > 0)
    throw new Fault('input', `the header lacks ${missing.join(', ')}`, `write ${NEEDED.join()}`, {
      where: `${file}:1`,
    });
  return header;
}

export const pdFormat: Format = {
  name: 'pd',
  folds: 'held',
  open(file) {
    let header: ReadonlyMap<string, number> | undefined;
    return {
      line(text) {
        if (text === '') return [];
        const cells = csvCells(text);
        if (!cells) return { refused: 'a quote is left open' };
        if (!header) {
          header = headerOf(cells, file);
          return [];
        }
        const columns = header;
        if (cells.length !== columns.size)
          return { refused: `${cells.length} columns where the header has ${columns.size}` };
        const row = rowOf(name => cells[columns.get(name) ?? -1] ?? '');
        if (typeof row === 'string') return { refused: row };
        const { prefix, length, subscriber, from, to } = row;
        const holder = { family: 6 as const, prefix, length };
        return [{ what: 'held', at: from, errorMs: 0, exporter: '', session: '', holder, subscriber, from, to }];
      },
      end: () => [],
    };
  },
};
