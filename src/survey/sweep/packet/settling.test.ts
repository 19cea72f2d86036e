import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LedgerHit, ShardLine } from '../../round/ledger.ts';
import { excludedOf, noTally, sentOf } from '../../round/tally.ts';
import { makeSettling, type ReplyFate } from './settling.ts';

const fresh = { shard: 3, cursor: 100, reserved: 100, left: [], tally: noTally(), hits: [], rest: true };

test('whatever the order of reports and replies: a line tells only what had its time, and in the end everything', () => {
  const fates: readonly (ReplyFate | 'silent')[] = ['answered', 'refused', 'unreachable', 'silent'];
  const plan = fc.array(fc.record({ step: fc.integer({ min: 1, max: 9 }), defer: fc.boolean(), late: fc.boolean() }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(plan, fc.infiniteStream(fc.integer({ min: 0, max: 7 })), (steps, chance) => {
      const size = steps.reduce((sum, { step }) => sum + step, 0);
      const settling = makeSettling(fresh, 100 + size, false);
      const fateOf = (index: number) => fates[((index * 7) % 5) % 4] as ReplyFate | 'silent';
      const hits: LedgerHit[] = [];
      const deferred = new Set<number>();
      const late: number[] = [];
      let cursor = 100;
      let sent = 0;
      let now = 0;
      const told = (line: ShardLine | undefined, waited: number): void => {
        if (line === undefined) return;
        hits.push(...line.hits);
        assert.ok(line.cursor <= waited, 'nothing is written before its replies had time');
        assert.equal(sentOf(line.tally), line.cursor - 100 - line.left.length);
        assert.ok(line.hits.every(([index]) => index < line.cursor && !line.left.includes(index)));
      };
      const answer = (index: number): void => {
        const fate = fateOf(index);
        if (fate !== 'silent') settling.reply(index, fate, fate === 'answered' ? [index, 5] : undefined);
      };
      const reached: number[] = [100];
      for (const { step, defer, late: isLate } of steps) {
        now += 10;
        for (let n = 0; n < step; n++) {
          const index = cursor++;
          if (defer && n === 0) deferred.add(index);
          else {
            sent++;
            if (isLate) late.push(index);
            else answer(index);
          }
        }
        if ((chance.next().value as number) > 4)
          for (const index of deferred) {
            deferred.delete(index);
            sent++;
            answer(index);
          }
        settling.progress({ shard: 3, cursor, left: [...deferred], sent, excluded: 0, known: 0 }, now + 25);
        reached.push(cursor);
        told(settling.line(now, 0), reached[Math.max(0, reached.length - 3)] as number);
      }
      for (const index of deferred) {
        sent++;
        answer(index);
      }
      settling.progress({ shard: 3, cursor, left: [], sent, excluded: 0, known: 0 }, now + 25);
      told(settling.line(now + 25, 0), cursor);
      assert.equal(settling.done, true);
      for (const index of late) answer(index);
      const last = settling.restLine();
      hits.push(...last.hits);
      assert.equal(last.rest, true);
      const all = Array.from({ length: size }, (_, n) => fateOf(100 + n));
      for (const fate of fates) assert.equal(last.tally[fate], all.filter(f => f === fate).length, fate);
      assert.deepEqual(
        hits.map(([index]) => index).sort((a, b) => a - b),
        [...all.flatMap((fate, n) => (fate === 'answered' ? [100 + n] : []))],
      );
    }),
  );
});

test('on top of an earlier run: its counts stay, what it left is done first, a late reply turns silent into answered', () => {
  const tally = { ...noTally(), silent: 8, excluded: 1 };
  const settling = makeSettling({ ...fresh, cursor: 110, left: [104], tally, rest: true }, 112, false);
  settling.progress({ shard: 3, cursor: 112, left: [], sent: 2, excluded: 1, known: 0 }, 5);
  settling.reply(101, 'answered', [101, 9]);
  assert.equal(settling.line(4, 0)?.tally.answered, 1, 'the late one needs no waiting');
  const line = settling.line(5, 0);
  assert.deepEqual([line?.cursor, line?.tally.silent, line?.tally.answered], [112, 9, 1]);
  assert.equal(excludedOf(line?.tally ?? noTally()), 2);
  assert.equal(settling.line(6, 0), undefined, 'nothing new');
});

test('never-twice writes hits at once, and keeps its reservation', () => {
  const settling = makeSettling(fresh, 200, true);
  settling.reply(150, 'answered', [150, 9]);
  const line = settling.line(0, 160);
  assert.deepEqual([line?.cursor, line?.reserved, line?.hits], [100, 160, [[150, 9]]]);
  assert.equal(settling.current(180).reserved, 180);
});

test('a shard in which every address answers at once is settled like any other', () => {
  const size = 200_000;
  const settling = makeSettling({ ...fresh, cursor: 0, reserved: 0 }, size, false);
  settling.progress({ shard: 3, cursor: size, left: [], sent: size, excluded: 0, known: 0 }, 10);
  for (let index = 0; index < size; index++) settling.reply(index, 'answered', [index, 9]);
  const line = settling.line(10, size);
  assert.deepEqual([line?.hits.length, line?.tally.answered, line?.tally.silent], [size, size, 0]);
});
