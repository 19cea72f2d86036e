import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { exchangeApi } from '../../src/exchange/api.ts';
import { sealTo } from '../../src/exchange/envelope.ts';
import { queueBundles } from '../../src/exchange/outbox.ts';
import { makeSealingKey, makeSigningKey, publicTextOf, writeKey } from '../../src/mandate/keys.ts';
import type { Evidence } from '../../src/record/observation.ts';
import { caseIdOf, openTestCentre, putCase } from './centre-tables.ts';

const centre = await openTestCentre();
const dir = mkdtempSync(join(tmpdir(), 'notice-cli-exchange-'));
const at = (name: string) => join(dir, name);
const keys = { centre: makeSigningKey(), isp: makeSigningKey(), sealing: makeSealingKey(), other: makeSealingKey() };
before(() => {
  for (const [name, key] of Object.entries(keys)) {
    writeKey(at(`${name}.key.json`), key);
    writeFileSync(at(`${name}.pub.json`), publicTextOf(key));
  }
});
after(async () => {
  rmSync(dir, { recursive: true });
  await centre.close();
});

const NOTICE = fileURLToPath(
  new URL(`../../src/cli/notice.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** Runs the command as a process of its own: what it wrote, and its exit code. */
async function run(...args: string[]): Promise<{ out: string; err: string; exit: number }> {
  const child = spawn(process.execPath, [NOTICE, 'exchange', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, exit: exit as number };
}

const evidence: Evidence = {
  format: 'notice-evidence/1',
  kind: 'guessable',
  address: '127.64.0.9',
  port: 2323,
  transport: 'tcp',
  protocol: 'telnet',
  source: { address: '127.0.0.2', port: 40_000 },
  at: Date.UTC(2026, 10, 22),
  clockErrorMs: 1_000,
  ruleCodes: ['LT8'],
  catalogueVersion: 'c',
  device: { vendor: 'Acme', confidence: 1 },
};
const caseRow = (n: number, sealed: string) => ({
  type: 'case',
  caseId: caseIdOf(n),
  change: 'new',
  kind: 'guessable',
  protocol: 'telnet',
  vendor: '=Acme, "Inc"',
  model: null,
  alertCode: '1234567890123',
  sealed,
});
const seal = (rows: string, ...more: string[]) =>
  run(
    'seal',
    '--isp',
    'isp_a',
    '--rows',
    rows,
    '--to',
    at('sealing.pub.json'),
    '--key',
    at('centre.key.json'),
    ...more,
  );
const open = (file: string, ...more: string[]) => run('open', file, '--key', at('sealing.key.json'), ...more);

test('rows sealed by hand open to the same rows, as NDJSON and as CSV', async () => {
  const rows = [
    caseRow(1, await sealTo(JSON.stringify(evidence), keys.sealing.publicKey, keys.centre)),
    { type: 'close', caseId: caseIdOf(2), reason: 'fixed' },
  ];
  writeFileSync(at('rows.ndjson'), rows.map(row => `${JSON.stringify(row)}\n`).join(''));
  const sealed = await seal(at('rows.ndjson'));
  assert.equal(sealed.exit, 0, sealed.err);
  assert.doesNotMatch(sealed.out, /Acme|1234567890123/);
  writeFileSync(at('b.jose'), sealed.out);
  const opened = await open(at('b.jose'), '--trust', at('centre.pub.json'));
  assert.deepEqual(
    opened.out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
    rows,
  );
  assert.match(opened.err, /bundle 1 of isp_a, \d{4}-\d\d, 2 rows; digest [0-9a-f]{64}/);
  const csv = await open(at('b.jose'), '--trust', at('centre.pub.json'), '--csv', '--evidence');
  assert.deepEqual(csv.out.trimEnd().split('\n'), [
    'type,case_id,change,reason,kind,protocol,vendor,model,alert_code,timestamp,ip,port,src_ip,src_port',
    `case,${caseIdOf(1)},new,,guessable,telnet,"'=Acme, ""Inc""",,1234567890123,2026-11-22T00:00:00.000Z,127.64.0.9,2323,127.0.0.2,40000`,
    `close,${caseIdOf(2)},,fixed,,,,,,,,,,`,
  ]);
});

test('bad rows are named with file and line, the good ones sealed, exit 4', async () => {
  const rows = [caseRow(1, 's'), { type: 'poem' }, caseRow(1, 's'), caseRow(2, 's')].map(row => JSON.stringify(row));
  writeFileSync(at('bad.ndjson'), [...rows, '{'].join('\n'));
  const { exit, err, out } = await seal(at('bad.ndjson'), '--json');
  assert.equal(exit, 4);
  assert.match(err, /3 lines were malformed/);
  for (const line of [2, 3, 5]) assert.match(err, new RegExp(`bad.ndjson:${line}: `));
  assert.equal((JSON.parse(out) as { rows: number }).rows, 2);
});

test('what is not for us, not pinned or altered prints no row and says why', async () => {
  writeFileSync(at('one.ndjson'), JSON.stringify(caseRow(1, 's')));
  const { out } = await seal(at('one.ndjson'));
  writeFileSync(at('one.jose'), out);
  writeFileSync(at('cut.jose'), out.slice(0, -9));
  const trust = ['--trust', at('centre.pub.json')];
  const tried = [
    [run('open', at('one.jose'), '--key', at('other.key.json'), ...trust), 4, /one\.jose: is sealed to key/],
    [open(at('one.jose'), '--trust', at('isp.pub.json')), 3, /one\.jose: is signed by key .* not pinned; ask/],
    [open(at('cut.jose'), ...trust), 4, /cut\.jose: (does not open|is no envelope)/],
    [open(at('gone.jose'), ...trust), 4, /gone\.jose: cannot be read/],
    [run('open', at('one.jose'), '--key', at('isp.key.json'), ...trust), 4, /isp\.key\.json: is a signing key/],
  ] as const;
  for (const [running, exit, words] of tried) {
    const said = await running;
    assert.equal(said.out, '');
    assert.equal(said.exit, exit);
    assert.match(said.err, words);
  }
  // Evidence that does not open is named; the row is there all the same.
  const evidenceless = await open(at('one.jose'), '--trust', at('centre.pub.json'), '--evidence');
  assert.equal(evidenceless.exit, 4);
  assert.match(evidenceless.out, /"type":"case"/);
});

test('wrong usage is said as such', async () => {
  writeFileSync(at('one.ndjson'), JSON.stringify(caseRow(1, 's')));
  for (const more of [
    ['--seq', '0'],
    ['--prev', 'x'],
    ['--month', '2026-13'],
  ])
    assert.equal((await seal(at('one.ndjson'), ...more)).exit, 2, more.join(' '));
  assert.equal((await seal(at('nowhere.ndjson'))).exit, 4);
});

test('feedback goes to a centre over HTTP, once', async () => {
  await putCase(centre.db, { n: 1, isp: 'isp_a' });
  await queueBundles(centre.db, {
    month: '2026-11',
    now: Date.now(),
    auditRoot: '',
    sealing: new Map([['isp_a', keys.sealing.publicKey]]),
    signer: keys.centre,
    codeKey: Buffer.alloc(32, 1),
    codeHashKey: Buffer.alloc(32, 2),
  });
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const isps = { isp_a: [{ key: keys.isp.key, publicKey: keys.isp.publicKey }] };
  const app = exchangeApi({ db: centre.db, clocks, isps });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  try {
    await new Promise(resolve => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = (file: string, to = url) =>
      run('feedback', at(file), '--url', to, '--isp', 'isp_a', '--key', at('isp.key.json'), '--json');
    const item = { caseId: caseIdOf(1), revision: 1, verdict: 'unique', action: 'alerted-mail', day: '2026-11-23' };
    writeFileSync(at('f.ndjson'), `${JSON.stringify(item)}\n`);
    assert.deepEqual(JSON.parse((await send('f.ndjson')).out), { stored: 1, repeated: 0, conflicting: 0, unknown: 0 });
    assert.deepEqual(JSON.parse((await send('f.ndjson')).out), { stored: 0, repeated: 1, conflicting: 0, unknown: 0 });
    writeFileSync(at('g.ndjson'), `${JSON.stringify({ ...item, caseId: caseIdOf(7) })}\n`);
    assert.equal((await send('g.ndjson')).exit, 4);
    assert.equal((await send('f.ndjson', 'http://127.0.0.1:1')).exit, 5);
    assert.equal((await send('f.ndjson', 'ftp://x')).exit, 2);
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
});
