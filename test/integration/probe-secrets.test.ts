/**
 * Secrets of `notice probe` (invariant 8): passwords that were tried, and what weak devices say behind their login, are
 * looked for in every sink: each file of the state folder, both output streams, and reports a crash may leave. As text, in
 * base64, hex and UTF-16. First the search shows that it can see.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sha256 } from '../../src/record/digest.ts';
import { POST_LOGIN } from '../../src/rehearsal/odd-devices/device.ts';
import { notice } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import type { Lab } from '../mandate/lab-paper.ts';
import { addressNeedles, needlesOf, proveSealed } from '../prove/sealed.ts';
import { type FarEnd, farEnd, probing, rowsOf, type Stand, targetLine, until } from './probe-far-end.ts';

/** Seven characters: what the catalogue may hold. */
const CANARIES = ['cnry-a1', 'cnry-b2', 'cnry-c3', 'cnry-d4'];
const CATALOGUE = JSON.stringify({
  format: 'notice-catalogue/1',
  version: 'canary-1',
  pairs: CANARIES.map((password, n) => ({
    user: n % 2 ? 'root' : 'admin',
    password,
    vendors: [],
    protocols: ['telnet', 'http'],
    weight: 90 - n,
  })),
});
const KEYS = [{ user: 'root', password: 'cnry-d4' }, { user: 'admin', password: 'cnry-a1' }, null];
const STANDS: readonly Stand[] = Array.from({ length: 6 }, (_, n) => n).flatMap(n =>
  (['telnet', 'http'] as const).map(protocol => ({
    address: `127.101.0.${n + 31}`,
    protocol,
    key: KEYS[n % 3] ?? null,
  })),
);
const dir = mkdtempSync(join(tmpdir(), 'notice-probe-secrets-'));
let far: FarEnd;
let lab: Lab;
before(async () => {
  far = await farEnd(STANDS);
  lab = paperToday({
    isps: { 'isp-a': ['127.101.0.0/24'] },
    ports: { telnet: [far.ports.telnet], http: [far.ports.http] },
    limits: { gapMs: 5 },
    deadlines: { settleMs: 40 },
    body: { identifiers: { policy: 'test', catalogueVersion: 'canary-1', catalogueSha256: sha256(CATALOGUE) } },
  });
  writeFileSync(join(lab.dir, 'catalogue.json'), CATALOGUE);
});
after(async () => {
  await far.close();
  lab.remove();
  rmSync(dir, { recursive: true, force: true });
});

const NEEDLES = [
  ...needlesOf('password', CANARIES),
  ...needlesOf('post-login text', [POST_LOGIN]),
  ...addressNeedles(STANDS.map(({ address }) => address)),
];

for (const workers of ['1', '2'])
  test(`no password, no post-login text and no address in any sink, ${workers} of them at work`, async () => {
    const state = join(dir, `state-${workers}`);
    const sinks = join(dir, `sinks-${workers}`);
    mkdirSync(sinks);
    const input = STANDS.map(({ address, protocol }) => targetLine(address, far.ports[protocol])).join('');
    const args = ['--mandate', lab.mandate, '--state', state, '--workers', workers];
    // A report on every way out that Node knows, in a folder that is searched; the kill leaves what a crash leaves.
    const env = {
      NODE_OPTIONS: `--report-uncaught-exception --report-on-fatalerror --report-on-signal --report-directory=${sinks}`,
    };
    const tried = (): number => [...far.seen.values()].reduce((sum, one) => sum + one.tries.length, 0);
    const from = tried();
    const killed = probing(args, input, false, env);
    assert.ok(await until(() => tried() > from + 6), killed.said.err);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const run = await notice(['probe', ...args], { input, env });
    assert.equal(run.exit, 0, run.err);
    const sealed = rowsOf(killed.said.out + run.out).filter(row => 'sealed' in row);
    assert.ok(sealed.length >= STANDS.filter(({ key }) => key).length, `${sealed.length} found`);
    for (const { password } of [...far.seen.values()].flatMap(one => one.tries).slice(0, 1))
      assert.ok(CANARIES.includes(password), 'the canaries were what was tried');

    const texts = Object.entries({ killed: killed.said.out + killed.said.err, out: run.out, err: run.err });
    const proof = proveSealed({ folders: [state], texts: texts.map(([name, text]) => ({ name, text })) }, NEEDLES);
    assert.deepEqual([proof.places, proof.blind, proof.missed], [[], [], 0]);
    assert.ok(proof.tried > 0);
    assert.deepEqual(readdirSync(sinks), [], 'no report of a crash was written');
  });

test('the decoys that were sent are kept nowhere either', () => {
  const passwords = new Set([...far.seen.values()].flatMap(one => one.tries.map(({ password }) => password)));
  const decoys = [...passwords].filter(password => !CANARIES.includes(password));
  assert.ok(decoys.length > 0, 'there were decoys');
  const proof = proveSealed({ folders: [join(dir, 'state-1'), join(dir, 'state-2')] }, needlesOf('decoy', decoys));
  assert.deepEqual([proof.places, proof.blind], [[], []]);
});
