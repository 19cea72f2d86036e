/** `notice sweep --targets`: a list of both families against real listeners; bad lines named, the rest done; the gate holds. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Lab, labBody, makeLab } from '../../test/mandate/lab-paper.ts';
import { neverTouch } from '../mandate/ceilings.ts';
import { type Address, parseAddress } from '../record/address.ts';
import { DAY, isoOf } from '../record/instant.ts';
import type { Rate } from '../record/mandate.ts';
import { readCanaries, targetOf } from './sweep-input.ts';

const NOTICE = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));

async function notice(args: readonly string[], onError?: (text: string) => void) {
  const child = spawn(process.execPath, [NOTICE, 'sweep', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
    onError?.(err);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

async function listen(): Promise<{ server: Server; port: number; seen: string[] }> {
  for (;;) {
    const seen: string[] = [];
    const server = createServer(socket => {
      seen.push(socket.localAddress ?? '');
      socket.on('error', () => {});
    });
    server.listen(0, '::');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    if (neverTouch(port) === undefined) return { server, port, seen };
    server.close();
  }
}

function lab(port: number, perSecond: number, sources: readonly string[], prefixes: readonly string[]): Lab {
  const now = Date.now();
  const isps = [{ isp: 'isp-a', prefixes, signedAt: now - DAY }];
  const rate: Rate = { perSecond, burst: Math.max(1, perSecond / 50) };
  return makeLab({
    isps,
    within: prefixes,
    exclusions: '127.90.0.9\n',
    body: {
      period: { from: isoOf(now - DAY), to: isoOf(now + DAY) },
      sources: { addresses: sources, publishedAt: isoOf(now - 30 * DAY), publishedAs: 'a page' },
      ports: [{ port, protocol: 'telnet', acts: ['sweep'] }],
      hours: { from: '00:00', to: '24:00' },
      limits: { ...labBody(isps).limits, total: rate, perIsp: rate, per24: rate },
    },
  });
}

test('a list of both families: who answers is printed, bad lines are named and counted, the rest is done, exit 4', async () => {
  const { server, port, seen } = await listen();
  const paper = lab(port, 1000, ['127.0.0.1', '::1'], ['127.90.0.0/24', '::1/128', 'fd00:9::/64']);
  const file = join(paper.dir, 'hit-list.txt');
  const args = ['--mandate', paper.mandate, '--state', join(paper.dir, 'state'), '--targets', file];
  try {
    const lines = [
      '::1  # our own',
      '127.90.0.7',
      '',
      '0:0::1',
      '127.90.0.9',
      '2001:db8::1',
      'fe80::1',
      'fe80::1%lo',
      'x',
    ];
    writeFileSync(file, `${lines.join('\n')}\n::ffff:127.0.0.1\n127.90.0.0/30\n`);
    const run = await notice([...args, '--json']);
    assert.equal(run.code, 4, run.err);
    const hits = run.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { address: string; port: number; class: string; ttl: null });
    assert.deepEqual(hits.map(hit => hit.address).sort(), ['127.90.0.7', '::1']);
    assert.deepEqual([hits[0]?.port, hits[0]?.class, hits[0]?.ttl], [port, 'syn-ack', null]);
    const told = run.err.split('\n').filter(line => line.startsWith('notice: '));
    assert.deepEqual(
      told.map(line => line.replace(`notice: ${file}`, '').replace(/; the other lines.*/, '')),
      [
        ':4: stands in the list already',
        ':6: lies outside the mandate',
        ':7: lies in reserved space, which nobody may probe',
        ':8: has a zone, which only means something on one machine',
        ':9: is no address',
        ':10: is IPv4 in other clothes; write 127.0.0.1',
        ':11: is a prefix; a list has single addresses',
        ': 7 line(s) were not asked; mend the lines named above (exit 4)',
      ],
    );
    // What is excluded is no bad line: it is counted, and nobody connects to it.
    assert.match(run.err, /"stage":"done".*"total":3,"done":3,"sent":2,"excluded":1/);
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.deepEqual(seen.sort(), ['::1', '::ffff:127.90.0.7']);
    assert.equal(existsSync(join(paper.dir, 'state/sweep-list')), false);

    writeFileSync(file, '# nobody\n2001:db8::1\n');
    const none = await notice(args);
    assert.equal(none.code, 4);
    assert.match(none.err, /holds no address that may be asked/);
    assert.equal((await notice([...args.slice(0, -1), join(paper.dir, 'no-such-list')])).code, 4);
  } finally {
    paper.remove();
    server.close();
  }
});

test('IPv6 from a source that is not named, or by exclusions that vanish: nothing more is sent, exit 3', async () => {
  const { server, port, seen } = await listen();
  const foreign = lab(port, 1000, ['127.0.0.1'], ['::1/128']);
  const file = join(foreign.dir, 'list.txt');
  writeFileSync(file, '::1\n');
  try {
    const run = await notice(['--mandate', foreign.mandate, '--state', join(foreign.dir, 's'), '--targets', file]);
    assert.equal(run.code, 3);
    assert.match(run.err, /would send from an address that the mandate does not name/);
    assert.deepEqual(seen, []);
    const walk = await notice(['--mandate', foreign.mandate, '--state', join(foreign.dir, 's')]);
    assert.equal(walk.code, 3);
    assert.match(walk.err, /names no IPv4 range to walk over; name a list/);
  } catch (thrown) {
    server.close();
    throw thrown;
  } finally {
    foreign.remove();
  }
  const slow = lab(port, 20, ['127.0.0.1', '::1'], ['127.90.0.0/24', '::1/128']);
  const many = join(slow.dir, 'list.txt');
  writeFileSync(many, Array.from({ length: 200 }, (_, n) => `127.90.0.${n + 10}\n`).join(''));
  try {
    let gone = false;
    const exclusions = join(slow.dir, 'exclusions.txt');
    const args = ['--mandate', slow.mandate, '--state', join(slow.dir, 's'), '--targets', many, '--json'];
    const run = await notice(args, text => {
      if (gone || !text.includes('"stage":"sweep"')) return;
      gone = true;
      renameSync(exclusions, `${exclusions}.away`);
    });
    assert.equal(run.code, 3);
    assert.match(run.err, /nothing more is sent/);
    const asked = seen.length;
    assert.ok(asked < 100, `${asked}`);
    renameSync(`${exclusions}.away`, exclusions);
    // Another list is another sweep: it does not go on where this one stopped.
    writeFileSync(many, '127.90.0.11\n');
    const other = await notice(args);
    assert.notEqual(other.code, 0);
  } finally {
    slow.remove();
    server.close();
  }
});

test('what a line of a list may be, and a file of canaries', () => {
  assert.deepEqual(targetOf('2001:DB8::1'), parseAddress('2001:db8::1') as Address);
  for (const text of ['1.2.3', 'host.example', '::1/128', ':::', '1::2::3', '12345::'])
    assert.equal(typeof targetOf(text), 'string');
  const paper = lab(8080, 10, ['127.0.0.1'], ['127.90.0.0/24']);
  const file = join(paper.dir, 'canaries.txt');
  try {
    writeFileSync(file, '127.90.0.1 8080 # ours\n\n127.90.0.1:23\n');
    assert.deepEqual(readCanaries(file), [
      { address: 0x7f5a0001, port: 8080 },
      { address: 0x7f5a0001, port: 23 },
    ]);
    for (const [text, why] of [
      ['127.90.0.1\n', /canaries\.txt:1: "127\.90\.0\.1" is no canary/],
      ['127.90.0.1 23\n127.90.0.1 23\n', /:2: .*stands twice/],
      ['127.90.0.1 0\n', /is no canary/],
      ['#\n', /holds no canary/],
    ] as const) {
      writeFileSync(file, text);
      assert.throws(() => readCanaries(file), why);
    }
  } finally {
    paper.remove();
  }
});
