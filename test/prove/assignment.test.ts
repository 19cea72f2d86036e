import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceFrom } from './assignment/chance.ts';
import { decide, provenByLeases, provenBySessions } from './assignment/oracle.ts';
import { slotWorld } from './assignment/slot-world.ts';
import { emptyTally, examine } from './assignment/world.ts';
import { proveAssignment } from './assignment.ts';

test('the proof of the resolver at a small size: no line named wrongly, and what can be decided is', async () => {
  const proof = await proveAssignment(200_000, 7_000_001);
  assert.equal(proof.wrong, 0, JSON.stringify(proof.examples));
  assert.equal(proof.tried, 200_000);
  assert.ok(proof.ratio_found >= proof.least_ratio, JSON.stringify(proof));
  assert.ok(proof.decidable > 30_000 && proof.configurations_refused > 0, JSON.stringify(proof));
  for (const [kind, { tried }] of Object.entries(proof.by_kind)) assert.ok(tried > 5_000, kind);
});

test('a resolver that goes wrong is seen: the latest start, and the only hold at the instant', () => {
  for (const kind of ['radius', 'cgn', 'dhcp'] as const) {
    const tally = emptyTally();
    for (let seed = 1; seed < 40; seed++) {
      const world = slotWorld(chanceFrom(seed), kind);
      const { logs } = world;
      // The usual query: whoever began last before the instant, whatever ended since.
      const latest = {
        ...logs,
        touching: (address: number, port: number, from: number, to: number) => {
          const all = logs.touching(address, port, 0, (from + to) / 2).filter(h => h.possibleFrom <= (from + to) / 2);
          const last = all.toSorted((a, b) => b.possibleFrom - a.possibleFrom)[0];
          return last ? [{ ...last, sureFrom: from, sureTo: to, possibleFrom: from, possibleTo: to }] : [];
        },
      };
      examine({ ...world, logs: latest }, 500, tally, seed);
    }
    assert.ok(tally.wrong > tally.tried / 200, `${kind}: only ${tally.wrong} of ${tally.tried} were wrong`);
  }
});

test('an oracle that decides too much is seen', () => {
  const tally = emptyTally();
  for (let seed = 1; seed < 40; seed++) {
    const world = slotWorld(chanceFrom(seed), 'radius');
    examine({ ...world, oracle: () => 'L1' }, 100, tally, seed);
  }
  assert.ok(tally.oracleWrong > 0 && tally.missed > 0);
});

test('what two records of one session prove, and what a lease does', () => {
  const common = {
    holder: { family: 4, address: 1, portFrom: 0, portTo: 65_535 },
    errorMs: 0,
    exporter: 'box',
  } as const;
  const of = { ...common, session: 's', subscriber: 'A' };
  const place = '1:0-65535';
  const begin = { ...of, what: 'begin', at: 10_000 } as const;
  const end = { ...of, what: 'end', at: 90_000 } as const;
  const proven = (...events: Parameters<typeof provenBySessions>[0][number][]) =>
    provenBySessions(events, 2_000).get(place) ?? [];
  assert.equal(decide(proven(begin, end), 13_000, 87_000), 'A');
  assert.equal(decide(proven(begin, end), 12_999, 87_000), undefined, 'clock and rounding');
  assert.equal(
    decide(proven(begin, { what: 'reset', at: 50_000, errorMs: 0, exporter: 'box' }, end), 40_000, 41_000),
    undefined,
  );
  assert.equal(decide(proven(begin, { ...end, since: 60_000 }), 40_000, 41_000), undefined, 'it began anew in between');
  const lease = { ...of, what: 'lease', at: 10_000, until: 110_000 } as const;
  const other = { ...lease, session: 't', subscriber: 'B', at: 60_000, until: 160_000 } as const;
  const leased = (...events: Parameters<typeof provenByLeases>[0][number][]) =>
    provenByLeases(events, 0).get(place) ?? [];
  assert.equal(decide(leased(lease), 11_000, 109_000), 'A');
  assert.equal(decide(leased(lease, other), 20_000, 21_000), undefined, 'it ended, nobody wrote when');
  assert.equal(decide(leased(lease, { ...of, what: 'release', at: 60_000 }, other), 20_000, 59_000), 'A');
});
