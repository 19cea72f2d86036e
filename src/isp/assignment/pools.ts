/**
 * The ISP's own list of its address pools: which prefix is handed out how, and which log says who held it. In: a JSON file.
 * Out: a look-up by longest prefix. A pool whose log cannot be read yet is named as such, so that a refusal can say why.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Prefix, parsePrefix, prefixContains } from '../../record/address.ts';
import { Fault, fileFault } from '../../record/fault.ts';
import { POOL_KINDS, type PoolKind } from '../../record/glossary.ts';

export const POOL_LOGS = ['kea', 'csv', 'none'] as const;
export type PoolLog = (typeof POOL_LOGS)[number];

export interface Pool {
  readonly prefix: Prefix;
  readonly pool: PoolKind;
  readonly log: PoolLog;
  /** Addresses of the ISP's own equipment: never a customer's. */
  readonly infrastructure: boolean;
  /** The lowest port the sharing scheme ever gives a customer; 0 where the line has the whole address. */
  readonly portsFrom: number;
  /** How far the clock of the log may be off, ms. */
  readonly logClockErrorMs: number;
}

export interface Pools {
  readonly all: readonly Pool[];
  /** The narrowest pool that holds an IPv4 address given as a number. */
  of(address: number): Pool | undefined;
}

const SHAPE = z.array(
  z.strictObject({
    prefix: z.string(),
    pool: z.enum(POOL_KINDS),
    log: z.enum(POOL_LOGS),
    infrastructure: z.boolean().optional(),
    portsFrom: z.int().min(0).max(65_535).optional(),
    logClockErrorMs: z.int().min(0).max(3_600_000).optional(),
  }),
);
export type PoolEntry = z.input<typeof SHAPE>[number];

/** MAP-E with PSID offset 4 leaves ports 0-4095 unassigned (RFC 7597 §5.1, A = 0); carrier NATs leave the system ports. */
const LOWEST_PORT: Readonly<Record<PoolKind, number>> = {
  dedicated: 0,
  dynamic: 0,
  cgn: 1_024,
  'map-e': 4_096,
  reseller: 0,
};

export const isShared = (pool: Pool): boolean => pool.pool === 'cgn' || pool.pool === 'map-e';

/** Throws Fault(input) naming `where` when the entries make no sense. */
export function makePools(entries: unknown, where: string): Pools {
  const wrong = (what: string) =>
    new Fault('input', what, 'write a JSON list of {"prefix","pool","log"} as the guide shows', { where });
  const read = SHAPE.safeParse(entries);
  if (!read.success) throw wrong(z.prettifyError(read.error).replaceAll('\n', ' '));
  const all = read.data.map(entry => {
    const prefix = parsePrefix(entry.prefix);
    if (prefix?.family !== 4) throw wrong(`"${entry.prefix}" is no IPv4 prefix`);
    return {
      prefix,
      pool: entry.pool,
      log: entry.log,
      infrastructure: entry.infrastructure ?? false,
      portsFrom: entry.portsFrom ?? LOWEST_PORT[entry.pool],
      logClockErrorMs: entry.logClockErrorMs ?? 1_000,
    };
  });
  const narrowFirst = [...all].sort((a, b) => b.prefix.length - a.prefix.length);
  return {
    all,
    of: address => narrowFirst.find(pool => prefixContains(pool.prefix, { family: 4, value: BigInt(address) })),
  };
}

export function loadPools(file: string): Pools {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  try {
    return makePools(JSON.parse(text), file);
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new Fault('input', 'is not JSON', 'correct it; nothing was read', { where: file, cause: thrown });
    throw thrown;
  }
}
