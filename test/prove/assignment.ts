/**
 * The proof of the resolver (invariant 11): true histories of lines and boxes, the logs that real equipment would write of them with
 * everything that goes wrong on the way, and questions about moments when a line was really there. `wrong`: `unique` that names
 * another line. `missed`: not `unique` though an oracle that has the same logs can decide it by brute force; `ratio_found` is the
 * rest of what it can decide, and 0.99 is asked for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceFrom } from './assignment/chance.ts';
import { mapWorld, natWorld } from './assignment/rule-world.ts';
import { type SlotKind, slotWorld } from './assignment/slot-world.ts';
import { type TextKind, textWorld } from './assignment/text-world.ts';
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
/** Questions of one world; a world of files costs an import, so more are asked of it. */
const AT_ONCE = 2_000;
const OF_FILES = 20_000;

interface Kind {
  readonly name: string;
  readonly questions: number;
  /** Undefined when the configuration is refused as it is read. `dir`: an empty folder. */
  make(seed: number, dir: string): World | undefined | Promise<World>;
}

const slots = (name: SlotKind): Kind => ({
  name,
  questions: AT_ONCE,
  make: seed => slotWorld(chanceFrom(seed), name),
});
const files = (name: TextKind): Kind => ({
  name: `${name} files`,
  questions: OF_FILES,
  make: (seed, dir) => textWorld(chanceFrom(seed), name, dir),
});
const KINDS: readonly Kind[] = [
  ...(['radius', 'cgn', 'cgn-blocks', 'cgn-inside', 'dhcp'] as const).map(slots),
  { name: 'map-e', questions: AT_ONCE, make: seed => mapWorld(chanceFrom(seed)) },
  { name: 'deterministic-nat', questions: AT_ONCE, make: seed => natWorld(chanceFrom(seed)) },
];
const FILES: readonly Kind[] = (['csv', 'kea', 'radius-detail'] as const).map(files);
/** After so many worlds of events comes one of files. */
const TURN = 13;

const kindOf = (world: number): Kind =>
  world % TURN === TURN - 1
    ? (FILES[Math.floor(world / TURN) % FILES.length] as Kind)
    : (KINDS[world % KINDS.length] as Kind);

/** `size`: questions. `seed`: of the first world. */
export async function proveAssignment(size: number, seed = 1): Promise<AssignmentProof> {
  const tallies = new Map([...KINDS, ...FILES].map(({ name }) => [name, emptyTally()]));
  let worlds = 0;
  let refused = 0;
  for (let left = size; left > 0; worlds++) {
    const kind = kindOf(worlds);
    const tally = tallies.get(kind.name) as Tally;
    const before = tally.tried;
    const dir = mkdtempSync(join(tmpdir(), 'notice-prove-assignment-'));
    try {
      const world = await kind.make(seed + worlds, dir);
      if (world) examine(world, Math.min(left, kind.questions), tally, seed + worlds);
      else refused++;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
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
    examples: [...tallies.values()].flatMap(t => t.examples.slice(0, t.wrong + t.oracleWrong > 0 ? 5 : 1)),
  };
}
