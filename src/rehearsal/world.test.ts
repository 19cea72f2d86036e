import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseIpv4, parsePrefix, prefixContains } from '../record/address.ts';
import { DAY, HOUR } from '../record/instant.ts';
import { emptyAddresses, makeCountry, rangesOf } from './country.ts';
import { GUESSABLE_PAIRS } from './guessable-pairs.ts';
import { isHoneypot, kindsOf, type Personality } from './personality.ts';
import { makeWorld, replayWorld, type World } from './world.ts';

const SMALL = { seed: 'one', addresses: 8_192, devices: 200 } as const;
const later = (world: World, days: number) => world.start + days * DAY + 10 * HOUR;
const snapshot = (world: World) => JSON.stringify(world.placements());

describe('the country', () => {
  it('is split among five ISPs without gap or overlap, in aligned prefixes, at every size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 20 }), bits => {
        const country = makeCountry(2 ** bits);
        let next = 0x7f400000;
        for (const range of country.flatMap(rangesOf)) {
          assert.equal(range.from, next);
          next = range.to + 1;
        }
        assert.equal(next - 0x7f400000, 2 ** bits);
        assert.equal(country.length, 5);
      }),
    );
    assert.throws(() => makeCountry(65_537), /power of two/);
  });

  it('is the same for the same seed and another for another', () => {
    assert.equal(snapshot(makeWorld(SMALL)), snapshot(makeWorld(SMALL)));
    assert.notEqual(snapshot(makeWorld(SMALL)), snapshot(makeWorld({ ...SMALL, seed: 'two' })));
  });

  it('puts no two services on one address and port, each inside its ISP, none where it must be empty', () => {
    const world = makeWorld(SMALL);
    const empty = new Set(emptyAddresses(world.country));
    for (const days of [0, 20, 45, 75]) {
      world.advance(later(world, days));
      const places = world.placements();
      assert.equal(new Set(places.map(p => `${p.address}:${p.port}`)).size, places.length);
      for (const p of places) {
        const device = world.devices.get(p.device);
        const isp = world.country.find(c => c.id === device?.line.isp);
        const value = BigInt(parseIpv4(p.address) ?? 0);
        assert.ok(isp?.prefixes.some(x => prefixContains(parsePrefix(x)!, { family: 4, value })));
        assert.ok(!empty.has(p.address));
        const main = p.service === device?.services[0];
        if (main) assert.equal(world.register.holder(p.address, p.port, world.now()), device?.line);
      }
    }
  });

  it('has the shares it promises, and every personality', () => {
    const world = makeWorld({ seed: 'shares' });
    const count = (what: string) =>
      world.placements().filter(p => (kindsOf(p.service, p.model, p.condition) as string[]).includes(what)).length;
    assert.equal(world.devices.size, 600);
    assert.deepEqual([count('guessable'), count('firmware'), count('no-login')], [240, 72, 30]);
    const personalities = new Map<Personality, number>();
    for (const p of world.placements())
      personalities.set(p.service.personality, (personalities.get(p.service.personality) ?? 0) + 1);
    assert.equal(personalities.size, 20);
    assert.ok((personalities.get('accepts-anything') ?? 0) >= 5);
    for (const p of world.placements()) {
      const pair = p.condition.pair;
      const listed = GUESSABLE_PAIRS.some(g => g.user === pair?.user && g.password === pair.password);
      assert.equal(listed, p.condition.guessable);
      if (isHoneypot(p.service.personality)) assert.deepEqual(kindsOf(p.service, p.model, p.condition), []);
    }
  });
});

describe('time in the country', () => {
  it('gives the same country in one step as in many, and when replayed with the owners’ deeds', () => {
    const once = makeWorld(SMALL);
    once.advance(later(once, 70));
    const often = makeWorld(SMALL);
    for (let day = 0; day <= 70; day++) often.advance(later(often, day));
    assert.equal(snapshot(often), snapshot(once));
    const owned = makeWorld(SMALL);
    for (let day = 0; day <= 70; day++) {
      owned.advance(later(owned, day));
      owned.repair(`d${String(day + 1).padStart(5, '0')}`, day % 3 === 0 ? 'unplug' : 'password');
    }
    assert.notEqual(snapshot(owned), snapshot(once));
    assert.equal(snapshot(replayWorld(SMALL, owned.repairs, owned.now())), snapshot(owned));
  });

  it('hands addresses on to other subscribers, and remembers who had them when', () => {
    const world = makeWorld(SMALL);
    const before = later(world, 5);
    world.advance(before);
    const first = new Map(world.register.ofIsp('minato_dhcp').map(s => [s.address, s.line.subscriber]));
    world.advance(later(world, 40));
    let reused = 0;
    for (const [address, subscriber] of first) {
      const holder = world.register.holder(address, 8080, world.now());
      if (holder && holder.subscriber !== subscriber) reused++;
    }
    assert.ok(reused >= 10, `${reused} addresses changed hands`);
    for (const stay of world.register.ofIsp('minato_dhcp')) {
      if (stay.to === null) continue;
      assert.equal(world.register.holder(stay.address, 0, stay.to - 1), stay.line);
      assert.notEqual(world.register.holder(stay.address, 0, stay.to), stay.line);
    }
  });

  it('moves only lines without an address of their own, heals and relapses a few, by night', () => {
    const world = makeWorld(SMALL);
    const changed = world.advance(later(world, 92));
    for (const id of changed) {
      const device = world.devices.get(id)!;
      const moved = world.register.ofIsp(device.line.isp).filter(s => s.line === device.line).length > 1;
      assert.ok(moved ? ['minato_dhcp', 'kobune_reseller'].includes(device.line.isp) : device.conditions.length > 1);
    }
    const healed = [...world.devices.values()].filter(d => d.conditions.length > 1).length;
    assert.ok(healed >= 5 && healed <= 40, `${healed} of 114 weak devices in three months`);
    assert.throws(() => world.advance(later(world, 100) - 7 * HOUR), /by day/);
  });

  it('lets owners repair what is weak, and nothing else', () => {
    const world = makeWorld(SMALL);
    world.advance(later(world, 3));
    const weak = world.placements().find(p => p.condition.guessable && p.condition.firmware !== null)!;
    assert.equal(world.repair(weak.device, 'firmware'), true);
    assert.equal(world.repair(weak.device, 'firmware'), false);
    assert.equal(world.repair(weak.device, 'password'), true);
    const [now] = world.placementsOf(weak.device);
    assert.deepEqual(kindsOf(now!.service, now!.model, now!.condition), []);
    assert.deepEqual(kindsOf(weak.service, weak.model, world.conditionOf(weak.device, world.start)), [
      'guessable',
      'firmware',
    ]);
    assert.equal(world.repair(weak.device, 'unplug'), true);
    assert.deepEqual(world.placementsOf(weak.device), []);
    assert.equal(world.repair(weak.device, 'password'), false);
  });
});
