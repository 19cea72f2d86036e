/**
 * A whole raw sweep by the real command, every frame of it captured at the far end and held against the audit log both ways:
 * each frame lies in a shard that was logged before it left, everything that was logged and not excluded arrived, once, and
 * nothing lies outside the mandate. Several ISPs, one of them at its cap, partial /24s, and an exclusion in mid-round. The
 * mandate is read here by a naive search of its own.
 */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyAudit } from '../../src/mandate/audit.ts';
import type { AuditEntry } from '../../src/mandate/audit-chain.ts';
import { formatIpv4, parseIpv4 } from '../../src/record/address.ts';
import type { SpaceRange } from '../../src/survey/round/space.ts';
import { indexOfPair, makeGroups } from '../../src/survey/sweep/packet/groups.ts';
import { notice } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { captureAtFarEnd, listenAtFarEnd } from '../real/far-capture.ts';
import { makeVethPair, NEAR } from '../real/veth-pair.ts';
import { type Packet, readPackets } from './capture-packets.ts';

const ISPS = {
  'isp-a': ['10.80.0.0/20'],
  'isp-b': ['10.80.16.0/21', '10.80.24.32/27', '10.80.25.64/26'],
  'isp-c': ['10.80.32.0/22', '10.80.40.0/25', '10.80.40.200/32'],
};
const EXCLUDED = ['10.80.3.0/24', '10.80.17.128/25', '10.80.33.77/32', '10.80.40.0/28'];
/** Asked for in mid-round: most of an ISP. */
const LATE = '10.80.8.0/21';
const OPEN = 2323;
const SHUT = 8080;
const PORTS = [OPEN, SHUT];
const PER_ISP = { perSecond: 3_000, burst: 200 };
const SHARD = 1 << 16;

const dir = mkdtempSync(join(tmpdir(), 'notice-sweep-capture-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Every address of a prefix, counted one by one. */
function* addressesOf(prefix: string): Generator<number> {
  const [base = '', length = ''] = prefix.split('/');
  const from = parseIpv4(base) as number;
  for (let n = 0; n < 2 ** (32 - Number(length)); n++) yield from + n;
}
const setOf = (prefixes: readonly string[]): Set<number> =>
  new Set(prefixes.flatMap(prefix => [...addressesOf(prefix)]));

const keyOf = ({ destination, port }: Packet): string => `${destination} ${port}`;

test('every frame has its shard in the log before it, every logged pair arrived once, and nothing lies outside', async () => {
  assert.equal(process.getuid?.(), 0, 'run as root: network namespaces and a capture are made');
  const lab = paperToday({
    isps: ISPS,
    ports: { telnet: [OPEN], http: [SHUT] },
    within: ['10.80.0.0/16'],
    exclusions: EXCLUDED.map(prefix => `${prefix} asked by its owner\n`).join(''),
    limits: { total: { perSecond: 7_000, burst: 500 }, perIsp: PER_ISP },
    deadlines: { connectMs: 500 },
    body: {
      sources: {
        addresses: [NEAR.address],
        publishedAt: new Date(Date.now() - 30 * 86_400_000).toISOString(),
        publishedAs: 'https://survey.invalid/',
      },
    },
  });
  const pair = await makeVethPair('10.0.0.0/8', 'any-ip');
  const file = join(dir, 'capture.pcap');
  const state = join(dir, 'state');
  let lateAt = 0;
  let answers = new Set<string>();
  let lost = Number.NaN;
  let watch: NodeJS.Timeout | undefined;
  try {
    const capture = await captureAtFarEnd(pair, file);
    await listenAtFarEnd(pair, OPEN);
    const [enter, args] = pair.inNear(process.execPath);
    const before = pair.arrived();
    watch = setInterval(() => {
      if (lateAt > 0 || pair.arrived() - before < 3_000) return;
      lateAt = Date.now();
      appendFileSync(join(lab.dir, 'exclusions.txt'), `${LATE} asked in mid-round\n`);
    }, 20);
    const ran = await notice(['sweep', '--mandate', lab.mandate, '--state', state, '--json'], {
      under: [enter, ...args.slice(0, -1)],
    });
    assert.equal(ran.exit, 0, ran.err);
    answers = new Set(
      ran.out
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as { address: string; port: number; class?: string })
        .filter(hit => (hit.class ?? 'syn-ack') === 'syn-ack')
        .map(({ address, port }) => `${address} ${port}`),
    );
    ({ lost } = await capture.end());
  } finally {
    clearInterval(watch);
    await pair.stop();
    lab.remove();
  }
  assert.equal(lost, 0, 'the capture saw everything');
  assert.ok(lateAt > 0, 'an exclusion came in mid-round');

  // Inside the mandate, by this test's own reading.
  const allowed = setOf(Object.values(ISPS).flat());
  const excluded = setOf(EXCLUDED);
  const late = setOf([LATE]);
  const packets = readPackets(file);
  const syns = packets.filter(packet => packet.syn);
  const reached = new Map<string, number>();
  for (const packet of syns) {
    const { source, destination, port, at, payload } = packet;
    const address = parseIpv4(destination) as number;
    assert.equal(source, NEAR.address);
    assert.equal(payload, 0);
    assert.ok(allowed.has(address) && !excluded.has(address) && PORTS.includes(port), `${destination}:${port}`);
    if (late.has(address)) assert.ok(at <= lateAt + 1_000, `${destination}: ${at - lateAt} ms after the exclusion`);
    const key = keyOf(packet);
    reached.set(key, (reached.get(key) ?? 0) + 1);
  }
  for (const packet of packets)
    assert.ok(packet.syn || reached.has(keyOf(packet)), `${keyOf(packet)} was spoken to without a SYN`);
  let wanted = 0;
  let spared = 0;
  for (const address of allowed)
    for (const port of PORTS) {
      if (excluded.has(address)) continue;
      const times = reached.get(`${formatIpv4(address)} ${port}`) ?? 0;
      if (late.has(address) && times === 0) spared++;
      else assert.equal(times, 1, `${formatIpv4(address)}:${port} was met ${times} times`);
      wanted++;
    }
  assert.ok(spared > 500, `the exclusion in mid-round spared only ${spared}`);
  assert.equal(syns.length, wanted - spared);

  // The log: each frame's index lies in a shard whose entry came before the frame.
  assert.equal(verifyAudit(join(state, 'audit.log')).firstBad, undefined);
  const log = readFileSync(join(state, 'audit.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as AuditEntry);
  const entries = (type: string) => log.filter(entry => entry.type === type);
  const begun = entries('sweep-start')[0]?.data as { key: string };
  const groups = makeGroups(ranges(), PORTS, Buffer.from(begun.key, 'hex'), lab.body.limits, SHARD);
  const shards = entries('sweep-shard').map(({ at, data }) => ({ at, ...(data as { from: number; to: number }) }));
  for (const { destination, port, at } of syns) {
    const index = indexOfPair(groups, groups.whole.elementOf(parseIpv4(destination) as number, port));
    const shard = shards.find(({ from, to }) => index >= from && index < to);
    assert.ok(
      shard !== undefined && shard.at <= at + 1,
      `${destination}:${port} is in no shard that was logged before`,
    );
  }
  // The other way: the shards that were logged are the whole round, and their sums are what arrived.
  assert.equal(
    shards.reduce((sum, { from, to }) => sum + to - from, 0),
    allowed.size * PORTS.length,
  );
  const ends = entries('sweep-shard-end').map(({ data }) => data as { sent: number; excluded: number });
  assert.equal(
    ends.reduce((sum, { sent }) => sum + sent, 0),
    syns.length,
  );
  assert.equal(
    ends.reduce((sum, end) => sum + end.sent + end.excluded, 0),
    allowed.size * PORTS.length,
  );

  // Every answer was kept: whoever got a SYN on the open port is a hit, and nobody else. Who was excluded while the answer was
  // under way is left alone: nothing is recorded of them.
  const asked = [...reached.keys()].filter(key => key.endsWith(` ${OPEN}`));
  const last = Math.max(
    ...syns.filter(({ destination }) => late.has(parseIpv4(destination) as number)).map(({ at }) => at),
  );
  const underWay = new Set(
    syns.filter(({ destination, at }) => late.has(parseIpv4(destination) as number) && at > last - 250).map(keyOf),
  );
  const untold = asked.filter(key => !answers.has(key) && !underWay.has(key));
  assert.deepEqual(untold, [], `${untold.length} of ${asked.length} answers were lost`);
  assert.ok(
    [...answers].every(key => reached.has(key)),
    'nobody else is a hit',
  );

  // The cap of an ISP, at the far end's clock.
  for (const prefixes of Object.values(ISPS)) {
    const own = setOf(prefixes);
    const times = syns.filter(({ destination }) => own.has(parseIpv4(destination) as number)).map(({ at }) => at);
    times.sort((a, b) => a - b);
    for (let n = 0, first = 0; n < times.length; n++) {
      while ((times[n] as number) - (times[first] as number) > 1_000) first++;
      assert.ok(n - first < PER_ISP.perSecond + PER_ISP.burst + 30, `${n - first + 1} in a second`);
    }
  }
});

/** Sorted; no two of one ISP touch. */
function ranges(): SpaceRange[] {
  return Object.entries(ISPS)
    .flatMap(([isp, prefixes]) =>
      prefixes.map(prefix => {
        const all = [...addressesOf(prefix)];
        return { from: all[0] as number, to: all.at(-1) as number, isp };
      }),
    )
    .sort((a, b) => a.from - b.from);
}
