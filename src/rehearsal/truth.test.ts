import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR } from '../record/instant.ts';
import { judgeRound, type OpenedCase, truthAt } from './truth.ts';
import { makeWorld } from './world.ts';

describe('found beside true', () => {
  const world = makeWorld({ seed: 'truth', addresses: 8_192, devices: 300 });
  const at = world.start + 10 * HOUR;
  world.advance(at);
  const truth = truthAt(world, at);
  const perfect: OpenedCase[] = truth.flatMap(s =>
    s.kinds.map(kind => ({
      isp: s.isp,
      kind,
      address: s.address,
      port: s.port,
      seenAt: at,
      verdict: 'unique' as const,
      subscriber: s.subscriber,
    })),
  );
  const seen = (cases: readonly OpenedCase[]) => judgeRound(world, { at, answered: truth.length, cases });

  it('a perfect survey holds, with found equal to expected in every row', () => {
    const judged = seen(perfect);
    assert.equal(judged.holds, true);
    for (const row of judged.rows) assert.equal(row.found, row.expected, row.stage);
    assert.equal(judged.rows.find(r => r.stage === 'guessable')?.expected, 120);
    assert.deepEqual(judged.refused, []);
    const refused = seen(perfect.map(c => ({ ...c, verdict: 'log_gap' as const, subscriber: null })));
    assert.deepEqual(refused.refused, [{ reason: 'log_gap', cases: perfect.length }]);
    assert.equal(refused.holds, true, 'nobody was wrongly named');
  });

  it('one honeypot called guessable breaks the promise, and is named by personality only', () => {
    const pot = truth.find(s => s.personality === 'accepts-anything')!;
    const judged = seen([
      ...perfect,
      {
        isp: pot.isp,
        kind: 'guessable',
        address: pot.address,
        port: pot.port,
        seenAt: at,
        verdict: null,
        subscriber: null,
      },
    ]);
    assert.equal(judged.falseGuessable, 1);
    assert.equal(judged.holds, false);
    assert.deepEqual(judged.amiss, ['1 false: accepts-anything']);
    const row = judged.rows.find(r => r.stage === 'honeypots refused')!;
    assert.equal(row.found, row.expected - 1);
  });

  it('one wrong subscriber breaks it, and so does another ISP’s line of the same number', () => {
    const i = perfect.findIndex(c => c.verdict === 'unique');
    const named = (subscriber: string) => seen(perfect.with(i, { ...perfect[i]!, subscriber }));
    assert.equal(named('HK-9999999').wrongSubscribers, 1);
    assert.equal(named('HK-9999999').holds, false);
  });

  it('two guessable in a hundred may be missed, not three', () => {
    const guessable = perfect.filter(c => c.kind === 'guessable');
    const without = (n: number) => seen(perfect.filter(c => !guessable.slice(0, n).includes(c)));
    assert.equal(without(2).holds, true);
    assert.equal(without(3).holds, false);
    assert.match(without(3).amiss.join(), /guessable missed/);
  });

  it('what is excluded counts for nothing', () => {
    const address = perfect[0]!.address;
    const judged = judgeRound(world, {
      at,
      answered: 0,
      cases: perfect.filter(c => c.address !== address),
      excluded: a => a === address,
    });
    assert.equal(judged.holds, true);
    assert.equal(judged.guessableFound, 1);
  });
});
