import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../record/address.ts';
import { makeSpace, type Place, type SpaceRange } from './space.ts';

const at = (text: string): number => parseIpv4(text) as number;
const nowhere = (): Place => ({ address: 0, port: 0, isp: 0, net: 0 });

/** Gap and length pairs make sorted, disjoint ranges of any shape, from one address to thousands. */
const ranges = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 700 }),
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3000 })),
      fc.constantFrom('a', 'b', 'c'),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map(parts => {
    let next = at('127.64.0.0');
    return parts.map(([gap, length, isp]): SpaceRange => {
      const from = next + gap;
      next = from + length;
      return { from, to: next - 1, isp };
    });
  });
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 4 });

test('every index is the pair that counting one by one gives', () => {
  fc.assert(
    fc.property(ranges, ports, (list, named) => {
      const space = makeSpace(list, named);
      const place = nowhere();
      const nets = new Map<number, number>();
      let index = 0;
      for (const range of list)
        for (let address = range.from; address <= range.to; address++)
          for (const port of named) {
            space.locate(index, place);
            if (place.address !== address || place.port !== port || space.isps[place.isp] !== range.isp)
              assert.fail(`index ${index}: ${JSON.stringify(place)}, not ${address}:${port} of ${range.isp}`);
            if (space.address(index) !== address || space.port(index) !== port)
              assert.fail(`index ${index} read singly`);
            if (space.elementOf(address, port) !== index) assert.fail(`${address}:${port} is not found at ${index}`);
            const known = nets.get(address >>> 8);
            if (known === undefined) nets.set(address >>> 8, place.net);
            else assert.equal(place.net, known, 'one /24, one number');
            index++;
          }
      const inside = (address: number): boolean => list.some(r => r.from <= address && address <= r.to);
      const odd = [0, 0xffffffff, ...list.flatMap(r => [r.from - 1, r.to + 1])].filter(address => !inside(address));
      for (const address of odd) assert.equal(space.elementOf(address, named[0] as number), -1, 'outside');
      for (const port of [0, 65_535, 65_536].filter(port => !named.includes(port)))
        assert.equal(space.elementOf(list[0]?.from as number, port), -1, 'another port');
      assert.equal(space.size, index);
      assert.equal(space.nets, nets.size);
      assert.deepEqual(
        [...nets.values()],
        [...nets.keys()].map((_, i) => i),
        'numbers of /24s are 0 … nets-1',
      );
    }),
    { numRuns: 40 },
  );
});

test('the space of some ISPs is the whole without the others, with the ranks of the whole', () => {
  fc.assert(
    fc.property(ranges, ports, fc.constantFrom('a', 'b', 'c'), (list, named, isp) => {
      const mine = list.filter(range => range.isp === isp);
      fc.pre(mine.length > 0);
      const whole = makeSpace(list, named);
      const part = makeSpace(list, named, new Set([isp]));
      const alone = makeSpace(mine, named);
      assert.deepEqual([part.size, part.nets, part.isps], [alone.size, whole.nets, whole.isps]);
      const [a, b] = [nowhere(), nowhere()];
      for (let index = 0; index < part.size; index += 7) {
        part.locate(index, a);
        whole.locate(whole.elementOf(alone.address(index), alone.port(index)), b);
        assert.deepEqual(a, b);
        assert.equal(part.elementOf(a.address, a.port), index);
      }
    }),
    { numRuns: 40 },
  );
});

test('the whole of IPv4 on one port is 2^32 pairs, and the far end is reached', () => {
  const space = makeSpace([{ from: 0, to: 0xffffffff, isp: 'all' }], [23]);
  assert.equal(space.size, 2 ** 32);
  assert.equal(space.address(2 ** 32 - 1), 0xffffffff);
  const place = nowhere();
  space.locate(2 ** 32 - 1, place);
  assert.deepEqual(place, { address: 0xffffffff, port: 23, isp: 0, net: 2 ** 24 - 1 });
  assert.equal(space.elementOf(0xffffffff, 23), 2 ** 32 - 1);
});

test('a shared /24 is one network', () => {
  const space = makeSpace(
    [
      { from: at('127.64.0.0'), to: at('127.64.0.127'), isp: 'a' },
      { from: at('127.64.0.128'), to: at('127.64.1.5'), isp: 'b' },
    ],
    [23],
  );
  assert.equal(space.nets, 2);
});

test('what is no space is refused', () => {
  const one = { from: 10, to: 20, isp: 'a' };
  assert.throws(() => makeSpace([], [23]), RangeError);
  assert.throws(() => makeSpace([one], []), RangeError);
  assert.throws(() => makeSpace([one], [23, 23]), RangeError);
  assert.throws(() => makeSpace([one], [0]), RangeError);
  assert.throws(() => makeSpace([one], [70000]), RangeError);
  assert.throws(() => makeSpace([one, { from: 20, to: 30, isp: 'b' }], [23]), RangeError);
  assert.throws(() => makeSpace([{ from: 5, to: 4, isp: 'a' }], [23]), RangeError);
  assert.throws(() => makeSpace([{ from: 0, to: 2 ** 31, isp: 'a' }], [1, 2]), RangeError);
});
