/**
 * The ISP's own list of its address pools: which prefix is handed out how, when, and which log says who held it. In: a JSON
 * file. Out: the narrowest pool of an address at an instant. A pool whose log cannot be read yet is named as such, so that a
 * refusal can say why.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { formatPrefix, type Prefix, parsePrefix } from '../../record/address.ts';
import { Fault, fileFault } from '../../record/fault.ts';
import { POOL_KINDS } from '../../record/glossary.ts';
import { DAY, type Instant, instantOf } from '../../record/instant.ts';
import { changesOf, type Leads } from './chain.ts';
import { delegatedPrefixOf } from './map/backward.ts';
import { type MapRules, mapRulesShape } from './map/rules.ts';
import { natLeads } from './nat/rule/proven.ts';
import { natRulesShape } from './nat/rule/shape.ts';
import { LOWEST_PORT, POOL_LOGS, type Pool } from './pool.ts';
import { byPrefix } from './pool-table.ts';

export { isShared, type Pool } from './pool.ts';

export interface Pools {
  readonly all: readonly Pool[];
  /** The narrowest pool that holds an IPv4 address given as a number, at an instant. */
  of(address: number, at: Instant, realm?: string): Pool | undefined;
  of6(address: bigint, at: Instant): Pool | undefined;
  /** Instants in (from, to] at which a pool with a time of its own begins or ends; mostly none. */
  changes(from: Instant, to: Instant): readonly Instant[];
}

const instant = z
  .string()
  .transform((text, context) => {
    const at = instantOf(text);
    if (at === undefined) context.addIssue({ code: 'custom', message: 'is no ISO 8601 instant with a zone' });
    return at ?? 0;
  })
  .optional();

const SHAPE = z.array(
  z.strictObject({
    prefix: z.string(),
    pool: z.enum(POOL_KINDS),
    log: z.enum(POOL_LOGS),
    source: z.string().min(1).max(80).optional(),
    exporters: z.array(z.string().min(1).max(200)).min(1).optional(),
    infrastructure: z.boolean().optional(),
    portsFrom: z.int().min(0).max(65_535).optional(),
    logClockErrorMs: z.int().min(0).max(3_600_000).optional(),
    /** Rules of deterministic NAT; then the inside pool's log names the line, in the realm `inside`. */
    nat: natRulesShape.optional(),
    /** MAP-E or MAP-T rules; then `log` is that of the delegated prefixes. */
    map: mapRulesShape.optional(),
    realm: z.string().max(80).optional(),
    inside: z.string().max(80).optional(),
    answerWithinDays: z.int().min(1).max(3_650).optional(),
    validFrom: instant,
    validTo: instant,
  }),
);
export type PoolEntry = z.input<typeof SHAPE>[number];

const byMap = (rules: MapRules): Leads => ({
  changes: changesOf(rules),
  ask: (address, port, moment) => delegatedPrefixOf(rules, address, port, moment),
});

type Entry = z.output<typeof SHAPE>[number];

const poolOf = (entry: Entry, prefix: Prefix): Pool => ({
  prefix,
  pool: entry.pool,
  log: entry.log,
  source: entry.source,
  exporters: entry.exporters,
  infrastructure: entry.infrastructure ?? false,
  portsFrom: entry.portsFrom ?? (entry.map || entry.nat ? 0 : LOWEST_PORT[entry.pool]),
  logClockErrorMs: entry.logClockErrorMs ?? 1_000,
  leads: entry.map ? byMap(entry.map) : entry.nat && natLeads(entry.nat),
  realm: entry.realm ?? '',
  inside: entry.inside ?? '',
  answerWithinMs: entry.answerWithinDays === undefined ? Number.POSITIVE_INFINITY : entry.answerWithinDays * DAY,
  validFrom: entry.validFrom,
  validTo: entry.validTo,
});

/** Throws Fault(input) naming `where` when the entries make no sense. */
export function makePools(entries: unknown, where: string): Pools {
  const wrong = (what: string) =>
    new Fault('input', what, 'write a JSON list of {"prefix","pool","log"} as the guide shows', { where });
  const read = SHAPE.safeParse(entries);
  if (!read.success) throw wrong(z.prettifyError(read.error).replaceAll('\n', ' '));
  const all = read.data.map(entry => {
    const prefix = parsePrefix(entry.prefix);
    if (!prefix) throw wrong(`"${entry.prefix}" is no prefix`);
    if (entry.validFrom !== undefined && entry.validTo !== undefined && entry.validFrom >= entry.validTo)
      throw wrong(`the pool ${entry.prefix} ends before it begins`);
    if (entry.map && entry.nat) throw wrong(`the pool ${entry.prefix} has rules of MAP and of a carrier NAT`);
    return poolOf(entry, prefix);
  });
  const table = byPrefix(all);
  if (table.twice) throw wrong(`two pools have the prefix ${formatPrefix(table.twice.prefix)} at one time`);
  const boundaries = changesOf(all);
  return {
    all,
    of: table.of,
    of6: table.of6,
    changes: (from, to) => (boundaries.length === 0 ? NONE : boundaries.filter(at => from < at && at <= to)),
  };
}
const NONE: readonly Instant[] = [];

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
