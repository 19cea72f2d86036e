import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { labBody, labClocks, NOW } from '../../test/mandate/lab-paper.ts';
import { DAY, HOUR, jstMidnight } from '../record/instant.ts';
import type { MandateLimits } from '../record/mandate.ts';
import type { TryKind } from './authority.ts';
import { openBudget } from './budget.ts';

const scratch = () => mkdtempSync(join(tmpdir(), 'notice-budget-'));
const mandateWith = (limits: Partial<MandateLimits>, perDevicePerDay = 2) => {
  const body = labBody();
  return { ...body, limits: { ...body.limits, gapMs: 0, ...limits }, decoys: { permitted: true, perDevicePerDay } };
};
const CAPS = mandateWith({ triesPerDevicePerDay: 6, triesPerAccountPerDay: 3, gapMs: 1_000 });

test('caps per device, account and decoy, and the gap, each with when to come back', () => {
  const dir = scratch();
  const clocks = labClocks();
  const budget = openBudget(dir, CAPS, clocks);
  const ask = (account: string, kind: TryKind = 'attempt', device = '127.64.0.1') => {
    const grant = budget.reserve(device, account, kind);
    return grant.granted ? 'granted' : `${grant.why} ${grant.retryAt - clocks.calendar()}`;
  };
  const untilMidnight = () => jstMidnight(NOW) + DAY - clocks.calendar();
  assert.equal(ask('root'), 'granted');
  clocks.pass(400);
  assert.equal(ask('root'), 'gap 600');
  clocks.pass(600);
  assert.equal(ask('root', 'decoy'), 'granted');
  clocks.pass(1_000);
  assert.equal(ask('root', 'decoy'), 'granted');
  clocks.pass(1_000);
  assert.equal(ask('root'), `account-day ${untilMidnight()}`);
  assert.equal(ask('admin', 'decoy'), `decoy-day ${untilMidnight()}`);
  for (let n = 0; n < 3; n++, clocks.pass(1_000)) assert.equal(ask('admin'), 'granted');
  assert.equal(ask('user'), `device-day ${untilMidnight()}`);
  assert.equal(ask('user', 'attempt', '127.64.0.2'), 'granted');
  assert.equal(budget.spent('127.64.0.1'), 6);
  clocks.pass(untilMidnight());
  assert.equal(budget.spent('127.64.0.1'), 0);
  assert.equal(ask('root'), 'granted');
  budget.close();
  rmSync(dir, { recursive: true });
});

test('decoys that the mandate does not permit are never granted', () => {
  const dir = scratch();
  const budget = openBudget(dir, { ...CAPS, decoys: { permitted: false, perDevicePerDay: 9 } }, labClocks());
  assert.equal(budget.reserve('127.64.0.1', 'root', 'decoy').granted, false);
  budget.close();
  rmSync(dir, { recursive: true });
});

test('a lockout rests the device for a day, across restarts and midnight', () => {
  const dir = scratch();
  const clocks = labClocks(NOW + 11 * HOUR);
  let budget = openBudget(dir, CAPS, clocks);
  budget.stopDevice('127.64.0.1');
  budget.close();
  clocks.pass(DAY - 1);
  budget = openBudget(dir, CAPS, clocks);
  assert.deepEqual(budget.reserve('127.64.0.1', 'a', 'attempt'), {
    granted: false,
    why: 'stopped',
    retryAt: clocks.calendar() + 1,
  });
  assert.equal(budget.reserve('127.64.0.2', 'a', 'attempt').granted, true);
  clocks.pass(1);
  assert.equal(budget.reserve('127.64.0.1', 'a', 'attempt').granted, true);
  budget.close();
  rmSync(dir, { recursive: true });
});

test('a calendar set back over midnight gives no try until it is again the day that had been', () => {
  const dir = scratch();
  const clocks = labClocks();
  const budget = openBudget(dir, CAPS, clocks);
  clocks.pass(DAY);
  assert.equal(budget.reserve('127.64.0.1', 'a', 'attempt').granted, true);
  clocks.jump(-DAY);
  clocks.pass(HOUR);
  assert.deepEqual(budget.reserve('127.64.0.1', 'a', 'attempt'), {
    granted: false,
    why: 'device-day',
    retryAt: jstMidnight(NOW + DAY),
  });
  // The day's count of its /24 and of its ISP is gone too.
  assert.equal(budget.reserve('127.64.0.2', 'a', 'attempt').granted, false);
  clocks.jump(DAY);
  assert.equal(budget.reserve('127.64.0.1', 'a', 'attempt').granted, true);
  budget.close();
  rmSync(dir, { recursive: true });
});

/** Two devices in one /24, one beside it at the same ISP, one at another. */
const HOSTS = ['192.0.2.1', '192.0.2.9', '198.51.100.1', '203.0.113.1'] as const;
const NETS = { per24: 9, perIsp: 21 };
const BY_NET = {
  ...CAPS,
  limits: { ...CAPS.limits, triesPer24PerDay: NETS.per24, triesPerIspPerDay: NETS.perIsp },
  targets: [
    { isp: 'isp-a', prefixes: ['192.0.2.0/24', '198.51.100.0/24'] },
    { isp: 'isp-b', prefixes: ['203.0.113.0/24'] },
  ],
};

test('a /24 and an ISP have caps of their own, of which a prober may have a share', () => {
  const spend = (hosts: readonly string[], of?: number) => {
    const dir = scratch();
    const clocks = labClocks();
    const limits = { ...BY_NET.limits, gapMs: 0, triesPerAccountPerDay: 99, triesPerDevicePerDay: 24 };
    const budget = openBudget(dir, { ...BY_NET, limits }, clocks, of === undefined ? {} : { share: { of } });
    let granted = 0;
    const whys = new Set<string>();
    for (let n = 0; n < 60; n++) {
      const grant = budget.reserve(hosts[n % hosts.length] as string, 'root', 'attempt');
      if (grant.granted) granted++;
      else {
        whys.add(grant.why);
        assert.equal(grant.retryAt, jstMidnight(NOW) + DAY);
      }
    }
    budget.close();
    rmSync(dir, { recursive: true });
    return [granted, [...whys].sort().join()];
  };
  assert.deepEqual(spend(HOSTS.slice(0, 2)), [9, 'net-day']);
  assert.deepEqual(spend(['192.0.2.1', '198.51.100.1']), [18, 'net-day']);
  assert.deepEqual(spend(['192.0.2.1', '198.51.100.1'], 3), [7, 'isp-day']);
  assert.deepEqual(spend(['192.0.2.1', '203.0.113.1'], 3), [14, 'isp-day'], 'each ISP its own');
  // What no ISP has consented to shares one bucket; the gate lets none of it through anyway.
  assert.deepEqual(spend(['10.0.0.1', '10.1.0.1', '10.2.0.1'])[1], 'isp-day,net-day'.split(',')[0]);
});

test('a torn line counts against every /24 and every ISP it may have meant', () => {
  const dir = scratch();
  const clocks = labClocks();
  const limits = { ...BY_NET.limits, gapMs: 0, triesPer24PerDay: 3, triesPerAccountPerDay: 99 };
  const open = () => openBudget(dir, { ...BY_NET, limits }, clocks);
  let budget = open();
  assert.ok(budget.reserve(HOSTS[0], 'root', 'attempt').granted);
  budget.close();
  const file = join(dir, 'budget.log');
  const line = readFileSync(file, 'latin1');
  for (const [cut, others] of [
    [20, 1],
    [10, 1],
    [0, 2],
  ] as const) {
    // Whole for the device, torn within the address, torn within the /24, torn before anything.
    writeFileSync(file, `${line}${cut === 0 ? 'z' : line.slice(0, cut)}`);
    budget = open();
    assert.ok(budget.reserve(HOSTS[1], 'root', 'attempt').granted);
    assert.equal(budget.reserve(HOSTS[1], 'root', 'attempt').granted, false, `cut at ${cut}`);
    let elsewhere = 0;
    while (budget.reserve(HOSTS[2], 'root', 'attempt').granted) elsewhere++;
    assert.equal(elsewhere, 3 - (others - 1), `cut at ${cut}`);
    budget.close();
  }
  rmSync(dir, { recursive: true });
});

test('what is remembered of a device: today, pairs of the month, and whether it was tried before', () => {
  const dir = scratch();
  const clocks = labClocks();
  let budget = openBudget(dir, { ...CAPS, limits: { ...CAPS.limits, gapMs: 0 } }, clocks);
  assert.deepEqual(budget.remembers('192.0.2.1'), { tries: 0, pairs: 0, earlier: false });
  budget.reserve('192.0.2.1', 'root', 'attempt');
  budget.reserve('192.0.2.1', 'root', 'decoy');
  assert.deepEqual(budget.remembers('192.0.2.1'), { tries: 2, pairs: 1, earlier: false });
  clocks.pass(DAY);
  assert.deepEqual(budget.remembers('192.0.2.1'), { tries: 0, pairs: 1, earlier: true });
  budget.close();
  budget = openBudget(dir, CAPS, clocks);
  assert.deepEqual(budget.remembers('192.0.2.1'), { tries: 0, pairs: 1, earlier: true });
  budget.close();
  rmSync(dir, { recursive: true });
});

test('a round is a month of tries, with restarts and without; that there were any is known for forty days', () => {
  const dir = scratch();
  // The first of December in Japan.
  const clocks = labClocks(Date.UTC(2026, 10, 30, 16));
  const caps = mandateWith({ triesPerDevicePerDay: 9, triesPerAccountPerDay: 9 });
  let budget = openBudget(dir, caps, clocks);
  for (let day = 0, pairs = 0; day < 31; day++, clocks.pass(DAY)) {
    if (day % 3 === 1) {
      budget.close();
      budget = openBudget(dir, caps, clocks);
    }
    const active = day % 7 < 4;
    if (active) {
      assert.ok(budget.reserve('192.0.2.1', 'root', 'attempt').granted);
      assert.ok(budget.reserve('192.0.2.1', 'root', 'decoy').granted);
      pairs++;
    } else assert.ok(budget.reserve('192.0.2.2', 'root', 'attempt').granted);
    const now = { tries: active ? 2 : 0, pairs, earlier: day > 0 };
    assert.deepEqual(budget.remembers('192.0.2.1'), now, `day ${day}`);
  }
  assert.deepEqual(budget.remembers('192.0.2.1'), { tries: 0, pairs: 0, earlier: true }, 'a new month');
  assert.ok(!readFileSync(join(dir, 'tried-before.log'), 'latin1').includes('192.0'));
  assert.equal(statSync(join(dir, 'tried-before.log')).mode & 0o777, 0o600);
  clocks.pass(42 * DAY);
  budget.forget();
  budget.close();
  budget = openBudget(dir, caps, clocks);
  assert.equal(budget.remembers('192.0.2.1').earlier, false);
  budget.close();
  rmSync(dir, { recursive: true });
});

/** What a sequence of events may grant at most, kept apart and simply. */
test('over any sequence of tries, restarts, days and calendars set back, no cap is ever passed', () => {
  const event = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(
        fc.constantFrom('try'),
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom('a', 'b'),
        fc.constantFrom<TryKind>('attempt', 'decoy'),
      ),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('wait'), fc.constantFrom(300, 700, 1_000, 6 * HOUR, DAY)) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('restart')) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('back'), fc.constantFrom(1_000, 13 * HOUR)) },
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 20, maxLength: 120 }), events => {
      const dir = scratch();
      const clocks = labClocks();
      let budget = openBudget(dir, BY_NET, clocks);
      const granted = new Map<string, number>();
      let lastGap = new Map<string, number>();
      const add = (key: string) => {
        granted.set(key, (granted.get(key) ?? 0) + 1);
        return granted.get(key) as number;
      };
      for (const [what, x, account, kind] of events) {
        if (what === 'wait') clocks.pass(x as number);
        else if (what === 'back') clocks.jump(-(x as number));
        else if (what === 'restart') {
          budget.close();
          budget = openBudget(dir, BY_NET, clocks);
        } else if (budget.reserve(HOSTS[x as number] as string, account as string, kind as TryKind).granted) {
          const midnight = jstMidnight(clocks.calendar());
          const day = `${x} ${midnight}`;
          const net = (HOSTS[x as number] as string).replace(/\d+$/, '');
          assert.ok(add(`net ${net} ${midnight}`) <= NETS.per24, '/24 and day');
          assert.ok(add(`isp ${(x as number) < 3} ${midnight}`) <= NETS.perIsp, 'ISP and day');
          assert.ok(add(day) <= 6, 'device and day');
          assert.ok(add(`${day} ${account}`) <= 3, 'account and day');
          if (kind === 'decoy') assert.ok(add(`${day} decoy`) <= 2, 'decoys');
          const last = lastGap.get(String(x));
          assert.ok(last === undefined || clocks.monotonic() - last >= 1_000, 'gap');
          lastGap = lastGap.set(String(x), clocks.monotonic());
        }
      }
      budget.close();
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

test('kill -9 at any moment and restarts never give one try more than the cap', async () => {
  const dir = scratch();
  const child = fileURLToPath(
    new URL(`../../test/mandate/reserve-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  const granted = new Map<string, number>();
  for (let run = 0; run < 6; run++) {
    const process_ = spawn(process.execPath, [child, dir, String(NOW)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(process_, 'exit');
    let text = '';
    process_.stdout.on('data', (data: Buffer) => {
      text += data;
      // Killed in the middle of its work, at another place each time.
      if (text.length > 11 * (3 + run * 5)) process_.kill('SIGKILL');
    });
    const guard = setTimeout(() => process_.kill('SIGKILL'), 1_500);
    const ended = once(process_.stdout, 'end');
    await exited;
    await ended;
    clearTimeout(guard);
    for (const device of text.split('\n').slice(0, -1)) granted.set(device, (granted.get(device) ?? 0) + 1);
    if (run === 3) appendFileSync(join(dir, 'budget.log'), 'deadbeef');
  }
  assert.equal(granted.size, 3);
  for (const [device, tries] of granted) assert.ok(tries <= 40 && tries > 10, `${device}: ${tries}`);
  const budget = openBudget(dir, mandateWith({ triesPerDevicePerDay: 40 }), labClocks());
  for (const [device, tries] of granted) assert.ok(budget.spent(device) >= tries && budget.spent(device) <= 40);
  budget.close();
  rmSync(dir, { recursive: true });
});

test('a torn line counts as spent against whomever it may mean, once and for that day', () => {
  const dir = scratch();
  const clocks = labClocks();
  const open = () => openBudget(dir, CAPS, clocks);
  let budget = open();
  budget.reserve('127.64.0.1', 'root', 'attempt');
  budget.close();
  const file = join(dir, 'budget.log');
  const line = readFileSync(file, 'latin1').trimEnd();
  for (const cut of [line.length, 40, 32, 7, 1]) {
    writeFileSync(file, `${line}\n${line.slice(0, cut)}`);
    for (let n = 0; n < 3; n++) {
      budget = open();
      assert.equal(budget.spent('127.64.0.1'), 2, `cut at ${cut}`);
      budget.close();
    }
  }
  writeFileSync(file, 'zzz not ours');
  budget = open();
  assert.equal(budget.spent('127.64.0.1'), 1);
  assert.equal(budget.spent('127.64.0.99'), 1);
  clocks.pass(DAY);
  assert.equal(budget.spent('127.64.0.1'), 0);
  budget.close();
  rmSync(dir, { recursive: true });
});

test('the files name no device, are for this user only, and forget after two days', () => {
  const dir = scratch();
  const clocks = labClocks();
  let budget = openBudget(dir, CAPS, clocks);
  budget.reserve('127.64.0.1', 'root', 'attempt');
  budget.stopDevice('127.64.0.1');
  const file = join(dir, 'budget.log');
  const text = readFileSync(file, 'latin1');
  assert.equal(text.split('\n').length, 3);
  assert.ok(!text.includes('127.64') && !text.includes('root'));
  for (const name of ['budget.log', 'budget.key']) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
  clocks.pass(2 * DAY + 1);
  budget.reserve('127.64.0.2', 'root', 'attempt');
  assert.equal(readFileSync(file, 'latin1').split('\n').length, 2);
  budget.close();
  budget = openBudget(dir, CAPS, clocks);
  assert.equal(budget.spent('127.64.0.2'), 1);
  budget.close();
  assert.throws(() => budget.reserve('127.64.0.3', 'root', 'attempt'));
  rmSync(dir, { recursive: true });
});
