/** A real ISC dhcpd writes its lease file, and writes it anew, while it is followed; releases have an instant of their own. */
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
import { startDhcpd } from '../real/dhcpd.ts';
import { type Host, makeLan } from '../real/lan.ts';
import { type RealClient, startUdhcpc } from '../real/udhcpc.ts';
import { compare } from './dhcp-truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-dhcpd-index-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clientId = (id: string) => `01:${[...Buffer.from(id)].map(b => b.toString(16)).join(':')}`;

for (const localTime of [false, true])
  test(`the lease file is followed through a restart of the server (${localTime ? 'seconds' : 'UTC'})`, async t => {
    const dir = join(folder, String(localTime));
    const lan = await makeLan(3, ['10.78.0.1/24']);
    const [a, b, c] = lan.clients as [Host, Host, Host];
    const wish = { subnet: '10.78.0.0 netmask 255.255.255.0', range: '10.78.0.10 10.78.0.11', lifetimeS: 20 };
    const dhcpd = await startDhcpd(lan.server, { ...wish, localTime });
    const clients: RealClient[] = [];
    const start = (host: Host, id: string) => {
      const client = startUdhcpc(host, id);
      clients.push(client);
      return client;
    };
    const ended = new AbortController();
    let following: ReturnType<typeof followAssignments> | undefined;
    try {
      const clocks = { monotonic: () => performance.now() };
      const source = { format: 'dhcpd', dir };
      following = followAssignments({ ...source, files: [dhcpd.leases], clocks, signal: ended.signal, pollMs: 150 });
      const one = start(a, 'line-1');
      await one.bound();
      const two = start(b, 'line-2');
      await two.bound();
      await sleep(4_000);
      await one.renew();
      await sleep(6_000);
      await dhcpd.restart();
      await two.renew();
      await one.release();
      const three = start(c, 'line-3');
      await three.bound();
      await sleep(4_000);
      await two.renew();
      await three.renew();
      const now = Date.now();
      await sleep(2_000);
      ended.abort();
      const { rejected, rotations } = await following;
      assert.deepEqual(rejected, []);
      assert.ok(rotations >= 1);
      const pools = makePools([{ prefix: '10.78.0.0/24', pool: 'dynamic', log: 'dhcpd', logClockErrorMs: 0 }], 'pools');
      const truths = clients.map(client => ({ name: clientId(client.id), stays: client.stays(now) }));
      const index = openAssignments(dir, pools);
      const { nameOf } = openSubscribers(dir);
      const compared = compare(index, nameOf, truths);
      t.diagnostic(JSON.stringify({ ...compared, missed: compared.missed.length, rotations }));
      assert.deepEqual(compared.wrong, []);
      assert.ok(compared.deep > 20 && compared.deepUnique >= 0.95 * compared.deep, compared.missed.join('\n'));
      // The log says when it was given back, so that all of it until then is proven.
      const { stays } = truths[0] as (typeof truths)[number];
      const last = stays.map(stay => ({ ...stay, from: stay.renewed + 2_000, to: stay.to - 2_200 }));
      const exact = compare(index, nameOf, [{ name: clientId('line-1'), stays: last }]);
      assert.ok(exact.asked > 3 && exact.unique === exact.asked, JSON.stringify({ exact, last }));
    } catch (thrown) {
      throw new Error(`${dhcpd.log()}\n${readFileSync(dhcpd.leases, 'utf8')}`, { cause: thrown });
    } finally {
      ended.abort();
      await following?.catch(() => undefined);
      for (const client of clients) await client.vanish().catch(() => undefined);
      await dhcpd.stop();
      await lan.stop();
    }
  });
