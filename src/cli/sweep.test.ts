/** `notice sweep` as it is typed: a signed laboratory on loopback, real listeners, exit codes, an interruption and its resume. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listenOn } from '../../test/fixtures/listeners.ts';
import { type Lab, labBody, makeLab } from '../../test/mandate/lab-paper.ts';
import { DAY, isoOf } from '../record/instant.ts';
import type { MandateBody, Rate } from '../record/mandate.ts';
import { noTally } from '../survey/round/tally.ts';
import { minutes, portsToSweep, progressText, summary } from './sweep-words.ts';

const NOTICE = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));

function lab(prefix: string, port: number, perSecond: number): Lab {
  const now = Date.now();
  const isps = [{ isp: 'isp-a', prefixes: [prefix], signedAt: now - DAY }];
  const rate: Rate = { perSecond, burst: Math.max(1, perSecond / 50) };
  const body: Partial<MandateBody> = {
    period: { from: isoOf(now - DAY), to: isoOf(now + DAY) },
    sources: { addresses: ['127.0.0.1'], publishedAt: isoOf(now - 30 * DAY), publishedAs: 'a page' },
    ports: [{ port, protocol: 'telnet', acts: ['sweep'] }],
    hours: { from: '00:00', to: '24:00' },
    limits: { ...labBody(isps).limits, total: rate, perIsp: rate, per24: rate },
  };
  return makeLab({ isps, within: ['127.0.0.0/8'], exclusions: '', body });
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function notice(args: readonly string[], interrupt?: RegExp): Promise<Run> {
  const child = spawn(process.execPath, [NOTICE, 'sweep', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  let interrupted = false;
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
    if (interrupted || !interrupt?.test(out)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

test('hits are NDJSON on stdout, the rest is on stderr; audit stays, ledger and key go when all is done', async () => {
  const listeners = await listenOn(['127.89.0.5', '127.89.1.9']);
  const paper = lab('127.89.0.0/23', listeners.port, 20_000);
  const state = join(paper.dir, 'state');
  try {
    const dry = await notice(['--mandate', paper.mandate, '--state', state, '--driver', 'dry']);
    assert.equal(dry.code, 0, dry.err);
    assert.match(dry.out, /would be sent +512/);
    assert.equal(existsSync(state), false);
    assert.deepEqual([...listeners.seen.values()], [0, 0]);

    const run = await notice(['--mandate', paper.mandate, '--state', state, '--json']);
    assert.equal(run.code, 0, run.err);
    const hits = run.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { address: string; port: number; at: number });
    assert.deepEqual(hits.map(hit => hit.address).sort(), ['127.89.0.5', '127.89.1.9']);
    for (const hit of hits)
      assert.deepEqual(Object.keys(hit), ['address', 'port', 'class', 'at', 'ttl', 'window', 'options']);
    const progress = run.err
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    const { stage, total, sent, hits: found, drops, percent, secondsLeft, record } = progress.at(-1) ?? {};
    assert.deepEqual(
      { stage, total, sent, found, drops, percent, secondsLeft },
      { stage: 'done', total: 512, sent: 512, found: 2, drops: 0, percent: 100, secondsLeft: 0 },
    );
    const repeat = JSON.parse(readFileSync(record as string, 'utf8')) as Record<string, unknown>;
    assert.equal(repeat.format, 'notice-sweep-record/1');
    assert.equal((repeat.runs as unknown[]).length, 1);
    assert.doesNotMatch(JSON.stringify(repeat), /127\.89\.(0\.5|1\.9)/);
    assert.match(readFileSync(join(state, 'audit.log'), 'utf8'), /"sweep-shard"/);
    assert.equal(existsSync(join(state, 'sweep')), false);
  } finally {
    paper.remove();
    await listeners.close();
  }
});

test('Ctrl-C ends cleanly, the same command goes on; exclusions that vanish close the gate, exit 3', async () => {
  const listeners = await listenOn(Array.from({ length: 24 }, (_, i) => `127.89.${4 + (i % 4)}.${i * 9}`));
  const paper = lab('127.89.4.0/22', listeners.port, 1200);
  const arguments_ = ['--mandate', paper.mandate, '--state', join(paper.dir, 'state')];
  const exclusions = join(paper.dir, 'exclusions.txt');
  try {
    const first = await notice(arguments_, /127\.89/);
    assert.equal(first.code, 0, first.err);
    assert.match(first.err, /stopped as asked; go on with the same command/);

    renameSync(exclusions, `${exclusions}.away`);
    const missing = await notice(arguments_);
    assert.equal(missing.code, 3);
    assert.match(missing.err, /exclusions\.txt.*\(exit 3\)/);
    renameSync(`${exclusions}.away`, exclusions);

    const second = await notice(arguments_);
    assert.equal(second.code, 0, second.err);
    assert.match(second.out, /sent +1,024\n/);
    assert.match(second.out, /answered +24\n/);
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.ok(
      [...listeners.seen.values()].every(times => times === 1),
      'everybody was asked, nobody twice',
    );

    const foreign = await notice([...arguments_, '--ports', '22']);
    assert.deepEqual([foreign.code, foreign.out], [3, '']);
    const raw = await notice([...arguments_, '--driver', 'mmsg']);
    assert.equal(raw.code, 5);
    assert.match(raw.err, /on loopback, where there are no frames to build; use the driver connect \(exit 5\)/);
    for (const odd of [
      ['--passes', '0'],
      ['--passes', 'two'],
      ['--pass-gap', '6'],
      ['--classes', 'open'],
      ['--driver', 'warp'],
      ['--driver', 'connect', '--interface', 'eth1'],
      ['--targets', 'x', '--canaries', 'y'],
      ['--targets', 'x', '--driver', 'xdp'],
      ['--source', 'here'],
    ]) {
      const run = await notice([...arguments_, ...odd]);
      assert.deepEqual([run.code, run.out], [2, ''], `${odd.join(' ')}: ${run.err}`);
    }
    assert.equal((await notice([])).code, 2);
  } finally {
    paper.remove();
    await listeners.close();
  }
});

test('ports of a list must be ports, and the mandate’s', () => {
  const mandate = {
    ports: [
      { port: 23, acts: ['sweep'] },
      { port: 80, acts: ['sweep'] },
      { port: 8080, acts: ['identify'] },
    ],
  } as unknown as MandateBody;
  assert.deepEqual(portsToSweep(mandate, undefined), [23, 80]);
  assert.deepEqual(portsToSweep(mandate, '80, 23,80'), [80, 23]);
  assert.throws(() => portsToSweep(mandate, '8080'), /does not allow a sweep of port 8080; choose among 23, 80/);
  for (const list of ['', '0', '70000', '23;80', 'telnet'])
    assert.throws(() => portsToSweep(mandate, list), /is no port/);
  assert.throws(() => portsToSweep({ ports: [] } as unknown as MandateBody, undefined), /names no port to sweep/);
});

test('the words of progress and of the end', () => {
  const progress = { total: 1000, done: 630, sent: 600, excluded: 30, answered: 412, perSecond: 9 };
  assert.equal(
    progressText('2026-11', progress),
    'sweep 2026-11  63 %  9/s  412 open  30 refused by mandate  0:42 left',
  );
  assert.equal(
    progressText('2026-11', { ...progress, perSecond: 0 }),
    'sweep 2026-11  63 %  0/s  412 open  30 refused by mandate',
  );
  assert.equal(minutes(3600 * 30 + 120), '30 h 02 min');
  const result = {
    total: 10,
    sent: 8,
    excluded: 2,
    answered: 1,
    done: true,
    packets: 8,
    faults: 0,
    resumed: false,
    driver: 'net',
    note: 'raw connects do not work here',
    why: '',
    known: 0,
    tally: { ...noTally(), excluded: 2, answered: 1, refused: 7 },
  } as const;
  assert.match(
    summary('2026-11', result, 1500, false),
    /refused the connection +7\n[\s\S]*driver net\n[\s\S]*raw connects do not work here/,
  );
  assert.doesNotMatch(summary('2026-11', result, 1500, true), /answered/);
});
