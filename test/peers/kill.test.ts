/** kill -9 in the middle of real checks, twenty times: what arrives at the devices never exceeds what was reserved, nor a cap. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { type Device, laboratory, station } from './station.ts';

const KILLS = 20;
const CHILD = fileURLToPath(new URL(`./check-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
const CAPS = {
  triesPerDevicePerDay: 22,
  triesPerAccountPerDay: 14,
  triesPer24PerDay: 36,
  triesPerIspPerDay: 60,
  gapMs: 2,
};

test('kill -9 at random points of real checks: tries at the far end ≤ reserved ≤ every cap, and the log holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'notice-kill-'));
  const key = { user: 'admin', password: 'Strong-and-long-enough-1' };
  const addresses = ['127.77.5.1', '127.77.5.2', '127.77.6.1', '127.77.6.2'];
  const device = TELNET_DEVICES['1 normal'] as Device;
  const stations = await Promise.all(addresses.map(address => station(address, 'telnet', device, key)));
  const targets = JSON.stringify(stations.map(made => made.target));
  const tries = () => stations.reduce((sum, made) => sum + made.count.tries.length, 0);
  let killed = 0;
  for (let run = 0; run < KILLS; run++) {
    const args = ['--disable-warning=ExperimentalWarning', CHILD, folder, JSON.stringify(CAPS), targets];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    // Chance is what is tried here; it moves only the moment, and what is asserted holds at any: after so many tries have
    // arrived and a little more, or after a while, when the caps let none through any more.
    const arrivedBefore = tries();
    const wanted = Math.floor(Math.random() * 7);
    const began = performance.now();
    while (tries() < arrivedBefore + wanted && performance.now() - began < 250) await sleep(3);
    await sleep(Math.random() * 40);
    child.kill('SIGKILL');
    const [, signal] = (await exited) as [number | null, string | null];
    killed += Number(signal === 'SIGKILL');
  }
  for (const made of stations) await made.close();

  const lab = laboratory({ folder, protocol: 'telnet' });
  const reserved = addresses.map(address => lab.deps.budget.spent(address));
  lab.close();
  const arrived = stations.map(made => made.count.tries.length);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  assert.equal(killed, KILLS, 'each was killed at work');
  assert.ok(sum(arrived) >= 10, `only ${sum(arrived)} tries arrived`);
  for (const [n, count] of arrived.entries()) {
    const most = reserved[n] as number;
    assert.ok(count <= most && most <= CAPS.triesPerDevicePerDay, `${count} arrived, ${most} reserved`);
    const perAccount = Map.groupBy(stations[n]?.count.tries ?? [], ({ user }) => user);
    for (const [account, its] of perAccount) assert.ok(its.length <= CAPS.triesPerAccountPerDay, account);
  }
  assert.ok(sum(reserved.slice(0, 2)) <= CAPS.triesPer24PerDay && sum(reserved.slice(2)) <= CAPS.triesPer24PerDay);
  // Twenty runs would have spent far more: the cap was met, and held.
  assert.equal(sum(reserved), CAPS.triesPerIspPerDay);
  const verdict = verifyAudit(join(folder, 'audit.log'));
  assert.deepEqual([verdict.ok, verdict.firstBad], [true, undefined]);
  const logged = readFileSync(join(folder, 'audit.log'), 'utf8').match(/"type":"attempt"/g)?.length ?? 0;
  assert.ok(logged >= sum(arrived) && logged <= sum(reserved), `${logged} logged`);
  rmSync(folder, { recursive: true });
});
