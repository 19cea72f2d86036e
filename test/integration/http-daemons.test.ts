/**
 * The check against lighttpd and nginx: Basic, Digest, login forms, new and old TLS, weak and strong passwords. Their own
 * logs say that each authorised request was a try we counted, and that nothing came after the accept.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Protocol } from '../../src/record/glossary.ts';
import type { CheckResult } from '../../src/survey/credential/check.ts';
import { realCheck, type Words } from '../fixtures/real-check.ts';
import { freePort } from '../real/daemon.ts';
import { startLighttpd } from '../real/lighttpd.ts';
import { always, basic, form, NEW_TLS, type Nginx, type NginxOptions, OLD_TLS, startNginx } from '../real/nginx.ts';

const STRONG: Words = ['admin', 'Kaki-no-ki-47-and-long'];
const WEAK: Words = ['admin', '123456'];
const PAIRS: readonly Words[] = [['root', 'root'], WEAK, ['admin', 'admin']];

const dir = mkdtempSync(join(tmpdir(), 'notice-http-'));
const running: { stop(): Promise<void> }[] = [];
let host = 1;

after(async () => {
  for (const daemon of running) await daemon.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** `written` is everything the check put on disk. */
async function checked(protocol: Protocol, at: { address: string; port: number }, pairs = PAIRS) {
  const made = realCheck(protocol, pairs, { deadlines: { settleMs: 160, conversationMs: 6_000, checkMs: 30_000 } });
  try {
    const result = await made.check(at.address, at.port);
    return { result, written: made.lab.written() };
  } finally {
    made.close();
  }
}
async function placeFor() {
  const address = `127.94.0.${host++}`;
  return { address, port: await freePort(address), folder: mkdtempSync(join(dir, 'd-')) };
}
async function nginx(protocol: Protocol, account: Words, options: NginxOptions) {
  const { address, port, folder } = await placeFor();
  const daemon = await startNginx(folder, address, port, account, options);
  running.push(daemon);
  return { ...(await checked(protocol, { address, port })), requests: daemon.requests(), daemon };
}
async function lighttpd(account: Words, scheme: 'basic' | 'digest' | 'digest-sha-256', realm: string) {
  const { address, port, folder } = await placeFor();
  const daemon = await startLighttpd(folder, address, port, ...account, realm, scheme);
  running.push(daemon);
  const { result, written } = await checked('http', { address, port });
  // It writes its log when it ends.
  await daemon.stop();
  const requests = daemon.requests().map(line => {
    const [status = '', path = '', ...authorization] = line.split(' ');
    return { status: Number(status), path, authorization: authorization.join(' ') };
  });
  return { result, written, requests };
}

interface Came {
  readonly status: number;
  readonly authorization: string;
}
const withPair = (requests: readonly Came[]) =>
  requests.filter(({ authorization }) => !['', '-'].includes(authorization));

/** Found by the second pair: two tries and a decoy, one 200, and behind it nothing but the decoy. */
function isWeak(result: CheckResult, requests: readonly Came[], written: string): void {
  assert.deepEqual([result.verdict, result.kinds, result.ordinal], ['WEAK', ['guessable'], 1]);
  const tries = withPair(requests);
  const hit = tries.findIndex(({ status }) => status === 200);
  assert.deepEqual(
    tries.slice(hit).map(({ status }) => status),
    [200, 401, ...Array(tries.length - hit - 2).fill(401)],
    'accepted once, and then refused',
  );
  assert.equal(tries.length, result.tries, 'what came is what was counted');
  assert.equal(requests.filter(({ status }) => status === 200).length, 1, 'nothing behind the login was asked for');
  for (const secret of ['123456', 'Settings of this device', 'nginx', btoa(WEAK.join(':'))])
    assert.ok(!written.includes(secret), `${secret} is in a file`);
}
function isClear(result: CheckResult, requests: readonly Came[]): void {
  assert.deepEqual([result.verdict, result.clears, result.tries], ['CLEAR', ['guessable', 'no-login'], 3]);
  assert.equal(withPair(requests).length, 3);
  assert.ok(requests.every(({ status }) => status === 401));
}

test('lighttpd: Basic, Digest by MD5 and by SHA-256, and a realm in Japanese', async () => {
  // It lets each wrong pair wait for a second, so they are all asked at once.
  const ways = [
    ['basic', 'Settings'],
    ['digest', 'Settings'],
    ['digest-sha-256', 'Settings'],
    ['digest', '設定画面'],
  ] as const;
  await Promise.all(
    ways.map(async ([scheme, realm]) => {
      const [weak, strong] = await Promise.all([lighttpd(WEAK, scheme, realm), lighttpd(STRONG, scheme, realm)]);
      isWeak(weak.result, weak.requests, weak.written);
      isClear(strong.result, strong.requests);
      // Each try on the connection that was asked without one.
      assert.equal(strong.requests.length, 6);
    }),
  );
});

test('nginx, Basic', async () => {
  const weak = await nginx('http', WEAK, { places: basic('Settings') });
  isWeak(weak.result, weak.requests, weak.written);
  const strong = await nginx('http', STRONG, { places: basic('Settings') });
  isClear(strong.result, strong.requests);
  const connections = new Map<number, number>();
  for (const { connection } of strong.requests) connections.set(connection, (connections.get(connection) ?? 0) + 1);
  assert.deepEqual([...connections.values()], [2, 2, 2], 'each try on the connection that was asked without one');
});

test('nginx behind a redirect, and where every connection closes', async () => {
  const cam = 'absolute_redirect off; location = / { return 302 /cam/; } ';
  const weak = await nginx('http', WEAK, { places: cam + basic('Cam') });
  assert.deepEqual(weak.result.verdict, 'WEAK', JSON.stringify(weak.result));
  assert.equal(withPair(weak.requests).length, weak.result.tries);
  assert.ok(
    withPair(weak.requests).every((_, i) => (withPair(weak.requests)[i] as { path?: string }).path === '/cam/'),
  );
  const closing = await nginx('http', WEAK, { places: `keepalive_timeout 0; ${basic('Cam')}` });
  isWeak(closing.result, closing.requests, closing.written);
  // One look; from then on a connection is one try.
  assert.equal(closing.requests.length, closing.result.tries + 1);
});

for (const [name, tls, speaks] of [
  ['new', NEW_TLS, 'TLSv1.3'],
  ['old', OLD_TLS, 'TLSv1'],
] as const) {
  test(`nginx over ${name} TLS with its own certificate`, async () => {
    const weak = await nginx('https', WEAK, { places: basic('Settings'), tls });
    isWeak(weak.result, weak.requests, weak.written);
    assert.ok(weak.requests.every(({ protocol }) => protocol === speaks));
    const strong = await nginx('https', STRONG, { places: basic('Settings'), tls });
    isClear(strong.result, strong.requests);
  });
}

test('TLS on a plain port and plain text on a TLS port are no login and no fault', async () => {
  const plain = await nginx('https', WEAK, { places: basic('Settings') });
  assert.deepEqual([plain.result.verdict, plain.result.outcome, plain.result.tries], ['INCONCLUSIVE', 'TLS_ERROR', 0]);
  const secure = await nginx('http', WEAK, { places: basic('Settings'), tls: NEW_TLS });
  assert.deepEqual([secure.result.verdict, secure.result.tries], ['NOT_A_LOGIN', 0]);
});

const PAGE =
  '<html><title>Sign in</title><body><form method="post" action="/login"><input type="hidden" name="t" value="9a">' +
  '<input name="user"><input type="password" name="pass"><input type="submit" value="Login"></form>';
const FIELDS = '~^t=9a&user=admin&pass=123456$';
const FORM = form(PAGE, '/status.htm', '/?error=1', FIELDS);
const posts = (daemon: Nginx) => daemon.requests().filter(({ method }) => method === 'POST');

test('nginx with a login form: found, refused, and each POST is a try that was counted', async () => {
  const weak = await nginx('http-form', WEAK, FORM);
  assert.deepEqual([weak.result.verdict, weak.result.ordinal], ['WEAK', 1], JSON.stringify(weak.result));
  const came = posts(weak.daemon);
  assert.equal(came.length, weak.result.tries);
  const hit = came.findIndex(({ body }) => body === 't=9a&user=admin&pass=123456');
  assert.match(came[hit + 1]?.body ?? '', /^t=9a&user=admin&pass=[A-Za-z0-9%._*-]{7,}$/, 'the decoy came next');
  assert.ok(came.every(({ cookie, path }) => cookie === 'visit=77' && path === '/login'));
  const paths = new Set(weak.requests.map(({ path }) => path.replace(/^\/[0-9a-f]{16}$/, '/random')));
  assert.deepEqual([...paths].sort(), ['/', '/login', '/random'], 'the page inside was not asked for');
  const strong = await nginx('http-form', STRONG, form(PAGE, '/status.htm', '/?error=1', '~^$'));
  assert.deepEqual([strong.result.verdict, posts(strong.daemon).length], ['CLEAR', 3]);
});

test('the same form over TLS', async () => {
  const { result, daemon } = await nginx('https-form', WEAK, { ...FORM, tls: NEW_TLS });
  assert.deepEqual([result.verdict, posts(daemon).length], ['WEAK', result.tries]);
});

test('a form is left alone where only http is named', async () => {
  const { result, daemon } = await nginx('http', WEAK, FORM);
  assert.deepEqual([result.verdict, result.tries, posts(daemon).length], ['NOT_A_LOGIN', 0, 0]);
});

test('where a 401 stands, the form driver answers it', async () => {
  const { result, requests, written } = await nginx('http-form', WEAK, { places: basic('Settings') });
  isWeak(result, requests, written);
});

test('pages that are no login are not answered', async () => {
  for (const [name, page] of [
    ['JavaScript only', '<div id="app"></div><script src="/app.js"></script>'],
    ['a form for a script', PAGE.replace('<form', '<form onsubmit="return hash(this)"')],
    ['a portal', PAGE.replace('"/login"', '"http://portal.invalid/login"')],
    ['a new password', PAGE.replace('<input name="user">', '<p>Set a new password</p>')],
    ['a page for everything', '<title>Welcome</title>'],
  ] as const) {
    const { result, daemon } = await nginx('http-form', WEAK, { places: always(page) });
    assert.deepEqual([result.verdict, result.tries, posts(daemon).length], ['NOT_A_LOGIN', 0, 0], name);
  }
});

test('a form that answers everybody alike is never a finding', async () => {
  const same = await nginx('http-form', WEAK, { places: always(PAGE) });
  assert.deepEqual([same.result.verdict, same.result.kinds], ['CLEAR', []]);
  const all = await nginx('http-form', WEAK, form(PAGE, '/status.htm', '/status.htm', '~^$'));
  assert.deepEqual(
    [all.result.verdict, all.result.reported, all.result.kinds],
    ['ACCEPTS_ANYTHING', 'inconclusive', []],
  );
});
