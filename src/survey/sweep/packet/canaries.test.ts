import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSpace } from '../../round/space.ts';
import { canaryElements, makeCanaryBook } from './canaries.ts';

test('a canary outside the round is refused, by name', () => {
  const space = makeSpace([{ from: 0x7f400000, to: 0x7f4000ff, isp: 'a' }], [23]);
  assert.deepEqual(canaryElements(space, [{ address: 0x7f400005, port: 23 }]), [5]);
  assert.throws(() => canaryElements(space, [{ address: 0x7f400005, port: 80 }]), /127\.64\.0\.5 port 80/);
  assert.throws(() => canaryElements(space, [{ address: 0x7f400100, port: 23 }]), /127\.64\.1\.0/);
});

test('recall is answered of asked: an answer pays for one ask, early or in time, a repeated one for none', () => {
  const book = makeCanaryBook(2, 100);
  book.asked([1, 1], 0);
  book.answered(0);
  book.answered(0);
  book.answered(0);
  assert.deepEqual(book.count(), { sent: 2, answered: 1 });
  assert.deepEqual(book.settled(99), { sent: 1, answered: 1 }, 'the other may still answer');
  assert.deepEqual(book.settled(100), { sent: 2, answered: 1 });
  book.answered(1);
  book.asked([1, 2], 150);
  assert.deepEqual(book.settled(150), { sent: 3, answered: 2 }, 'the answer came before the report of the ask');
  book.asked([1, 2], 160);
  book.asked([2, 2], 170);
  assert.deepEqual(book.settled(300), { sent: 4, answered: 2 }, 'what was repeated long ago answers nothing now');
});
