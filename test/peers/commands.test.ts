/** `notice probe` and `notice identify` as a user runs them: real processes, real papers, devices on loopback. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSealed } from '../../src/exchange/envelope.ts';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { readKey } from '../../src/mandate/keys.ts';
import { sha256 } from '../../src/record/digest.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import { HTTP_DEVICES } from '../../src/rehearsal/odd-devices/http.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { KEYS, makeLab } from '../mandate/lab-paper.ts';
import { CATALOGUE, type Device, mandateBody, type Station, station } from './station.ts';

const NOTICE = fileURLToPath(
  new URL(`../../src/cli/notice.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

function notice(args: readonly string[], input: string): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', NOTICE, ...args]);
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

const rows = (out: string) =>
  out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>);

test('identify names what it knows, and exits 4 with the number of a bad line', async () => {
  const input = [
    '{"protocol":"telnet","ref":"a","banner":"\\r\\nHinoki HR-200 Broadband Router\\r\\nlogin: "}',
    'not json',
    '{"protocol":"http","headers":{"server":"TN-1600/FW 1.04.12","WWW-Authenticate":"Basic realm=\\"TN-1600\\""}}',
    '{"protocol":"gopher"}',
    '{"protocol":"http","body":"<html><title>\\n AK-DVR4 </title>"}',
  ].join('\n');
  const { code, out, err } = await notice(['identify'], input);
  assert.deepEqual(
    rows(out).map(row => [row.ref, row.vendor, row.model, row.firmware, row.firmwareState]),
    [
      ['a', 'Hinoki', 'HR-200', undefined, null],
      [3, 'Tsukuba Net', 'TN-1600', '1.04.12', 'vulnerable'],
      [5, 'Akebono', 'AK-DVR4', undefined, null],
    ],
  );
  assert.equal(code, 4);
  assert.match(err, /stdin:2: is not JSON/);
  assert.match(err, /stdin:4: protocol/);
});

test('probe: positives only sealed, nothing with an address, bad lines named, the log holds', async () => {
  const weak = { user: 'admin', password: 'CNRY-11' };
  const made: Station[] = [];
  const up = async (host: number, protocol: 'telnet' | 'http', device: Device | undefined, key: typeof weak | null) => {
    const one = await station(`127.77.2.${host}`, protocol, device as Device, key);
    made.push(one);
    return one;
  };
  const guessable = await up(1, 'telnet', TELNET_DEVICES['1 normal'], weak);
  const strong = await up(2, 'http', HTTP_DEVICES['1 normal Basic'], {
    user: 'admin',
    password: 'Strong-and-long-enough-1',
  });
  const excluded = await up(3, 'telnet', TELNET_DEVICES['5 no login'], null);
  const outside = await station('127.78.0.1', 'telnet', TELNET_DEVICES['5 no login'] as Device, null);
  made.push(outside);
  const now = Date.now();
  const base = mandateBody();
  const lab = makeLab({
    isps: [{ isp: 'isp-a', prefixes: ['127.77.2.0/24'], signedAt: now - DAY }],
    within: ['127.0.0.0/8'],
    exclusions: '127.77.2.3\n',
    body: {
      period: { from: isoOf(now - DAY), to: isoOf(now + 20 * DAY) },
      sources: {
        addresses: ['127.0.0.1'],
        publishedAt: isoOf(now - 30 * DAY),
        publishedAs: 'https://survey.invalid/how',
      },
      identifiers: { policy: 'test', catalogueVersion: 'test-1', catalogueSha256: sha256(CATALOGUE) },
      ports: made.map(({ target: { port, protocol } }) => ({
        port,
        protocol,
        acts: ['identify', 'no-login', 'attempt', 'decoy'],
      })),
      hours: { from: '00:00', to: '24:00' },
      limits: base.limits,
      deadlines: base.deadlines,
      decoys: base.decoys,
      noLoginChecks: base.noLoginChecks,
    },
  });
  try {
    writeFileSync(join(lab.dir, 'catalogue.json'), CATALOGUE);
    const state = join(lab.dir, 'state');
    const lines = [
      ...made.map(({ target: { address, port } }) => JSON.stringify({ address, port })),
      '{"address":"localhost","port":23}',
      '{"address":"127.77.2.1","port":99999}',
    ];
    const { code, out, err } = await notice(['probe', '--mandate', lab.mandate, '--state', state], lines.join('\n'));
    assert.equal(code, 4, err);
    assert.match(err, /stdin:5: address/);
    assert.match(err, /stdin:6: port/);
    const found = rows(out);
    const sealed = found.filter(row => 'sealed' in row);
    assert.deepEqual(
      sealed.map(row => [Object.keys(row), row.kind]),
      [[['ref', 'kind', 'sealed'], 'guessable']],
    );
    assert.deepEqual(
      found
        .filter(row => !('sealed' in row))
        .map(row => row.reported)
        .sort(),
      ['clear', 'excluded', 'out-of-mandate'],
    );
    const { key, publicKey } = readKey(join(state, 'prober.key.json'));
    const evidence = JSON.parse(await openSealed(sealed[0]?.sealed as string, KEYS.sealing, [{ key, publicKey }]));
    assert.deepEqual(
      [evidence.address, evidence.port, evidence.kind],
      [guessable.target.address, guessable.target.port, 'guessable'],
    );

    assert.equal(excluded.count.connections, 0);
    assert.equal(outside.count.connections, 0);
    assert.equal(strong.count.tries.length, 4);
    assert.ok(verifyAudit(join(state, 'audit.log')).ok);
    const kept = ['audit.log', 'budget/budget.log'].map(file => readFileSync(join(state, file), 'latin1')).join('');
    // The bad line is quoted by number, not by content.
    for (const text of [out, err, kept])
      for (const secret of ['CNRY', '127.77.2.', '127.78.'])
        assert.ok(!text.includes(secret), `${secret} was printed or kept`);
    assert.ok(readdirSync(state).includes('budget'));
  } finally {
    await Promise.all(made.map(one => one.close()));
    lab.remove();
  }
});

test('probe refuses a catalogue the mandate does not name, and sends nothing', async () => {
  const one = await station('127.77.2.9', 'telnet', TELNET_DEVICES['5 no login'] as Device, null);
  const lab = makeLab({
    isps: [{ isp: 'isp-a', prefixes: ['127.77.2.0/24'], signedAt: Date.now() - DAY }],
    within: ['127.0.0.0/8'],
  });
  try {
    writeFileSync(join(lab.dir, 'catalogue.json'), CATALOGUE);
    const { address, port } = one.target;
    const { code, out, err } = await notice(
      ['probe', '--mandate', lab.mandate, '--state', join(lab.dir, 'state')],
      JSON.stringify({ address, port }),
    );
    assert.deepEqual([code, out], [3, '']);
    assert.match(err, /^notice: .*catalogue\.json: .+; .+ \(exit 3\)\n$/);
    assert.equal(one.count.connections, 0);
  } finally {
    await one.close();
    lab.remove();
  }
});
