/**
 * Budgets are exact under kill -9 at random points: the real command is killed ten times among its tries and started again
 * on the same state, by one worker and by two. Counted at the far end: no cap of a device or an account is ever
 * exceeded, every try is in the audit log, and the log verifies after every kill.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { readChain } from '../../src/mandate/audit-chain.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { farEnd, linesOf, probing, rowsOf, type Stand, targetLine, until } from './probe-far-end.ts';

const CAPS = { triesPerDevicePerDay: 7, triesPerAccountPerDay: 3, gapMs: 60 };
const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const KILLS = 10;
const dir = mkdtempSync(join(tmpdir(), 'notice-probe-kill-'));

/** Twelve in four /24s, each with two services: the caps are the device's, not the service's. */
const standsIn = (net: number): Stand[] =>
  [0, 1, 2, 3].flatMap(n =>
    [1, 2, 3].flatMap(host =>
      (['telnet', 'http'] as const).map(protocol => ({
        address: `127.${net}.${n}.${host}`,
        protocol,
        key: host === 1 ? { user: 'root', password: '12345' } : STRONG,
      })),
    ),
  );

after(() => rmSync(dir, { recursive: true, force: true }));

const logsIn = (state: string): string[] =>
  ['audit.log', ...[0, 1].map(k => `worker-${k}/audit.log`)].map(name => join(state, name)).filter(existsSync);

/** As the next start will read it: a torn last entry is cut off, what is before it must hold. */
function holds(log: string): void {
  const { firstBad } = readChain(log, []);
  assert.equal(firstBad, undefined, `${log}: ${firstBad?.why}`);
}

for (const workers of [1, 2])
  test(`${KILLS} kills, ${workers === 1 ? 'one worker' : 'two workers'}`, async () => {
    const net = 96 + workers;
    const stands = standsIn(net);
    const far = await farEnd(stands);
    const lab = paperToday({
      isps: { 'isp-a': [`127.${net}.0.0/22`] },
      ports: { telnet: [far.ports.telnet], http: [far.ports.http] },
      limits: CAPS,
      deadlines: { settleMs: 40 },
    });
    const state = join(dir, `state-${workers}`);
    const input = stands.map(({ address, protocol }) => targetLine(address, far.ports[protocol])).join('');
    const args = ['--mandate', lab.mandate, '--state', state, '--workers', String(workers), '--again'];
    const tried = (): number => [...far.seen.values()].reduce((sum, one) => sum + one.tries.length, 0);
    try {
      let among = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const run = probing(args, input);
        const before = far.connections();
        await until(() => far.connections() > before || run.child.exitCode !== null);
        await sleep(randomInt(kill < 5 ? 120 : 400));
        among += Number(run.child.exitCode === null);
        run.child.kill('SIGKILL');
        await run.ended;
        for (const log of logsIn(state)) holds(log);
      }
      assert.ok(among >= 3, `only ${among} kills met a run`);
      const last = probing(args, input);
      assert.equal(await last.ended, 0, last.said.err);
      assert.ok(rowsOf(last.said.out).length >= stands.length);

      for (const [address, { tries, afterAccept, mostOpen }] of far.seen) {
        assert.ok(tries.length <= CAPS.triesPerDevicePerDay, `${address}: ${tries.length} tries`);
        const accounts = Map.groupBy(tries, one => one.user);
        for (const [user, some] of accounts)
          assert.ok(some.length <= CAPS.triesPerAccountPerDay, `${address}: ${some.length} tries of ${user}`);
        assert.equal(afterAccept, 0);
        assert.equal(mostOpen, 1, address);
      }
      const logs = logsIn(state);
      assert.equal(logs.length, workers === 1 ? 1 : 2);
      const logged = logs
        .flatMap(log => linesOf(readFileSync(log, 'utf8')))
        .filter(line => /"type":"(attempt|decoy)"/.test(line)).length;
      // A try that a kill met between its reservation and its password counts, although it never arrived.
      assert.ok(tried() > 0 && logged > far.seen.size * 2, `${tried()} tries arrived, ${logged} are in the log`);
      assert.ok(logged >= tried(), `${tried()} tries arrived, ${logged} are in the log`);
      for (const log of logs) assert.equal(verifyAudit(log).firstBad, undefined, log);
    } finally {
      await far.close();
      lab.remove();
    }
  });
