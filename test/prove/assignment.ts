/**
 * The proof of the resolver (invariant 11): true histories of lines and boxes, the logs that real equipment would write of them with
 * everything that goes wrong on the way, and questions about moments when a line was really there. `wrong`: `unique` that names
 * another line. `missed`: not `unique` though an oracle that has the same logs can decide it by brute force; `ratio_found` is the
 * rest of what it can decide, and 0.99 is asked for.
 */
import { chanceFrom } from './assignment/chance.ts';
import { mapWorld, natWorld } from './assignment/rule-world.ts';
import { type SlotKind, slotWorld } from './assignment/slot-world.ts';
import { emptyTally, examine, type Tally, type World } from './assignment/world.ts';
import type { Proof } from './proof.ts';

export interface AssignmentProof extends Proof {
  readonly least_ratio: number;
  readonly decidable: number;
  readonly worlds: number;
  /** Rules of carrier NATs that live mappings contradicted when they were read. */
  readonly configurations_refused: number;
  readonly verdicts: Tally['verdicts'];
  readonly by_kind: Readonly<Record<string, { tried: number; wrong: number; missed: number; decidable: number }>>;
  readonly oracle_wrong: number;
  readonly bold: number;
  readonly examples: Tally['examples'];
}

const LEAST = 0.99;
const AT_ONCE = 2_000;

const slots = (kind: SlotKind) => (seed: number) => slotWorld(chanceFrom(seed), kind);
const WORLDS: readonly (readonly [kind: string, make: (seed: number) => World | undefined])[] = [
  ['radius', slots('radius')],
  ['cgn', slots('cgn')],
  ['cgn-inside', slots('cgn-inside')],
  ['dhcp', slots('dhcp')],
  ['map-e', seed => mapWorld(chanceFrom(seed))],
  ['deterministic-nat', seed => natWorld(chanceFrom(seed))],
];

/** `size`: questions. `seed`: of the first world. */
export function proveAssignment(size: number, seed = 1): AssignmentProof {
  const tallies = new Map(WORLDS.map(([kind]) => [kind, emptyTally()]));
  let worlds = 0;
  let refused = 0;
  for (let left = size; left > 0; worlds++) {
    const [kind, make] = WORLDS[worlds % WORLDS.length] as (typeof WORLDS)[number];
    const tally = tallies.get(kind) as Tally;
    const before = tally.tried;
    const world = make(seed + worlds);
    if (world) examine(world, Math.min(left, AT_ONCE), tally, seed + worlds);
    else refused++;
    left -= tally.tried - before;
  }
  const sum = (of: (tally: Tally) => number) => [...tallies.values()].reduce((all, tally) => all + of(tally), 0);
  const verdicts: Record<string, number> = {};
  for (const tally of tallies.values())
    for (const [name, n] of Object.entries(tally.verdicts)) verdicts[name] = (verdicts[name] ?? 0) + n;
  const [missed, decidable] = [sum(t => t.missed), sum(t => t.decidable)];
  return {
    proof: 'assignment',
    tried: sum(t => t.tried),
    wrong: sum(t => t.wrong) + sum(t => t.oracleWrong),
    missed,
    ratio_found: decidable === 0 ? 0 : (decidable - missed) / decidable,
    least_ratio: LEAST,
    decidable,
    worlds,
    configurations_refused: refused,
    verdicts,
    by_kind: Object.fromEntries(
      [...tallies].map(([kind, t]) => [
        kind,
        { tried: t.tried, wrong: t.wrong, missed: t.missed, decidable: t.decidable },
      ]),
    ),
    oracle_wrong: sum(t => t.oracleWrong),
    bold: sum(t => t.bold),
    examples: [...tallies.values()].flatMap(t => t.examples).slice(0, 12),
  };
}
