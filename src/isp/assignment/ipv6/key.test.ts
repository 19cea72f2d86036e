import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress, parsePrefix, prefixContains } from '../../../record/address.ts';
import { compareKeys, holds6, key6, keysAround, networkOf, prefixOfKey } from './key.ts';

const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const length = fc.integer({ min: 0, max: 128 });
const value = (text: string) => parseAddress(text)?.value ?? -1n;

test('a prefix splits into words and joins again', () => {
  assert.deepEqual(key6(value('2001:db8:12:3400::1'), 56), {
    high: 0x20010db8,
    low: 0x00123400,
    restHigh: 0,
    restLow: 0,
    length: 56,
  });
  fc.assert(
    fc.property(address, length, (at, bits) => {
      const key = key6(at, bits);
      assert.equal(prefixOfKey(key), networkOf(at, bits));
      for (const word of [key.high, key.low, key.restHigh, key.restLow])
        assert.ok(Number.isInteger(word) && word >= 0 && word <= 0xffffffff);
      if (bits <= 64) assert.deepEqual([key.restHigh, key.restLow], [0, 0]);
    }),
  );
});

test('holding agrees with the arithmetic of records', () => {
  const near = fc.tuple(address, length, fc.bigInt({ min: 0n, max: 7n }), fc.integer({ min: 0, max: 127 }));
  fc.assert(
    fc.property(near, ([at, bits, flip, shift]) => {
      const base = networkOf(at, bits);
      const other = at ^ ((flip << BigInt(shift)) & ((1n << 128n) - 1n));
      assert.equal(
        holds6(base, bits, other),
        prefixContains({ family: 6, base, length: bits }, { family: 6, value: other }),
      );
    }),
  );
});

test('the order puts what is nested after what holds it', () => {
  const texts = ['2001:db8::/32', '2001:db8::/56', '2001:db8::/64', '2001:db8::1/128', '2001:db8:0:100::/56'];
  const keys = texts.map(text => {
    const prefix = parsePrefix(text);
    assert.ok(prefix);
    return key6(prefix.base, prefix.length);
  });
  const shuffled = [keys[3], keys[0], keys[4], keys[2], keys[1]].map(k => k as (typeof keys)[number]);
  assert.deepEqual(shuffled.sort(compareKeys), keys);
  fc.assert(
    fc.property(address, length, address, length, (a, la, b, lb) => {
      const order = Math.sign(compareKeys(key6(a, la), key6(b, lb)));
      const [na, nb] = [networkOf(a, la), networkOf(b, lb)];
      assert.equal(order, na < nb ? -1 : na > nb ? 1 : Math.sign(la - lb));
    }),
  );
});

test('every length that occurs is asked about, the longest first', () => {
  const keys = keysAround(value('2001:db8:1:23::9'), [56, 128, 64, 56]);
  assert.deepEqual(
    keys.map(k => [k.length, prefixOfKey(k)]),
    [
      [128, value('2001:db8:1:23::9')],
      [64, value('2001:db8:1:23::')],
      [56, value('2001:db8:1::')],
    ],
  );
});
