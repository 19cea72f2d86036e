import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coveredBy, sourceInfo } from './coverage.ts';
import { type Heard, Hearing, NOTHING_HEARD } from './hearing.ts';

const info = (heard: Heard) => sourceInfo({ name: 'log', format: 'csv', rows: 0, rejected: 0, files: [], heard });
const heardAt = (instants: readonly number[], silence?: number, more: (h: Hearing) => void = () => undefined) => {
  const hearing = new Hearing(NOTHING_HEARD, silence);
  for (const at of instants) hearing.exporter('a').heard(at);
  more(hearing);
  return hearing.save();
};

test('silences longer than allowed are gaps, whatever the order, and again changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2_000), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 300 }),
      fc.infiniteStream(fc.nat()),
      (instants, silence, order) => {
        const sorted = [...new Set(instants)].sort((a, b) => a - b);
        const gaps: { from: number; to: number }[] = [];
        for (const [n, to] of sorted.slice(1).entries()) {
          if (to - sorted[n]! <= silence) continue;
          // A single word between two silences does not part them.
          if (gaps.at(-1)?.to === sorted[n]) gaps.at(-1)!.to = to;
          else gaps.push({ from: sorted[n]!, to });
        }
        const shuffled = instants.map(at => [order.next().value as number, at] as const).sort((a, b) => a[0] - b[0]);
        const heard = heardAt([...shuffled.map(s => s[1]), ...instants], silence);
        const [exporter] = info(heard).exporters;
        assert.deepEqual(exporter, { exporter: 'a', first: sorted[0], through: sorted.at(-1), gaps });
        assert.deepEqual(new Hearing(heard).save(), heard, 'saved and read again');
        for (const at of [0, 700, 1_400, 2_000]) {
          const inside = at >= sorted[0]! && at <= sorted.at(-1)!;
          const silent = gaps.some(g => g.from < at && at < g.to);
          const wanted = at > sorted.at(-1)! ? 'pending' : inside ? (silent ? 'gap' : 'covered') : 'before';
          assert.equal(coveredBy(info(heard), at, at, 'a'), wanted);
        }
      },
    ),
  );
});

test('what is lost is a gap inside what was heard; touching its edge is covered', () => {
  const heard = heardAt([0, 1_000], undefined, h => {
    h.exporter('a').lost(300, 400);
    h.exporter('a').lost(350, 500);
    h.exporter('a').lost(360, 390);
  });
  const source = info(heard);
  assert.deepEqual(source.exporters[0]?.gaps, [{ from: 300, to: 500 }]);
  assert.equal(coveredBy(source, 100, 300), 'covered');
  assert.equal(coveredBy(source, 100, 301), 'gap');
  assert.equal(coveredBy(source, 499, 600), 'gap');
  assert.equal(coveredBy(source, 500, 600), 'covered');
});

test('a break is a gap from the last word before it to the next', () => {
  const hearing = new Hearing(heardAt([0, 100]));
  hearing.broken();
  const again = new Hearing(hearing.save());
  again.exporter('a').heard(50);
  assert.deepEqual(info(again.save()).exporters[0]?.gaps, [], 'not heard since');
  again.exporter('a').heard(130);
  again.exporter('a').heard(160);
  assert.deepEqual(info(again.save()).exporters[0]?.gaps, [{ from: 100, to: 130 }]);
});

test('every exporter must cover; one that fell silent is a gap, one that is late is awaited', () => {
  const two = (silence: number | undefined) =>
    info(
      heardAt([0, 100], silence, h => {
        for (const at of [0, 200, 400, 600]) h.exporter('b').heard(at);
      }),
    );
  assert.equal(coveredBy(two(undefined), 50, 90), 'covered');
  assert.equal(coveredBy(two(undefined), 50, 150), 'pending');
  assert.equal(coveredBy(two(undefined), 50, 150, 'b'), 'covered');
  assert.equal(coveredBy(two(250), 110, 150), 'gap', 'silent for longer than it may');
  assert.equal(coveredBy(two(250), 50, 700), 'pending');
  assert.equal(coveredBy(two(250), 50, 60, 'nobody'), 'before');
  assert.deepEqual([two(250).first, two(250).through], [0, 600]);
});

test('declared complete: as far as said, no farther; said no more, as far as heard', () => {
  const hearing = new Hearing(heardAt([100, 900]));
  hearing.declare(500);
  assert.equal(info(hearing.save()).through, 500);
  hearing.declare(2_000);
  assert.equal(info(hearing.save()).through, 2_000);
  hearing.declare(undefined);
  assert.equal(info(hearing.save()).through, 2_000);
  hearing.exporter('a').heard(3_000);
  assert.equal(info(hearing.save()).through, 3_000);
  assert.equal(info({ ...hearing.save(), keptFrom: 400 }).first, 400);
});
