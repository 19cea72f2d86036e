import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptGrammar, IDENT_LINE } from './grammar.ts';

const PAIR = { user: 'admin', password: 'CNRY-11' };

/** Sixteen bytes: the smallest packet there is, of this type. */
const plain = (type: number) => Buffer.from([0, 0, 0, 12, 10, type, ...new Uint8Array(10)]);
const SEALED = Buffer.alloc(96, 7);
const opened = () => {
  const grammar = attemptGrammar(PAIR.user);
  for (const bytes of [Buffer.concat([IDENT_LINE, plain(20)]), plain(30)]) assert.ok(grammar.allows(bytes));
  return grammar;
};

test('first the identification, then one key exchange in its order', () => {
  for (const bytes of [plain(20), Buffer.from('SSH-2.0-other\r\n'), Buffer.alloc(0), SEALED])
    assert.equal(attemptGrammar(PAIR.user).allows(bytes), false);
  for (const type of [1, 5, 20, 21, 32, 50, 80, 90]) {
    const grammar = attemptGrammar(PAIR.user);
    assert.ok(grammar.allows(Buffer.concat([IDENT_LINE, plain(20)])));
    assert.equal(grammar.allows(plain(type)), false, `${type} after KEXINIT`);
  }
  for (const order of [
    [34, 32, 21],
    [30, 21],
  ]) {
    const grammar = attemptGrammar(PAIR.user);
    assert.ok(grammar.allows(Buffer.concat([IDENT_LINE, plain(20)])));
    for (const type of order) assert.ok(grammar.allows(plain(type)), `${order}`);
  }
});

test('before NEWKEYS nothing sealed, and half a packet is none', () => {
  assert.equal(opened().allows(SEALED), false);
  assert.equal(opened().allows(plain(21).subarray(0, 10)), false);
  assert.ok(opened().allows(Buffer.concat([plain(21), SEALED])));
});

test('sealed packets are counted, and more of them are allowed only for a pair', () => {
  const count = (permitted: boolean) => {
    const grammar = opened();
    assert.ok(grammar.allows(plain(21)));
    if (permitted) grammar.permit(PAIR);
    let allowed = 0;
    while (allowed < 100 && grammar.allows(SEALED)) allowed++;
    return allowed;
  };
  assert.deepEqual([count(false), count(true)], [3, 7]);
});

test('a sealed packet is no longer than a login needs', () => {
  const grammar = opened();
  assert.ok(grammar.allows(plain(21)));
  assert.equal(grammar.allows(Buffer.alloc(400, 7)), false);
});
