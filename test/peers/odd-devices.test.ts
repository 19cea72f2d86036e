/** The matrix of research/credential-check.md §4 over real sockets: every odd device with a wrong and with a right pair. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Protocol } from '../../src/record/glossary.ts';
import type { Outcome, Verdict } from '../../src/record/observation.ts';
import { type Key, POST_LOGIN } from '../../src/rehearsal/odd-devices/device.ts';
import { HTTP_DEVICES } from '../../src/rehearsal/odd-devices/http.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { type CheckResult, checkService } from '../../src/survey/credential/check.ts';
import { type Device, laboratory, type Station, station } from './station.ts';

const STRONG: Key = { user: 'admin', password: 'Strong-and-long-enough-1' };
const WEAK: Key = { user: 'admin', password: 'CNRY-11' };

/** [verdict, outcome] with a wrong and with a right pair. */
type Expected = readonly [wrong: readonly [Verdict, Outcome], right: readonly [Verdict, Outcome]];

const CLEAR_OR_WEAK: Expected = [
  ['CLEAR', 'REJECT'],
  ['WEAK', 'ACCEPT'],
];
const both = (verdict: Verdict, outcome: Outcome): Expected => [
  [verdict, outcome],
  [verdict, outcome],
];

const TELNET: Readonly<Record<string, Expected>> = {
  '1 normal': CLEAR_OR_WEAK,
  '2 banner of prompt characters': CLEAR_OR_WEAK,
  '3 accepts anything': both('ACCEPTS_ANYTHING', 'ACCEPT'),
  // Its own key plays no part: the third try of any source opens it.
  '4 accepts the third try of a source': both('SUSPECT_DECEPTION', 'ACCEPT'),
  '5 no login': both('NO_AUTH', 'OPEN_SESSION'),
  '6 password only': CLEAR_OR_WEAK,
  '7 rejects in Japanese': CLEAR_OR_WEAK,
  '8 rejects with a hash': CLEAR_OR_WEAK,
  '9 NOP and sub-negotiation': CLEAR_OR_WEAK,
  '10 byte by byte': CLEAR_OR_WEAK,
  // A right pair is accepted, but the decoy locks the account: unproven, and the device is left alone.
  '11 locks the account': [
    ['LOCKED_COOLING', 'LOCKOUT'],
    ['WEAK_UNCONFIRMED', 'ACCEPT'],
  ],
  '12 menu': CLEAR_OR_WEAK,
  '13 prompt with a hash': CLEAR_OR_WEAK,
  '14 silent': both('INCONCLUSIVE', 'SILENT'),
  '15 endless': both('INCONCLUSIVE', 'BYTE_CAP'),
  '16 closes at once': both('INCONCLUSIVE', 'CLOSED_EARLY'),
  '17 rejects with slash and dollar': CLEAR_OR_WEAK,
  // Neither reject nor accept, so the control cannot confirm the right pair either.
  '18 closes after the password': [
    ['INCONCLUSIVE', 'CLOSED_AFTER_PASSWORD'],
    ['INCONCLUSIVE', 'ACCEPT'],
  ],
  '19 asks no password of the user': both('INCONCLUSIVE', 'OPEN_SESSION'),
  '20 wants a key first': CLEAR_OR_WEAK,
  '21 negotiates for ever': both('INCONCLUSIVE', 'NEGOTIATION_LOOP'),
};

const HTTP: Readonly<Record<string, Expected>> = {
  '1 normal Basic': CLEAR_OR_WEAK,
  '2 no login at all': both('NOT_A_LOGIN', 'NOT_A_LOGIN'),
  '3 any pair': both('ACCEPTS_ANYTHING', 'ACCEPT'),
  '4 portal': both('NOT_A_LOGIN', 'NOT_A_LOGIN'),
  '5 forbids after a wrong pair': [
    ['LOCKED_COOLING', 'LOCKOUT'],
    ['WEAK_UNCONFIRMED', 'ACCEPT'],
  ],
  '6 wrong pair gets the login page': CLEAR_OR_WEAK,
  '7 fails on any credential': both('INCONCLUSIVE', 'SERVER_ERROR'),
  '8 Digest only': CLEAR_OR_WEAK,
  '9 wrong pair is sent to /login': CLEAR_OR_WEAK,
  '10 closes every connection': CLEAR_OR_WEAK,
  '11 chunked': CLEAR_OR_WEAK,
  '12 any pair gets the same page': both('ACCEPTS_ANYTHING', 'ACCEPT'),
};

interface Run {
  readonly name: string;
  readonly expected: readonly [Verdict, Outcome];
  readonly result: CheckResult;
  readonly station: Station;
}

let host = 1;

async function runAll(
  protocol: Protocol,
  devices: Readonly<Record<string, Device>>,
  table: Readonly<Record<string, Expected>>,
  half: 0 | 1,
) {
  const lab = laboratory();
  const stations: Station[] = [];
  try {
    const runs = await Promise.all(
      Object.entries(devices).map(async ([name, device]): Promise<Run> => {
        const expected = table[name]?.[half];
        assert.ok(expected, `the table has no row for ${name}`);
        const made = await station(`127.77.0.${host++}`, protocol, device, half === 0 ? STRONG : WEAK);
        stations.push(made);
        return { name, expected, result: await checkService(made.target, lab.deps), station: made };
      }),
    );
    return { runs, written: lab.written() };
  } finally {
    await Promise.all(stations.map(made => made.close()));
    lab.close();
  }
}

for (const [protocol, devices, table] of [
  ['telnet', TELNET_DEVICES, TELNET],
  ['http', HTTP_DEVICES, HTTP],
] as const)
  for (const half of [0, 1] as const)
    test(`${protocol}, every odd device with a ${half === 0 ? 'wrong' : 'right'} pair`, async () => {
      const { runs, written } = await runAll(protocol, devices, table, half);
      assert.equal(runs.length, Object.keys(table).length);
      assert.deepEqual(
        runs.map(({ name, result }) => [name, result.verdict, result.outcome]),
        runs.map(({ name, expected }) => [name, ...expected]),
      );
      const passwords = new Set<string>();
      for (const {
        name,
        result,
        station: { count },
      } of runs) {
        assert.equal(count.afterAccept, 0, `${name}: bytes were sent into an open session`);
        assert.ok(count.mostOpen <= 1, `${name}: ${count.mostOpen} connections at once`);
        assert.ok(
          count.tries.length <= result.tries,
          `${name}: ${count.tries.length} tries arrived, ${result.tries} counted`,
        );
        assert.equal(result.reported === 'positive', result.kinds.length > 0, name);
        assert.equal(result.ordinal, result.verdict === 'WEAK' ? 0 : null, name);
        for (const { password } of count.tries) if (password) passwords.add(password);
      }
      // Invariant 8: no password and nothing from behind a login in what is returned or kept.
      const kept = written + JSON.stringify(runs.map(run => run.result));
      assert.ok(passwords.size > 4, 'catalogue passwords and decoys arrived at the devices');
      for (const password of passwords) assert.ok(!kept.includes(password), 'a password was kept');
      assert.ok(!kept.includes(POST_LOGIN) && !kept.includes('Welcome'), 'text of a device was kept');
    });

test('the gap holds between two credentials as the device sees them', async () => {
  const gapMs = 120;
  const limits = { ...laboratoryLimits(), gapMs };
  const lab = laboratory({ mandate: { limits } });
  const made = await station(`127.77.0.${host++}`, 'telnet', TELNET_DEVICES['1 normal'] as Device, STRONG);
  try {
    await checkService(made.target, lab.deps);
    const at = made.count.tries.map(tried => tried.at);
    assert.equal(at.length, 4);
    // The device's clock starts on arrival; a few ms of its own scheduling are not ours.
    for (let i = 1; i < at.length; i++) assert.ok((at[i] as number) - (at[i - 1] as number) >= gapMs - 15);
  } finally {
    await made.close();
    lab.close();
  }
});

function laboratoryLimits() {
  const lab = laboratory();
  lab.close();
  return lab.deps.gate.mandate.limits;
}
