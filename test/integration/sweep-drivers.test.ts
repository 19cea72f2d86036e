/** Each way of sending frames over a real wire of two namespaces: what it says left is what arrived, byte for byte; and what a machine lacks is named. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseIpv4 } from '../../src/record/address.ts';
import { makeCookie } from '../../src/survey/sweep/packet/cookie.ts';
import { dryPackets } from '../../src/survey/sweep/packet/dry.ts';
import { makeFrames } from '../../src/survey/sweep/packet/frame.ts';
import { FAR, makeVethPair, NEAR } from '../real/veth-pair.ts';

const run = promisify(execFile);
const FRAMES = fileURLToPath(new URL('./sweep-frames.js', import.meta.url));
const PREFIX = '198.18.0.0/16';

interface Said {
  readonly left: number;
  readonly fault: string;
  readonly down: boolean;
}

for (const [driver, bypass] of [
  ['mmsg', '0'],
  ['mmsg', '1'],
  ['xdp', '0'],
] as const)
  test(`${driver}${bypass === '1' ? ' past the queueing discipline' : ''}: what left arrived`, async () => {
    const pair = await makeVethPair(PREFIX, 'drop');
    try {
      const [command, args] = pair.inNear(process.execPath, FRAMES, driver, '20011', bypass);
      const said = JSON.parse((await run(command, args)).stdout) as Said;
      assert.equal(said.left, 20_011, said.fault);
      assert.equal(await pair.counted(), 20_011);
    } finally {
      await pair.stop();
    }
  });

for (const [driver, bypass] of [
  ['mmsg', '0'],
  ['mmsg', '1'],
  ['xdp', '0'],
] as const)
  test(`${driver}${bypass === '1' ? ' past the queueing discipline' : ''}: what a lost wire swallowed did not leave`, async () => {
    const pair = await makeVethPair(PREFIX, 'drop');
    try {
      const [command, args] = pair.inNear(process.execPath, FRAMES, driver, '1000000', bypass, '5');
      const sending = run(command, args, { timeout: 20_000 });
      for (let n = 0; n < 200 && pair.arrived() < 5_000; n++) await sleep(20);
      const [cut, cutArgs] = pair.inFar('ip', 'link', 'set', FAR.device, 'down');
      await run(cut, cutArgs);
      const said = JSON.parse((await sending).stdout) as Said;
      const arrived = pair.arrived();
      assert.ok(said.down, said.fault);
      assert.ok(said.left > 4_000, `${said.left} left`);
      // Of the batch that was under way nobody can say; it counts as not sent.
      assert.ok(said.left <= arrived && arrived - said.left <= 256, `${said.left} left, ${arrived} arrived`);
    } finally {
      await pair.stop();
    }
  });

for (const driver of ['mmsg', 'xdp'])
  test(`${driver}: what a full far end dropped did not leave`, async () => {
    // With a program at both ends the wire has a queue of 256 frames, which a batch can overrun.
    const pair = await makeVethPair(PREFIX, 'xdp-rst');
    try {
      const [command, args] = pair.inNear(process.execPath, FRAMES, driver, '60000', '0');
      const said = JSON.parse((await run(command, args)).stdout) as Said;
      assert.equal(said.left, 60_000, said.fault);
      assert.equal(await pair.counted(), 60_000);
    } finally {
      await pair.stop();
    }
  });

test('captured at the far end, every byte is what was filled, and a protocol analyser calls it right', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-frames-'));
  const pair = await makeVethPair(PREFIX, 'drop');
  const EACH = 500;
  try {
    const file = join(dir, 'far.pcap');
    const options = ['-Z', 'root', '--immediate-mode', '-s', '128', '-B', '4096', '-c', `${2 * EACH}`];
    const [capture, captureArgs] = pair.inFar('tcpdump', '-i', FAR.device, ...options, '-w', file, 'tcp');
    const child = execFile(capture, [...captureArgs], { timeout: 20_000 });
    const captured = once(child, 'exit');
    await once(child.stderr as Readable, 'data');
    for (const driver of ['mmsg', 'xdp']) {
      const [command, args] = pair.inNear(process.execPath, FRAMES, driver, `${EACH}`, '0');
      await run(command, args);
    }
    await captured;
    const mac = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(':', ''), 'hex'));
    const { slots } = dryPackets(EACH);
    const source = parseIpv4(NEAR.address) as number;
    const shape = { sourceMac: mac(NEAR.mac), gatewayMac: mac(FAR.mac), source, sourcePort: 61_000 };
    const frames = makeFrames(slots, { ...shape, options: 'mss' });
    const cookie = makeCookie(new Uint8Array(8));
    const bytes = readFileSync(file);
    assert.equal(bytes.length, 24 + 2 * EACH * (16 + frames.length));
    for (let n = 0; n < 2 * EACH; n++) {
      const slot = n % EACH;
      const address = 0xc6120000 + slot;
      frames.fill(slot, address, 23, cookie(address, 61_000, 23), slot);
      const at = slot * slots.stride + slots.offset;
      const arrived = 24 + n * (16 + frames.length) + 16;
      assert.equal(
        bytes.toString('hex', arrived, arrived + frames.length),
        Buffer.from(slots.memory.subarray(at, at + frames.length)).toString('hex'),
        `frame ${n}`,
      );
    }
    const text = (await run('tcpdump', ['-r', file, '-n', '-v', '-t'])).stdout;
    assert.equal(text.match(/Flags \[S\], cksum 0x[0-9a-f]{4} \(correct\)/g)?.length, 2 * EACH);
    assert.equal(text.includes('bad cksum'), false);
  } finally {
    await pair.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

/** A namespace with one veth, and what is wrong with it. */
function lacking(script: string): string {
  const wire = `ip link add va type veth peer name vb; ip link set vb up; ${script}`;
  const { stderr } = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', `${wire}; exec "$0" "$@"`, process.execPath, FRAMES, 'mmsg', '1'],
    { encoding: 'utf8' },
  );
  return stderr;
}

test('what is missing is named, with what to do', () => {
  const wire = 'ip link set va up; ip addr add 192.168.77.1/30 dev va';
  const route = 'ip route add 198.18.0.0/16 via 192.168.77.2 dev va';
  assert.match(lacking('true'), /there is no route to 198\.18\.0\.0/);
  assert.match(
    lacking(`${wire}; ${route}`),
    /hardware address of the gateway 192\.168\.77\.2 on va is not known; reach it once/,
  );
  assert.match(lacking('ip link set va up; ip addr add 198.18.255.1/15 dev va'), /lies on the network of va itself/);
  const neighbour = 'ip neigh replace 192.168.77.2 lladdr 02:00:00:00:00:02 dev va nud permanent';
  assert.match(
    lacking(`${wire}; ${route}; ${neighbour}; ip route add unreachable 198.18.3.0/24`),
    /198\.18\.3\.0 is not routed as 198\.18\.0\.0 is/,
  );
  assert.match(lacking(`${wire}; ${route}; ${neighbour}; ip link set vb down; sleep 1.2`), /va has no carrier/);
});

test('without CAP_NET_RAW it says so', () => {
  const wire =
    'ip link add va type veth peer name vb; ip link set vb up; ip link set va up; ip addr add 192.168.77.1/30 dev va;' +
    'ip route add 198.18.0.0/16 via 192.168.77.2 dev va; ip neigh replace 192.168.77.2 lladdr 02:00:00:00:00:02 dev va nud permanent;' +
    'exec setpriv --bounding-set -net_raw --inh-caps -net_raw "$0" "$@"';
  const { stderr } = spawnSync('unshare', ['--net', 'sh', '-c', wire, process.execPath, FRAMES, 'mmsg', '1'], {
    encoding: 'utf8',
  });
  assert.match(stderr, /may not send raw frames \(no CAP_NET_RAW\); run as root/);
});
