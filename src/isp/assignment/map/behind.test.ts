/** From (IPv4 address, port, instant) to the line, by the rules of that instant and the log of delegated prefixes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  BASE4,
  CHANGES,
  END,
  LOG_ERROR,
  type MapDomain,
  makeMapDomain,
  type Row,
  START,
} from '../../../../test/fixtures/map-domain.ts';
import { formatIpv4 } from '../../../record/address.ts';
import type { IdentificationVerdict } from '../../../record/assignment.ts';
import { identify } from '../identify.ts';
import { importAssignments } from '../import.ts';
import { openAssignments } from '../index.ts';
import { networkOf } from '../ipv6/key.ts';
import { makePools } from '../pools.ts';
import { openSubscribers } from '../subscribers.ts';

/** Mulberry32 (T. Ettinger). */
function seeded(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const root = mkdtempSync(join(tmpdir(), 'notice-map-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Imports the log of delegated prefixes and opens what came of it. */
async function imported(domain: MapDomain, name: string) {
  const file = join(root, `${name}.csv`);
  const dir = join(root, name);
  writeFileSync(file, domain.log);
  const report = await importAssignments({ format: 'pd', files: [file], dir, through: END });
  assert.equal(report.rejectedCount, 0, JSON.stringify(report.rejected));
  const logs = openAssignments(dir, makePools(domain.pools, 'pools.json'));
  const names = openSubscribers(dir);
  return { logs, nameOf: (number: number) => names.nameOf(number) };
}

/** What anybody with the same log and rules could decide with room to spare: one row proves twice the error around. */
function isPlain(rows: readonly Row[], at: number, twice: number): boolean {
  if (CHANGES.some(change => Math.abs(change - at) <= twice)) return false;
  if (at - twice < START || at + twice > END) return false;
  const near = rows.filter(r => r.from <= at + twice && at - twice <= r.to);
  const whole = near.every(r => r.stay.length <= 56);
  return (
    whole &&
    new Set(near.map(r => r.stay.line)).size === 1 &&
    near.some(r => r.from <= at - twice && at + twice <= r.to)
  );
}

interface Tally {
  asked: number;
  wrong: number;
  plain: number;
  missed: number;
  readonly verdicts: Partial<Record<IdentificationVerdict, number>>;
}

async function ask(name: string, random: () => number, questions: number, tally: Tally): Promise<void> {
  const domain = makeMapDomain(random);
  const { logs, nameOf } = await imported(domain, name);
  const bySlot = Map.groupBy(domain.rows, row => row.stay.prefix >> 74n);
  for (let i = 0; i < questions; i++) {
    const stay = domain.stays[Math.floor(random() * domain.stays.length)];
    assert.ok(stay);
    const clockErrorMs = Math.floor(random() * 3) * 2_000;
    const error = clockErrorMs + 2 * (LOG_ERROR + 1_000);
    const edges = [stay.from, stay.to, ...CHANGES];
    const edge = edges[Math.floor(random() * edges.length)] ?? 0;
    const truly = random() < 0.4 ? edge + (random() - 0.5) * 4 * error : stay.from + random() * (stay.to - stay.from);
    const seat = random() < 0.8 ? domain.seat(stay, truly, random) : undefined;
    const address = seat?.address ?? BASE4 + Math.floor(random() * 16);
    const port = seat?.port ?? 1 + Math.floor(random() * 65_535);
    const at = Math.round(truly + (random() * 2 - 1) * clockErrorMs);
    const said = identify(logs, { address: formatIpv4(address), port, at, clockErrorMs });
    tally.asked++;
    tally.verdicts[said.verdict] = (tally.verdicts[said.verdict] ?? 0) + 1;
    const behind = domain.truth(address, port, truly);
    const named = said.verdict === 'unique' ? nameOf(Number(said.subscriber)) : undefined;
    // Where a prefix stood empty nobody answered, so no finding can come from there.
    if (named !== undefined && (!behind || (behind.line ?? named) !== named)) tally.wrong++;
    if (
      !behind ||
      !isPlain(bySlot.get(behind.endUser.prefix >> 74n)?.filter(r => meets(r, behind.endUser)) ?? [], at, 2 * error)
    )
      continue;
    tally.plain++;
    if (named === undefined) tally.missed++;
  }
}

const meets = ({ stay }: Row, endUser: { readonly prefix: bigint; readonly length: number }): boolean => {
  const length = Math.min(stay.length, endUser.length);
  return networkOf(stay.prefix, length) === networkOf(endUser.prefix, length);
};

test('200,000 questions: never a wrong line, and every plain case is answered', async () => {
  const tally: Tally = { asked: 0, wrong: 0, plain: 0, missed: 0, verdicts: {} };
  for (let seed = 1; seed <= 10; seed++) {
    const random = seeded(seed);
    await ask(`seed-${seed}`, random, 20_000, tally);
  }
  const { verdicts } = tally;
  assert.equal(tally.wrong, 0, JSON.stringify(tally));
  assert.equal(tally.missed, 0, JSON.stringify(tally));
  assert.ok(tally.asked === 200_000 && tally.plain > 80_000, JSON.stringify(tally));
  const reached: IdentificationVerdict[] = [
    'unique',
    'none_gap',
    'none_unassigned',
    'ambiguous_overlap',
    'ambiguous_edge',
    'shared_port_impossible',
    'log_gap',
    'log_pending',
    'conflict_sources',
  ];
  for (const verdict of reached) assert.ok((verdicts[verdict] ?? 0) > 100, `${verdict}: ${JSON.stringify(verdicts)}`);
});
