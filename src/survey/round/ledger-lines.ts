/** The text of a ledger: its head, its lines, and the reading of both. A torn last line is what a crash leaves, no error. */
import { readFileSync } from 'node:fs';
import { Fault, fileFault } from '../../record/fault.ts';
import type { ShardLine } from './ledger.ts';
import { FATES, noTally } from './tally.ts';

export interface LedgerHead {
  readonly ledger: 'notice-sweep/1';
  /** Digest of ranges, ports and key: a cursor means nothing in another space. */
  readonly space: string;
  readonly total: number;
  readonly shardSize: number;
}

export const headText = (head: LedgerHead): string => `${JSON.stringify(head)}\n`;

export function lineText(line: ShardLine): string {
  const { shard, cursor, reserved, left, tally, hits, rest } = line;
  return `${JSON.stringify({
    shard,
    cursor,
    ...(reserved > cursor ? { reserved } : {}),
    ...(left.length > 0 ? { left } : {}),
    tally: Object.fromEntries(FATES.filter(fate => tally[fate] > 0).map(fate => [fate, tally[fate]])),
    ...(hits.length > 0 ? { hits } : {}),
    ...(rest ? { rest } : {}),
  })}\n`;
}

/** The lines of a file that belongs to this head; Fault for another round's, or for a line that was never ours. */
export function readLedger(file: string, head: LedgerHead): ShardLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  // What follows the last newline was being written when the process ended.
  const lines = text.split('\n').slice(0, -1);
  const [first, ...rest] = lines;
  if (first === undefined) return [];
  const found = parse(first, file, 1) as Partial<LedgerHead>;
  if ((Object.keys(head) as (keyof LedgerHead)[]).some(name => found[name] !== head[name]))
    throw new Fault(
      'input',
      'belongs to another round: its targets, ports, key or shards differ',
      'name another state folder',
      {
        where: `${file}:1`,
      },
    );
  return rest.map((line, i) => shardLine(parse(line, file, i + 2), file, i + 2));
}

function parse(line: string, file: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, with the place.
  }
  throw broken(file, number);
}

const broken = (file: string, number: number): Fault =>
  new Fault('input', 'is no line of a ledger', 'restore the file, or remove it to sweep the round again', {
    where: `${file}:${number}`,
  });

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

function shardLine(raw: Record<string, unknown>, file: string, number: number): ShardLine {
  const { shard, cursor, reserved = cursor, left = [], tally = {}, hits = [], rest = false } = raw;
  const counts = { ...noTally(), ...(tally as object) };
  if (
    !(isCount(shard) && isCount(cursor) && isCount(reserved) && reserved >= cursor && typeof rest === 'boolean') ||
    !(Array.isArray(left) && left.every(isCount)) ||
    !(Array.isArray(hits) && hits.every(hit => Array.isArray(hit) && hit.length === 2 && isCount(hit[0]))) ||
    !FATES.every(fate => isCount(counts[fate]))
  )
    throw broken(file, number);
  return { shard, cursor, reserved, left, tally: counts, hits, rest };
}
