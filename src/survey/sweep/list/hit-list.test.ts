/** A list of addresses: no address twice, each found again, and the same engine over it as over ranges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, formatAddress, parseAddress } from '../../../record/address.ts';
import type { Place } from '../../round/space.ts';
import { addressAt, listSpace, makeList, textAt } from './hit-list.ts';

const address = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffffffffn }).map((value): Address => ({ family: 4, value })),
  fc
    .tuple(fc.constantFrom(0n, 0x20010db8n << 96n, (1n << 128n) - 4096n), fc.bigInt({ min: 0n, max: 4095n }))
    .map(([base, more]): Address => ({ family: 6, value: base + more })),
);

test('a list holds what a set holds, in order of coming, and gives it back; it crosses to a thread whole', () => {
  fc.assert(
    fc.property(fc.array(address, { minLength: 1, maxLength: 3_000, size: 'max' }), many => {
      const maker = makeList();
      const seen = new Set<string>();
      for (const one of many) {
        const text = formatAddress(one);
        assert.equal(maker.add(one, `isp-${one.family}`), !seen.has(text), text);
        seen.add(text);
      }
      const made = maker.done();
      const list = structuredClone(made);
      assert.ok(list.bytes.buffer instanceof SharedArrayBuffer);
      assert.equal(list.count, seen.size);
      [...seen].forEach((text, n) => {
        assert.equal(textAt(list, n), text);
        assert.equal(list.isps[list.isp[n] as number], `isp-${addressAt(list, n).family}`);
      });
    }),
    { numRuns: 20 },
  );
});

test('a /24 of IPv4 and a /48 of IPv6 are paced as one network', () => {
  const maker = makeList();
  const add = (text: string) => maker.add(parseAddress(text) as Address, 'isp-a');
  for (const text of ['192.0.2.1', '192.0.2.255', '192.0.3.0', '2001:db8:1::', '2001:db8:1:ffff::1', '2001:db8:2::'])
    assert.equal(add(text), true);
  assert.equal(add('192.0.2.1'), false);
  const { net, nets } = maker.done();
  assert.deepEqual([...net], [0, 0, 1, 2, 2, 3]);
  assert.equal(nets, 4);
});

test('the space of a list: every pair once, there and back', () => {
  const maker = makeList();
  for (let n = 0; n < 50; n++) maker.add({ family: 6, value: (0xfd00n << 112n) + BigInt(n) }, 'isp-a');
  const space = listSpace(maker.done(), [23, 80, 8080]);
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  const pairs = new Set<string>();
  for (let index = 0; index < space.size; index++) {
    space.locate(index, place);
    assert.equal(space.elementOf(place.address, place.port), index);
    assert.equal(space.address(index), place.address);
    assert.equal(space.port(index), place.port);
    pairs.add(`${place.address} ${place.port}`);
  }
  assert.equal(pairs.size, 150);
  assert.equal(space.elementOf(50, 23), -1);
  assert.equal(space.elementOf(0, 22), -1);
  assert.throws(() => listSpace(makeList().done(), [23]), RangeError);
});
