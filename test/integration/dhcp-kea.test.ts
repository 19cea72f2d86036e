/** A real Kea writes its memfile, compacts it every few seconds, and is followed; real clients get, renew, release and vanish. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Followed, followAssignments } from '../../src/isp/assignment/follow.ts';
import { importAssignments } from '../../src/isp/assignment/import.ts';
import { openAssignments } from '../../src/isp/assignment/index.ts';
import { makePools } from '../../src/isp/assignment/pools.ts';
import { openSubscribers } from '../../src/isp/assignment/subscribers.ts';
import { type RealKea, startKea } from '../real/kea.ts';
import { type Host, makeLan } from '../real/lan.ts';
import { type RealClient, startUdhcpc } from '../real/udhcpc.ts';
import { compare, type Truth } from './dhcp-truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-dhcp-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const LFC_S = 5;
const clientId = (id: string) => `01:${[...Buffer.from(id)].map(b => b.toString(16)).join(':')}`;
const about = (dir: string, journalSeconds: number) => ({
  ...{ format: 'kea', dir },
  options: { journalSeconds, subscriber: 'client-id' },
});
const truthOf = (clients: readonly RealClient[], now: number): Truth[] =>
  clients.map(client => ({ name: clientId(client.id), stays: client.stays(now) }));

function answers(dir: string, truths: readonly Truth[]) {
  const pools = makePools([{ prefix: '10.77.0.0/24', pool: 'dynamic', log: 'kea', logClockErrorMs: 0 }], 'pools');
  return compare(openAssignments(dir, pools), openSubscribers(dir).nameOf, truths);
}

/** Each renews in turn, so that the journal is never silent for long. */
async function rounds(times: number, pauseMs: number, ...clients: readonly RealClient[]): Promise<void> {
  for (let n = 0; n < times; n++)
    for (const client of clients) {
      await sleep(pauseMs / 2);
      await client.renew();
    }
}

/** The memfile and what compaction left beside it, oldest first. */
const files = (kea: RealKea) => [`${kea.leases}.2`, `${kea.leases}.1`, kea.leases].filter(file => existsSync(file));

test('followed while it is written and compacted, it names whoever really held the address', async t => {
  const lan = await makeLan(4, ['10.77.0.1/24']);
  const [a, b, c, d] = lan.clients as [Host, Host, Host, Host];
  const wish = { family: 4, subnet: '10.77.0.0/24', lifetimeS: 12, lfcS: LFC_S } as const;
  const kea = await startKea(lan.server, { ...wish, pool: '10.77.0.10 - 10.77.0.12' });
  const clients: RealClient[] = [];
  const start = (host: Host, id: string) => {
    const client = startUdhcpc(host, id);
    clients.push(client);
    return client;
  };
  const dir = join(folder, 'followed');
  const ended = new AbortController();
  let following: Promise<Followed> | undefined;
  try {
    const clocks = { monotonic: () => performance.now() };
    // Who follows misses no file, however long the server is silent.
    following = followAssignments({ ...about(dir, 0), files: [kea.leases], clocks, signal: ended.signal, pollMs: 150 });
    const one = start(a, 'line-1');
    await one.bound();
    await sleep(1_000);
    const two = start(b, 'line-2');
    await two.bound();
    await sleep(1_000);
    const three = start(c, 'line-3');
    await three.bound();
    await rounds(3, 2_000, one, two, three);
    await one.release();
    // The only address that is free is the one just given back.
    const four = start(d, 'line-4');
    assert.equal(await four.bound(), one.stays(0)[0]?.address);
    await rounds(2, 2_000, two, three, four);
    await two.vanish();
    const again = start(a, 'line-1');
    let waiting = true;
    const bound = again.bound().finally(() => {
      waiting = false;
    });
    while (waiting) await rounds(1, 2_000, three, four);
    assert.equal(await bound, two.stays(0)[0]?.address, 'once the lease of the one that vanished ran out');
    await rounds(3, 2_000, again, three, four);
    const now = Date.now();
    await sleep(3_000);
    ended.abort();
    const { rotations, rejected } = await following;
    assert.deepEqual(rejected, []);
    assert.ok(rotations >= 4, `the journal was compacted ${rotations} times`);
    const compared = answers(dir, truthOf(clients, now));
    t.diagnostic(JSON.stringify({ ...compared, missed: compared.missed.length, rotations }));
    assert.deepEqual(compared.wrong, []);
    assert.ok(compared.deep > 150 && compared.deepUnique >= 0.95 * compared.deep, compared.missed.join('\n'));
  } catch (thrown) {
    throw new Error(`${kea.log()}\n${readFileSync(kea.leases, 'utf8')}`, { cause: thrown });
  } finally {
    ended.abort();
    await following?.catch(() => undefined);
    for (const client of clients) await client.vanish().catch(() => undefined);
    await kea.stop();
    await lan.stop();
  }
});

test('what compaction dropped while nobody read makes nobody sure', async t => {
  const lan = await makeLan(2, ['10.77.0.1/24']);
  const [a, b] = lan.clients as [Host, Host];
  const wish = { family: 4, subnet: '10.77.0.0/24', lifetimeS: 30, lfcS: LFC_S } as const;
  const kea = await startKea(lan.server, { ...wish, pool: '10.77.0.10 - 10.77.0.10' });
  const clients: RealClient[] = [];
  const hold = async (host: Host, id: string, ms: number, releases: boolean) => {
    const client = startUdhcpc(host, id);
    clients.push(client);
    await client.bound();
    await sleep(ms);
    if (releases) await client.release();
    return client;
  };
  const dir = join(folder, 'dropped');
  try {
    await hold(a, 'line-1', 1_500, false);
    await importAssignments({ ...about(dir, LFC_S), files: files(kea) });
    await (clients[0] as RealClient).release();
    await hold(b, 'line-2', 4_000, true);
    const back = await hold(a, 'line-1', 0, false);
    // Twice compacted, so that not a row of what happened in between is left.
    const rows = () =>
      files(kea)
        .map(file => readFileSync(file, 'utf8'))
        .join('');
    for (let n = 0; n < 100 && rows().includes(clientId('line-2')); n++) await sleep(200);
    assert.ok(!rows().includes(clientId('line-2')), rows());
    await back.renew();
    await sleep(6_000);
    const now = Date.now();
    await importAssignments({ ...about(dir, LFC_S), files: files(kea), through: now });
    const compared = answers(dir, truthOf(clients, now));
    t.diagnostic(
      JSON.stringify({ ...compared, missed: compared.missed.length, names: readdirSync(dirname(kea.leases)) }),
    );
    assert.deepEqual(compared.wrong, []);
    assert.ok(compared.unique > 10, 'what was read is still answered');
  } catch (thrown) {
    throw new Error(`${kea.log()}\n${files(kea).map(file => readFileSync(file, 'utf8'))}`, { cause: thrown });
  } finally {
    for (const client of clients) await client.vanish().catch(() => undefined);
    await kea.stop();
    await lan.stop();
  }
});
