/** Each way of sending frames over a real wire of two namespaces: what it says left is what arrived, byte for byte; and what a machine lacks is named. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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

test('captured at the far end, a frame is what a protocol analyser calls right', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-frames-'));
  const pair = await makeVethPair(PREFIX, 'drop');
  try {
    const file = join(dir, 'far.txt');
    const [capture, captureArgs] = pair.inFar(
      'sh',
      '-c',
      `timeout 20 tcpdump -i ${FAR.device} -Z root --immediate-mode -s 128 -B 4096 -c 600 -n -v -t tcp > ${file} 2>/dev/null & sleep 1; wait`,
    );
    const captured = run(capture, captureArgs);
    await new Promise(wait => setTimeout(wait, 1_500));
    for (const driver of ['mmsg', 'xdp']) {
      const [command, args] = pair.inNear(process.execPath, FRAMES, driver, '300', '0');
      await run(command, args);
    }
    await captured.catch(() => undefined);
    const text = readFileSync(file, 'utf8');
    assert.equal(text.match(/cksum 0x[0-9a-f]{4} \(correct\)/g)?.length, 600);
    assert.equal(text.includes('bad cksum'), false);
    assert.equal(
      text.match(new RegExp(`${NEAR.address.replaceAll('.', '\\.')}\\.61000 > 198\\.18\\.`, 'g'))?.length,
      600,
    );
    assert.equal(text.match(/Flags \[S\]/g)?.length, 600);
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
