import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { HOUR } from '../../record/instant.ts';
import { answers } from '../ports.ts';
import { makeWorld } from '../world.ts';
import { startDevices } from './start.ts';

const OPTIONS = {
  seed: 'start',
  addresses: 4_096,
  devices: 60,
  ports: { telnet: 28_523, http: 28_580, 'telnet-alt': 28_623 },
};

describe('the devices’ own process', () => {
  it('listens where the world says, follows it, and ends when told', async () => {
    const world = makeWorld(OPTIONS);
    world.advance(world.start + 10 * HOUR);
    const devices = await startDevices(world);
    try {
      await devices.place();
      const places = world.placements();
      assert.equal((await devices.tally()).listening, places.length);
      const reached = await Promise.all(places.map(p => answers(p.address, p.port)));
      assert.ok(reached.every(Boolean));
      const [first] = places;
      assert.equal(await devices.repair(first!.device, 'unplug'), true);
      assert.equal(await devices.repair(first!.device, 'unplug'), false);
      assert.equal(await answers(first!.address, first!.port), false);
      await devices.follow(world.advance(world.start + 80 * 24 * HOUR + 10 * HOUR));
      const later = world.placements();
      assert.notDeepEqual(later.map(p => p.address).sort(), places.map(p => p.address).sort());
      assert.ok((await Promise.all(later.map(p => answers(p.address, p.port)))).every(Boolean));
      const tally = await devices.tally();
      assert.equal(tally.listening, later.length);
      assert.equal(tally.attempts, 0);
      assert.ok(tally.connections >= places.length);
    } finally {
      await devices.close();
    }
    await assert.rejects(devices.tally(), /simulated devices ended/);
  });

  it('ends by itself when its parent is gone', async () => {
    const world = makeWorld(OPTIONS);
    const { spawn } = await import('node:child_process');
    const here = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = `
      const { makeWorld } = await import(${JSON.stringify(new URL(`../world.${here}`, import.meta.url).href)});
      const { startDevices } = await import(${JSON.stringify(new URL(`./start.${here}`, import.meta.url).href)});
      const devices = await startDevices(makeWorld(${JSON.stringify(OPTIONS)}));
      await devices.place();
      console.log(devices.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    assert.ok(Number(line.toString()) > 0);
    const [place] = world.placements();
    assert.ok(await answers(place!.address, place!.port));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    for (let i = 0; i < 200 && (await answers(place!.address, place!.port)); i++)
      await new Promise(r => setTimeout(r, 10));
    assert.equal(await answers(place!.address, place!.port), false);
  });
});
