/**
 * A raw round killed with SIGKILL twenty times at random instants and gone on with, under both policies: in the end every pair
 * is accounted for. What was sent is what the far end captured. At-least-once: every pair that is not excluded arrived, and
 * every answer is told. Never-twice: no pair arrived twice, and what did not arrive is within what the ledger assumes sent.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatIpv4, parseIpv4 } from '../../src/record/address.ts';
import type { LoopbackPaper } from '../fixtures/loopback-paper.ts';
import type { RawEnd, RawWish } from '../fixtures/wire-sweep-child.ts';
import { captureAtFarEnd, listenAtFarEnd } from '../real/far-capture.ts';
import { makeVethPair, NEAR, type VethPair } from '../real/veth-pair.ts';
import { readPackets } from './capture-packets.ts';

const OPEN = 2323;
const SHUT = 8080;
const FROM = parseIpv4('10.81.0.0') as number;
const ADDRESSES = 8_192;
const EXCLUDED = '10.81.3.0/24';
/** Slow enough that twenty kills fall into it: a kill under never-twice gives up what a second sends. */
const PER_SECOND = { 'at-least-once': 800, 'never-twice': 300 } as const;
const paperAt = (perSecond: number): LoopbackPaper => ({
  isps: { 'isp-a': ['10.81.0.0/20'], 'isp-b': ['10.81.16.0/20'] },
  ports: [OPEN, SHUT],
  excluded: [EXCLUDED],
  sources: [NEAR.address],
  limits: { total: { perSecond, burst: perSecond / 10 } },
  connectMs: 100,
});
const KILLS = 20;

const dir = mkdtempSync(join(tmpdir(), 'notice-sweep-kill-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const SCRIPT = fileURLToPath(new URL(`../fixtures/wire-sweep-child${extname(import.meta.url)}`, import.meta.url));

/** While its threads start, or once the ledger has grown: a random while after. */
type Kill = 'starting' | 'working';

/** Undefined when it was killed. */
async function child(pair: VethPair, wish: RawWish, kill?: Kill): Promise<RawEnd | undefined> {
  const [command, args] = pair.inNear(process.execPath, SCRIPT, JSON.stringify(wish));
  // nsenter becomes the program, so the process id is the sweep's own.
  const sweep = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  sweep.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const closed = once(sweep, 'close');
  if (kill !== undefined) {
    await Promise.race([once(sweep.stdout, 'data'), closed]);
    const size = (): number => statSync(wish.ledgerFile).size;
    const begun = size();
    for (let waits = 0; kill === 'working' && size() === begun && waits < 1_000; waits++) await sleep(10);
    await sleep(Math.random() * 600);
    sweep.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  if (signal === 'SIGKILL') return undefined;
  assert.equal(code, 0, out.slice(-500));
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as RawEnd;
}

describe('a raw round that is killed again and again', { concurrency: true }, () => {
  for (const policy of ['at-least-once', 'never-twice'] as const)
    test(`killed ${KILLS} times at random and gone on with, ${policy}: the whole round is covered`, async () => {
      assert.equal(process.getuid?.(), 0, 'run as root: network namespaces and a capture are made');
      const pair = await makeVethPair('10.0.0.0/8', 'any-ip');
      const file = join(dir, `${policy}.pcap`);
      let end: RawEnd | undefined;
      let kills = 0;
      try {
        const capture = await captureAtFarEnd(pair, file);
        await listenAtFarEnd(pair, OPEN);
        const wish: RawWish = {
          paper: paperAt(PER_SECOND[policy]),
          ledgerFile: join(dir, policy),
          shardSize: 1 << 11,
          policy,
        };
        while (kills < KILLS) {
          end = await child(pair, wish, kills % 2 === 0 ? 'working' : 'starting');
          if (end !== undefined) break;
          kills++;
        }
        end ??= await child(pair, { ...wish, paper: paperAt(4_000) });
        assert.equal((await capture.end()).lost, 0, 'the capture saw everything');
      } finally {
        await pair.stop();
      }
      assert.equal(kills, KILLS, `it was done after ${kills} kills`);
      assert.ok(end !== undefined);
      const { result, hits } = end;
      const [total, excluded] = [2 * ADDRESSES, 2 * 256];
      assert.deepEqual(
        [result.done, result.resumed, result.total, result.sent + result.excluded],
        [true, true, total, total],
      );
      // Under never-twice what was reserved counts as sent, excluded or not: it may have been.
      if (policy === 'at-least-once') assert.equal(result.excluded, excluded);
      else assert.ok(result.excluded <= excluded && excluded - result.excluded <= result.tally.assumed);

      const times = new Map<string, number>();
      for (const { syn, destination, port } of readPackets(file))
        if (syn) times.set(`${destination} ${port}`, (times.get(`${destination} ${port}`) ?? 0) + 1);
      const told = new Set(hits);
      let missing = 0;
      let twice = 0;
      let open = 0;
      for (let n = 0; n < ADDRESSES; n++)
        for (const port of [OPEN, SHUT]) {
          const key = `${formatIpv4(FROM + n)} ${port}`;
          const met = times.get(key) ?? 0;
          times.delete(key);
          if (n >> 8 === 3) assert.equal(met, 0, `${key} is excluded`);
          else if (met === 0) missing++;
          else if (met > 1) twice++;
          if (port === OPEN && met > 0) open++;
          if (port === OPEN && policy === 'at-least-once')
            assert.equal(told.has(key), met > 0, `${key} met ${met} times`);
        }
      assert.equal(times.size, 0, 'nothing else was met');
      if (policy === 'at-least-once') {
        assert.equal(missing, 0, 'every pair arrived');
        assert.equal(result.tally.assumed, 0);
        assert.equal(result.answered, open);
      } else {
        assert.equal(twice, 0, 'no pair arrived twice');
        assert.ok(missing <= result.tally.assumed, `${missing} did not arrive, ${result.tally.assumed} assumed`);
        assert.ok(result.tally.assumed < total, 'the ledger is not all assumption');
      }
    });
});
