/** Each way of connecting against real listeners: what it says must be what is there, and what the other way says. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { listenOn } from '../../../test/fixtures/listeners.ts';
import { connectDriver } from './connect.ts';
import { ANSWERED, type Driver, FOREIGN, LOCAL, type Outcome, PENDING, REFUSED, type SourceNamed } from './driver.ts';
import { netDriver } from './net-connect.ts';

const BASE = 0x7f584000;
const local: SourceNamed = address => address === '127.0.0.1';
const descriptors = (): number => readdirSync('/proc/self/fd').length;

async function outcomes(driver: Driver, port: number, count: number): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (let i = 0; i < count; i++) {
    found[i] = driver.open(i, BASE + i, port);
    assert.notEqual(found[i], LOCAL, driver.lastFault());
  }
  for (let rounds = 0; found.includes(PENDING) && rounds < 1000; rounds++)
    await driver.wait(10, (slot, outcome) => {
      assert.equal(found[slot], PENDING, 'reported once');
      found[slot] = outcome;
    });
  return found;
}

const drivers: readonly (readonly [string, (named: SourceNamed) => Driver])[] = [
  ['raw connects with the loopback shortcut', named => connectDriver(256, named)],
  ['raw connects through epoll', named => connectDriver(256, named, false)],
  ["Node's sockets", named => netDriver(256, named)],
];

for (const [name, make] of drivers) {
  test(`${name}: open is answered, closed is refused, each connection is reset, no descriptor is left`, async () => {
    const open = [3, 64, 65, 255];
    const listeners = await listenOn(open.map(i => `127.88.64.${i}`));
    const before = descriptors();
    const driver = make(local);
    try {
      const found = await outcomes(driver, listeners.port, 256);
      assert.deepEqual(
        found,
        Array.from({ length: 256 }, (_, i) => (open.includes(i) ? ANSWERED : REFUSED)),
      );
      await new Promise(resolve => setTimeout(resolve, 50));
      assert.deepEqual([...listeners.seen.values()], [1, 1, 1, 1]);
    } finally {
      driver.close();
      await new Promise(resolve => setTimeout(resolve, 20));
      assert.equal(descriptors(), before);
      await listeners.close();
    }
  });

  test(`${name}: a connection from an address the mandate does not name is told as such`, async () => {
    const listeners = await listenOn(['127.88.64.0']);
    const driver = make(() => false);
    try {
      assert.deepEqual(await outcomes(driver, listeners.port, 2), [FOREIGN, REFUSED]);
    } finally {
      driver.close();
      await listeners.close();
    }
  });
}

test('a cancelled attempt is not reported, and its slot serves the next', async () => {
  const listeners = await listenOn(['127.88.64.0']);
  for (const driver of [connectDriver(1, local, false), netDriver(1, local)]) {
    assert.equal(driver.open(0, BASE + 1, listeners.port), PENDING);
    driver.cancel(0);
    assert.equal(driver.open(0, BASE, listeners.port), PENDING);
    const heard: Outcome[] = [];
    for (let rounds = 0; rounds < 20; rounds++) await driver.wait(5, (_slot, outcome) => heard.push(outcome));
    assert.deepEqual(heard, [ANSWERED]);
    driver.close();
  }
  await listeners.close();
});

test('the source is known before anything is sent; a broadcast address is this machine’s own refusal', () => {
  const driver = connectDriver(1, local);
  assert.equal(driver.sourceTo(BASE), '127.0.0.1');
  assert.equal(driver.open(0, 0x7fffffff, 23), LOCAL);
  assert.match(driver.lastFault(), /^E[A-Z]+$/);
  driver.close();
});
