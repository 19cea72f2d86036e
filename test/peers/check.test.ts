/** The check and the re-check over real sockets: caps, exclusions, firmware, identity, refusals, audit before act. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../src/record/fault.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import { HTTP_DEVICES } from '../../src/rehearsal/odd-devices/http.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { checkService } from '../../src/survey/credential/check.ts';
import { recheckService } from '../../src/survey/credential/recheck.ts';
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
const STRONG = { user: 'admin', password: 'Strong-and-long-enough-1' };

async function withDevice(
  [protocol, device, key]: readonly ['telnet' | 'http', Device, { user: string; password: string } | null],
  options: LaboratoryOptions,
  work: (lab: Laboratory, made: Station) => Promise<void>,
): Promise<void> {
  const lab = laboratory(options);
  const made = await station(`127.77.1.${host++}`, protocol, device, key);
  try {
    await work(lab, made);
  } finally {
    await made.close();
    lab.close();
  }
}

const normal = TELNET_DEVICES['1 normal'] as Device;
const limits = (changes: Partial<MandateBody['limits']>): Partial<MandateBody> => ({
  limits: { ...mandateBody().limits, ...changes },
});

test('the last pair is found, and the clears say what was excluded', async () => {
  await withDevice(['telnet', normal, { user: 'root', password: 'CNRY-44' }], {}, async (lab, made) => {
    const result = await checkService(made.target, lab.deps);
    assert.deepEqual([result.verdict, result.kinds, result.ordinal], ['WEAK', ['guessable'], 3]);
    assert.deepEqual([result.clears, result.ruleCodes, result.source?.address], [['no-login'], ['LT8'], '127.0.0.1']);
    // Position 4, so the ladder of five was climbed from the second source as well.
    assert.equal(result.tries, 4 + 1 + 5);
    assert.equal(made.count.tries.length, result.tries);
  });
});

test('a complete refusal clears, a capped one does not', async () => {
  await withDevice(['telnet', normal, STRONG], {}, async (lab, made) => {
    const { verdict, clears } = await checkService(made.target, lab.deps);
    assert.deepEqual([verdict, clears], ['CLEAR', ['guessable', 'no-login']]);
  });
  await withDevice(['telnet', normal, STRONG], { mandate: limits({ triesPerAccountPerDay: 2 }) }, async (lab, made) => {
    const { verdict, clears, tries } = await checkService(made.target, lab.deps);
    // One of each account's two is kept for the decoy.
    assert.deepEqual([verdict, clears, tries], ['CLEAR', ['no-login'], 2]);
    const again = await checkService(made.target, lab.deps);
    assert.ok(made.count.tries.length <= 4, 'the day is over at the cap');
    assert.ok(!again.clears.includes('guessable'));
  });
  await withDevice(['telnet', normal, STRONG], { mandate: limits({ triesPerDevicePerDay: 3 }) }, async (lab, made) => {
    await checkService(made.target, lab.deps);
    await checkService(made.target, lab.deps);
    assert.ok(made.count.tries.length <= 3, `${made.count.tries.length} tries`);
  });
});

test('without leave for decoys nothing is ever confirmed', async () => {
  const mandate = { decoys: { permitted: false, perDevicePerDay: 0 } };
  await withDevice(['telnet', normal, { user: 'admin', password: 'CNRY-11' }], { mandate }, async (lab, made) => {
    const { verdict, reported, kinds } = await checkService(made.target, lab.deps);
    assert.deepEqual([verdict, reported, kinds], ['WEAK_UNCONFIRMED', 'inconclusive', []]);
    assert.equal(made.count.tries.length, 1);
  });
});

test('without leave for no-login checks an open session is not a finding', async () => {
  const mandate = { noLoginChecks: { permitted: false } };
  await withDevice(['telnet', TELNET_DEVICES['5 no login'] as Device, null], { mandate }, async (lab, made) => {
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'INCONCLUSIVE');
    assert.equal(made.count.connections, 1);
  });
});

test('another protocol than the mandate names for the port is not spoken', async () => {
  await withDevice(['telnet', normal, STRONG], {}, async (lab, made) => {
    const target = { ...made.target, protocol: 'http' } as const;
    assert.equal((await checkService(target, lab.deps)).verdict, 'OUT_OF_MANDATE');
    assert.equal((await recheckService({ ...target, kind: 'guessable' }, lab.deps)).result, 'not-allowed');
    assert.equal(made.count.connections, 0);
  });
});

test('an exclusion before, and one in the middle, stop it', async () => {
  await withDevice(['telnet', normal, STRONG], { refuses: () => 'excluded' }, async (lab, made) => {
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'EXCLUDED');
    assert.equal(made.count.connections, 0);
  });
  let tries = 0;
  const refuses: NonNullable<LaboratoryOptions['refuses']> = (_, __, act) =>
    act === 'attempt' && tries > 0 ? 'excluded' : undefined;
  await withDevice(['telnet', normal, STRONG], { refuses }, async (lab, made) => {
    setTimeout(() => {
      tries = 1;
    }, 200);
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'EXCLUDED');
    assert.ok(made.count.tries.length < 4);
  });
});

test('when the audit log cannot be written nothing is sent', async () => {
  await withDevice(['telnet', normal, STRONG], {}, async (lab, made) => {
    const commit = () => {
      throw new Fault('audit', 'the disk is full', 'free some space');
    };
    const deps = { ...lab.deps, audit: { ...lab.deps.audit, commit } };
    await assert.rejects(checkService(made.target, deps), Fault);
    assert.equal(made.count.connections, 0);
  });
  await withDevice(['telnet', normal, STRONG], {}, async (lab, made) => {
    const commit = (type: string) => {
      if (type === 'attempt') throw new Fault('audit', 'the disk is full', 'free some space');
    };
    await assert.rejects(checkService(made.target, { ...lab.deps, audit: { ...lab.deps.audit, commit } }), Fault);
    assert.deepEqual(made.count.tries, []);
  });
});

test('a lockout sign rests the device for the day', async () => {
  await withDevice(['telnet', TELNET_DEVICES['11 locks the account'] as Device, STRONG], {}, async (lab, made) => {
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'LOCKED_COOLING');
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'LOCKED_COOLING');
    assert.equal(made.count.tries.length, 1);
  });
});

test('another device at the address gets no credential', async () => {
  let connections = 0;
  const turning: Device = (socket, key, sight) => {
    const first = ++connections === 1;
    if (first) return normal(socket, key, sight);
    socket.write('\r\nHinoki HR-200 Broadband Router\r\nlogin: ');
    socket.once('data', data => sight.tried(data.toString(), key?.password ?? ''));
  };
  await withDevice(['telnet', turning, STRONG], {}, async (lab, made) => {
    assert.equal((await checkService(made.target, lab.deps)).verdict, 'INCONCLUSIVE');
    // The first pair rode on the look; the second connection met another device.
    assert.equal(made.count.tries.length, 1);
    assert.equal(connections, 2);
  });
});

test('nothing is tried on a printer', async () => {
  const printer: Device = socket =>
    socket.on('data', () =>
      socket.write('HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="Office Printer"\r\nContent-Length: 0\r\n\r\n'),
    );
  await withDevice(['http', printer, STRONG], {}, async (lab, made) => {
    const result = await checkService(made.target, lab.deps);
    assert.deepEqual([result.verdict, result.tries, made.count.connections], ['OUT_OF_MANDATE', 0, 1]);
  });
});

const router =
  (firmware: string): Device =>
  socket =>
    socket.on('data', () =>
      socket.write(
        `HTTP/1.1 401 No\r\nServer: TN-1600${firmware}\r\nWWW-Authenticate: Basic realm="TN-1600"\r\nContent-Length: 0\r\n\r\n`,
      ),
    );

test('firmware: vulnerable is a finding although the password holds, fixed clears, silence says nothing', async () => {
  for (const [firmware, state, kinds, clears] of [
    ['/FW 1.04.12', 'vulnerable', ['firmware'], ['guessable', 'no-login']],
    ['/FW 1.05.03', 'fixed', [], ['guessable', 'no-login', 'firmware']],
    ['', 'undetermined', [], ['guessable', 'no-login']],
  ] as const)
    await withDevice(['http', router(firmware), STRONG], {}, async (lab, made) => {
      const result = await checkService(made.target, lab.deps);
      assert.deepEqual([result.firmwareState, result.kinds, result.clears], [state, kinds, clears]);
      const { result: again } = await recheckService({ ...made.target, kind: 'firmware' }, lab.deps);
      assert.equal(again, state === 'vulnerable' ? 'still-open' : state === 'fixed' ? 'fixed' : 'no-answer');
    });
});

test('re-check of a guessable password: one look, one try of the pair that matched', async () => {
  const pair = { catalogueVersion: 'test-1', ordinal: 2 };
  for (const [key, expected] of [
    [{ user: 'admin', password: 'CNRY-33' }, 'still-open'],
    [STRONG, 'fixed'],
  ] as const)
    for (const [protocol, device] of [
      ['telnet', normal],
      ['http', HTTP_DEVICES['8 Digest only'] as Device],
    ] as const)
      await withDevice([protocol, device, key], {}, async (lab, made) => {
        const { result, clears } = await recheckService({ ...made.target, kind: 'guessable', pair }, lab.deps);
        assert.deepEqual([result, clears], [expected, expected === 'fixed' ? ['guessable'] : []]);
        assert.equal(made.count.tries.length, 1);
      });
});

test('re-check: the ways not to know', async () => {
  const pair = { catalogueVersion: 'test-1', ordinal: 0 };
  const ask = (device: Device, options: LaboratoryOptions, more: object = {}) =>
    new Promise<string>((resolve, reject) => {
      withDevice(['telnet', device, STRONG], options, async (lab, made) => {
        resolve((await recheckService({ ...made.target, kind: 'guessable', pair, ...more }, lab.deps)).result);
      }).catch(reject);
    });
  assert.equal(await ask(normal, { refuses: () => 'consent-expired' }), 'not-allowed');
  assert.equal(await ask(normal, { mandate: limits({ triesPerDevicePerDay: 0 }) }), 'too-often');
  assert.equal(await ask(TELNET_DEVICES['14 silent'] as Device, {}), 'no-answer');
  assert.equal(await ask(TELNET_DEVICES['18 closes after the password'] as Device, {}), 'no-answer');
  assert.equal(await ask(TELNET_DEVICES['5 no login'] as Device, {}), 'still-open');
  assert.equal(await ask(TELNET_DEVICES['5 no login'] as Device, {}, { kind: 'no-login' }), 'still-open');
  assert.equal(await ask(normal, {}, { kind: 'no-login' }), 'fixed');
  assert.equal(await ask(normal, {}, { pair: { catalogueVersion: 'older', ordinal: 0 } }), 'fixed');
  const other: Device = socket => void socket.write('SV-5 login: ');
  assert.equal(await ask(other, {}, { expects: { vendor: 'Hinoki', model: 'HR-200' } }), 'address-changed');
});
