/** The control over real sockets: who takes the n-th pair of each source, controls that need several days, locks on decoys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY } from '../../src/record/instant.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { asking as witnessed } from '../../src/rehearsal/odd-devices/telnet-asking.ts';
import { type CheckResult, checkService } from '../../src/survey/credential/check.ts';
import {
  type Device,
  type Laboratory,
  type LaboratoryOptions,
  laboratory,
  mandateBody,
  type Station,
  station,
} from './station.ts';

let host = 1;

async function withDevice(
  device: Device,
  key: { user: string; password: string } | null,
  options: LaboratoryOptions,
  work: (lab: Laboratory, made: Station) => Promise<void>,
): Promise<void> {
  const lab = laboratory(options);
  const made = await station(`127.77.4.${host++}`, 'telnet', device, key);
  try {
    await work(lab, made);
  } finally {
    await made.close();
    lab.close();
  }
}

/** A device that keeps nothing between two connections. */
const asking =
  (manner: Parameters<typeof witnessed>[0]): Device =>
  (socket, key, sight) =>
    witnessed(manner)(socket, key, { ...sight, source: '', memory: new Map(), intruded: () => {} });

/** Six pairs of three accounts, so that there is a fifth try. */
const SIX = JSON.stringify({
  format: 'notice-catalogue/1',
  version: 'six-1',
  pairs: ['admin', 'root', 'user', 'admin', 'root', 'user'].map((user, n) => ({
    user,
    password: `CNRY-${n}`,
    weight: 60 - n,
    vendors: [],
    protocols: ['telnet', 'http'],
  })),
});
const pairsTried = (made: Station) => made.count.tries.filter(({ password }) => password.startsWith('CNRY-')).length;
const decoysTried = (made: Station) => made.count.tries.length - pairsTried(made);

/** Takes the n-th try of each source, and for good the pair that it took first. */
function takesNth(n: number, greeting?: string): Device {
  let taken: string | undefined;
  return (socket, _, sight) =>
    asking({
      ...(greeting === undefined ? {} : { greeting }),
      accepts: (right, count) => right || count === n,
    })(socket, taken === undefined ? null : { user: taken.split('/')[0] ?? '', password: taken.split('/')[1] ?? '' }, {
      ...sight,
      tried: (user, password) => {
        const count = sight.tried(user, password);
        if (count === n) taken ??= `${user}/${password}`;
        return count;
      },
    });
}

const ONE_SOURCE: Partial<MandateBody> = { sources: { ...mandateBody().sources, addresses: ['127.0.0.1'] } };

for (const n of [2, 3, 4, 5])
  test(`who takes the ${n}th pair of each source is seen through from a second source`, async () => {
    await withDevice(takesNth(n), null, { catalogue: SIX }, async (lab, made) => {
      const { verdict, reported, kinds, ordinal } = await checkService(made.target, lab.deps);
      assert.deepEqual([verdict, reported, kinds, ordinal], ['SUSPECT_DECEPTION', 'inconclusive', [], null]);
      assert.equal(pairsTried(made), n);
      assert.equal(decoysTried(made), 1 + n, 'one from here, and so many from elsewhere');
    });
  });

test('who takes the first pair of each source is seen through by one decoy from a second source', async () => {
  await withDevice(takesNth(1), null, { catalogue: SIX }, async (lab, made) => {
    const { verdict, reported, kinds } = await checkService(made.target, lab.deps);
    assert.deepEqual([verdict, reported, kinds], ['SUSPECT_DECEPTION', 'inconclusive', []]);
    assert.deepEqual([pairsTried(made), decoysTried(made)], [1, 2]);
  });
});

test('a count that goes on over days and rounds is seen through as well', async () => {
  const mandate = { limits: { ...mandateBody().limits, triesPerDevicePerRound: 2 } };
  await withDevice(takesNth(3), null, { catalogue: SIX, mandate }, async (lab, made) => {
    assert.equal((await checkService(made.target, lab.deps)).tries, 2);
    for (const days of [1, 3]) {
      lab.pass(days * DAY);
      assert.equal((await checkService(made.target, lab.deps)).tries, 0, 'the round of this device is over');
    }
    lab.pass(30 * DAY);
    const { verdict } = await checkService(made.target, lab.deps);
    assert.equal(verdict, 'SUSPECT_DECEPTION', 'its first pair of this round is the third it had from us');
  });
});

/** Says that it is two products at once, which is the hint of a decoy, and takes the n-th pair. */
function twoFaced(n: number): Device {
  let taken: string | undefined;
  return (socket, _, sight) =>
    socket.on('data', chunk => {
      const credential = /^authorization: Basic (\S+)/im.exec(chunk.toString('latin1'))?.[1];
      const [user = '', password = ''] = Buffer.from(credential ?? '', 'base64')
        .toString('latin1')
        .split(':');
      if (credential !== undefined && sight.tried(user, password) === n) taken = credential;
      const inside = credential !== undefined && credential === taken;
      if (inside) sight.accepted();
      const status = inside ? '200 OK' : '401 Unauthorized\r\nWWW-Authenticate: Basic realm="AK-DVR4"';
      socket.write(`HTTP/1.1 ${status}\r\nServer: TN-1600\r\nContent-Length: 2\r\n\r\nok`);
    });
}

test('without a second source it is inconclusive when it looks like a decoy, and otherwise the one known exception', async () => {
  const lab = laboratory({ catalogue: SIX, mandate: ONE_SOURCE });
  const two = await station(`127.77.4.${host++}`, 'http', twoFaced(3), null);
  const { verdict, reported, kinds } = await checkService(two.target, lab.deps);
  assert.deepEqual([verdict, reported, kinds], ['INCONCLUSIVE', 'inconclusive', []]);
  assert.deepEqual([pairsTried(two), decoysTried(two)], [3, 1]);
  // The first pair it ever had from us cannot be an n-th one, however it looks.
  const first = await station(`127.77.4.${host++}`, 'http', twoFaced(1), null);
  assert.equal((await checkService(first.target, lab.deps)).verdict, 'WEAK');
  for (const one of [two, first]) await one.close();
  lab.close();
  await withDevice(takesNth(3), null, { catalogue: SIX, mandate: ONE_SOURCE }, async (telnet, made) => {
    assert.equal((await checkService(made.target, telnet.deps)).verdict, 'WEAK');
  });
});

test('a ladder that does not fit a day goes on the next, without a pair, to the same end', async () => {
  const mandate = { decoys: { permitted: true, perDevicePerDay: 2 } };
  const run = async (device: Device, key: { user: string; password: string } | null, end: CheckResult['verdict']) => {
    await withDevice(device, key, { catalogue: SIX, mandate }, async (lab, made) => {
      const first = await checkService(made.target, lab.deps);
      assert.deepEqual([first.verdict, first.reported, first.kinds], ['WEAK_UNCONFIRMED', 'inconclusive', []]);
      const pairs = pairsTried(made);
      assert.equal(decoysTried(made), 2);
      const again = await checkService(made.target, lab.deps);
      assert.equal(again.verdict, 'WEAK_UNCONFIRMED');
      assert.equal(made.count.tries.length, pairs + 2, 'nothing more is tried that day');
      let result = again;
      for (let day = 0; day < 3 && result.verdict === 'WEAK_UNCONFIRMED'; day++) {
        lab.pass(DAY);
        result = await checkService(made.target, lab.deps);
      }
      assert.equal(result.verdict, end);
      assert.equal(result.ordinal, end === 'WEAK' ? 1 : null);
      assert.deepEqual(result.ruleCodes, end === 'WEAK' ? ['LT8'] : []);
      assert.equal(pairsTried(made), pairs, 'after a success no pair was tried');
      if (end === 'WEAK') assert.equal(decoysTried(made), 6);
      // It came to an end: the next check begins with pairs again.
      lab.pass(DAY);
      await checkService(made.target, lab.deps);
      assert.ok(pairsTried(made) > pairs);
    });
  };
  await run(TELNET_DEVICES['1 normal'] as Device, { user: 'root', password: 'CNRY-1' }, 'WEAK');
  await run(takesNth(4), null, 'SUSPECT_DECEPTION');
});

test('an unfinished control is not held against another device at the address', async () => {
  const mandate = { decoys: { permitted: false, perDevicePerDay: 0 } };
  let moved = false;
  const first = asking({});
  const other = asking({ greeting: '\r\nHinoki HR-200 Broadband Router\r\n' });
  const device: Device = (socket, key, sight) => (moved ? other : first)(socket, key, sight);
  await withDevice(device, { user: 'admin', password: 'CNRY-0' }, { catalogue: SIX, mandate }, async (lab, made) => {
    for (const tries of [1, 1]) {
      assert.equal((await checkService(made.target, lab.deps)).verdict, 'WEAK_UNCONFIRMED');
      assert.equal(made.count.tries.length, tries);
    }
    moved = true;
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'WEAK_UNCONFIRMED');
    assert.equal(made.count.tries.length, 2);
  });
});

test('a lock on the decoy proves nothing: inconclusive, the device rests, and the control goes on when it has', async () => {
  const mandate = { sources: { ...mandateBody().sources, addresses: ['127.0.0.1'] } };
  let locks = true;
  const device: Device = (socket, key, sight) =>
    asking(locks ? { reject: '\r\nAccount locked for 300 s >', closes: true } : {})(socket, key, sight);
  await withDevice(device, { user: 'admin', password: 'CNRY-0' }, { catalogue: SIX, mandate }, async (lab, made) => {
    const result = await checkService(made.target, lab.deps);
    assert.deepEqual([result.verdict, result.reported, result.kinds], ['WEAK_UNCONFIRMED', 'inconclusive', []]);
    const after = made.count.tries.length;
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'WEAK_UNCONFIRMED');
    assert.equal(made.count.tries.length, after, 'it is left alone for a day');
    lab.pass(DAY);
    locks = false;
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'WEAK');
    assert.equal(pairsTried(made), 1);
  });
});

test('devices of a class that no longer answer after a try stop the class, with an entry and a word to a person', async () => {
  const said: string[] = [];
  const lab = laboratory({ onMessage: text => said.push(text) });
  const made: Station[] = [];
  try {
    // Each answers one try and then lets nobody in.
    for (let n = 0; n < 6; n++) {
      let open = true;
      const device: Device = (socket, key, sight) => {
        if (!open) return void socket.resetAndDestroy();
        open = false;
        asking({ closes: true })(socket, key, sight);
      };
      const one = await station(`127.77.4.${host++}`, 'telnet', device, {
        user: 'admin',
        password: 'Strong-and-long-1',
      });
      made.push(one);
      const { verdict } = await checkService(one.target, lab.deps);
      assert.equal(verdict, n < 5 ? 'LOCKED_COOLING' : 'INCONCLUSIVE', `device ${n}`);
      assert.equal(one.count.tries.length, n < 5 ? 1 : 0);
    }
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^unknown telnet: 5 of 5 no longer answered after a try/);
    assert.match(lab.written(), /"type":"class-broken"/);
    assert.ok(!said[0]?.includes('127.77.'));
  } finally {
    for (const one of made) await one.close();
    lab.close();
  }
});
