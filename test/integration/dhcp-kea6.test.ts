/** A real Kea delegates prefixes to real clients, and is followed: who held a prefix is named by DUID, any address in it asked. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { followAssignments } from '../../src/isp/assignment/follow.ts';
import { openAssignments } from '../../src/isp/assignment/index.ts';
import { makePools } from '../../src/isp/assignment/pools.ts';
import { openSubscribers } from '../../src/isp/assignment/subscribers.ts';
import { type RealClient6, startDhclient6 } from '../real/dhclient6.ts';
import { startKea } from '../real/kea.ts';
import { type Host, makeLan } from '../real/lan.ts';
import { compare } from './dhcp-truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-dhcp6-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const dir = join(folder, 'index');

test('a delegated prefix is followed from one client to the next', async t => {
  const lan = await makeLan(3, ['2001:db8:1::1/64']);
  const [a, b, c] = lan.clients as [Host, Host, Host];
  const wish = { family: 6, subnet: '2001:db8:1::/64', pool: '2001:db8:77::/63', lifetimeS: 12, lfcS: 5 } as const;
  const kea = await startKea(lan.server, wish);
  const clients: RealClient6[] = [];
  const start = async (host: Host) => {
    const client = await startDhclient6(host);
    clients.push(client);
    return client;
  };
  const ended = new AbortController();
  let following: ReturnType<typeof followAssignments> | undefined;
  try {
    const clocks = { monotonic: () => performance.now() };
    const source = { format: 'kea6', dir, options: { journalSeconds: 0 } };
    following = followAssignments({ ...source, files: [kea.leases], clocks, signal: ended.signal, pollMs: 150 });
    const one = await start(a);
    const first = await one.replies(1);
    await sleep(1_000);
    const two = await start(b);
    await two.replies(1);
    await one.replies(3);
    await one.release();
    const three = await start(c);
    assert.equal(await three.replies(1), first, 'the only prefix that is free is the one just given back');
    await three.replies(3);
    const now = Date.now();
    await sleep(2_000);
    ended.abort();
    const { rejected, rotations } = await following;
    assert.deepEqual(rejected, []);
    const pools = makePools(
      [{ prefix: '2001:db8:77::/48', pool: 'dynamic', log: 'kea6', logClockErrorMs: 0 }],
      'pools',
    );
    const truths = clients.map(({ duid, stays }) => ({ name: duid, stays: stays(now) }));
    const compared = compare(openAssignments(dir, pools), openSubscribers(dir).nameOf, truths);
    t.diagnostic(JSON.stringify({ ...compared, missed: compared.missed.length, rotations }));
    assert.deepEqual(compared.wrong, []);
    assert.ok(compared.deep > 50 && compared.deepUnique >= 0.95 * compared.deep, compared.missed.join('\n'));
  } catch (thrown) {
    throw new Error(`${kea.log()}\n${readFileSync(kea.leases, 'utf8')}`, { cause: thrown });
  } finally {
    ended.abort();
    await following?.catch(() => undefined);
    for (const client of clients) await client.vanish();
    await kea.stop();
    await lan.stop();
  }
});
