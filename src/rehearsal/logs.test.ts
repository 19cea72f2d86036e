import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { identify } from '../isp/assignment/identify.ts';
import { importAssignments } from '../isp/assignment/import.ts';
import { openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import { openSubscribers } from '../isp/assignment/subscribers.ts';
import { DAY, HOUR } from '../record/instant.ts';
import { writeCustomers } from './customers.ts';
import { writeLogs } from './logs.ts';
import { makeWorld } from './world.ts';

describe('the logs the ISPs keep', () => {
  const world = makeWorld({ seed: 'logs', addresses: 4_096, devices: 120 });
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'notice-logs-'));
    world.advance(world.start + 45 * DAY + 10 * HOUR);
  });
  after(() => rmSync(dir, { recursive: true }));

  it('are read by the resolver, which then names exactly the line that held the address', async () => {
    writeCustomers(world, dir);
    const now = world.now();
    writeLogs(world, dir, '2026-09', now);
    const logs = writeLogs(world, dir, '2026-10', now);
    assert.deepEqual(
      logs.map(log => log.format),
      ['csv', 'kea', 'cgn-juniper', 'csv', 'pd', 'radius-detail'],
    );
    for (const { isp, ...log } of logs) {
      const report = await importAssignments({ ...log, dir: join(dir, isp, 'index') });
      assert.deepEqual(report.rejected, [], isp);
    }
    for (const log of world.country.map(isp => ({ isp: isp.id }))) {
      const index = join(dir, log.isp, 'index');
      const assignments = openAssignments(index, loadPools(join(dir, log.isp, 'pools.json')));
      const { nameOf } = openSubscribers(index);
      let unique = 0;
      let asked = 0;
      for (const stay of world.register.ofIsp(log.isp))
        for (let at = world.start + 13 * HOUR; at < now; at += 3 * DAY) {
          const holder = world.register.holder(stay.address, 8080, at);
          const found = identify(assignments, { address: stay.address, port: 8080, at, clockErrorMs: 500 });
          if (found.verdict === 'unique') {
            // A box that vanished leaves its lease running: the line still holds the address, though nothing answers.
            const vanished = world.register
              .ofIsp(log.isp)
              .findLast(s => s.address === stay.address && s.from <= at && !s.released);
            assert.equal(
              nameOf(Number(found.subscriber)),
              (holder ?? vanished?.line)?.subscriber,
              `${stay.address} at ${at}`,
            );
            unique++;
          }
          if (holder) asked++;
        }
      assert.ok(asked > 50 && unique >= asked * 0.98, `${log.isp}: ${unique} of ${asked}`);
    }
  });

  it('name customers with the kanji that need a second font, quoted where they must be', () => {
    const files = writeCustomers(world, dir);
    const all = files.map(f => readFileSync(f.customers, 'utf8')).join('');
    assert.equal(all.match(/𠮷/gu)?.length, 1);
    assert.match(all, /髙﨑/);
    assert.match(all, /^[A-Z]+-\d{7},[^,"]+,[^,]*,000-\d{4},"[^"]*, Kunren-ken",[^,]*,en$/m);
  });
});
