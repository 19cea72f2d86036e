import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { HOUR, MINUTE } from '../record/instant.ts';
import { consoleHeaders } from './headers.ts';
import { makeSignIn } from './sign-in.ts';

function door() {
  let chance = 0;
  const time = { monotonic: 0, calendar: 1_000_000 };
  const clocks = { monotonic: () => time.monotonic, calendar: () => time.calendar };
  const random = (n: number) => new Uint8Array(n).fill(++chance);
  const signIn = makeSignIn({ clocks, random, cookie: 'who' });
  const app = new Hono();
  app.use(consoleHeaders);
  app.use(signIn.guard);
  app.get('/', c => c.text(`${(c.get('person' as never) as { name: string }).name} is in`));
  app.post('/act', c => c.text('done'));
  const enter = async (link: string, origin = 'http://localhost', method = 'GET') => {
    const answer = await app.request(`${origin}/enter?link=${link}`, { method });
    const set = answer.headers.get('set-cookie') ?? '';
    return { status: answer.status, set, cookie: set.split(';')[0] ?? '' };
  };
  const look = (cookie: string) => app.request('/', { headers: { cookie } });
  const act = (cookie: string, origin?: string) =>
    app.request('/act', { method: 'POST', headers: { cookie, ...(origin === undefined ? {} : { origin }) } });
  return { time, signIn, app, enter, look, act };
}
const SATO = { name: 'Sato', role: 'operator' };

test('a link lets one person in, once', async () => {
  const { signIn, enter, look } = door();
  const link = signIn.link(SATO);
  const first = await enter(link);
  assert.equal(first.status, 200);
  assert.equal(await (await look(first.cookie)).text(), 'Sato is in');
  const replay = await enter(link);
  assert.deepEqual([replay.status, replay.set], [403, '']);
  assert.equal((await look(first.cookie)).status, 200, 'a replay does not end the session it came from');
});

test('a look at the head of a link, as mail filters do, does not spend it', async () => {
  const { signIn, enter } = door();
  const link = signIn.link(SATO);
  assert.equal((await enter(link, 'http://localhost', 'HEAD')).status, 401);
  assert.equal((await enter(link)).status, 200);
});

test('no link, a wrong one, an empty one, no cookie and a foreign cookie let nobody in', async () => {
  const { signIn, enter, look, app } = door();
  signIn.link(SATO);
  for (const link of ['', 'x', '%00', 'A'.repeat(43)]) assert.equal((await enter(link)).status, 403, link);
  for (const cookie of ['', 'who=', 'who=x', 'other=1']) assert.equal((await look(cookie)).status, 401, cookie);
  assert.equal((await app.request('/enter')).status, 403);
});

test('a link dies after ten minutes and a session after eight hours, by the clock that nobody can move', async () => {
  const { time, signIn, enter, look } = door();
  const late = signIn.link(SATO);
  const inTime = signIn.link(SATO);
  time.calendar += 400 * 24 * HOUR;
  time.monotonic = 10 * MINUTE - 1;
  const { cookie } = await enter(inTime);
  time.monotonic = 10 * MINUTE;
  assert.equal((await enter(late)).status, 403);
  time.calendar = 0;
  time.monotonic = 10 * MINUTE - 1 + 8 * HOUR - 1;
  assert.equal((await look(cookie)).status, 200);
  time.monotonic += 1;
  assert.equal((await look(cookie)).status, 401);
});

test('revoking ends the sessions and the unused links of that name, and of no other', async () => {
  const { signIn, enter, look } = door();
  const sato = await enter(signIn.link(SATO));
  const unused = signIn.link(SATO);
  const ito = await enter(signIn.link({ name: 'Ito', role: 'operator' }));
  signIn.revoke('Sato');
  assert.equal((await look(sato.cookie)).status, 401);
  assert.equal((await enter(unused)).status, 403);
  assert.equal((await look(ito.cookie)).status, 200);
});

test('the cookie is for this site and this browser only, and over TLS only where there is TLS', async () => {
  const { signIn, enter } = door();
  const plain = (await enter(signIn.link(SATO))).set;
  for (const flag of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=28800']) assert.ok(plain.includes(flag), plain);
  assert.ok(!plain.includes('Secure') && !plain.includes('Domain'));
  assert.match((await enter(signIn.link(SATO), 'https://console.example')).set, /; Secure/);
});

test('a form from another site changes nothing; from here it does', async () => {
  const { signIn, enter, act } = door();
  const { cookie } = await enter(signIn.link(SATO));
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'http://localhost:81', 'null', ''])
    assert.equal((await act(cookie, origin)).status, 403, origin);
  for (const origin of ['http://localhost', 'https://localhost', undefined])
    assert.equal((await act(cookie, origin)).status, 200, origin);
  assert.equal((await act('', 'http://localhost')).status, 401);
});

test('every answer, refusals too, forbids framing, foreign sources and keeping', async () => {
  const { look, enter } = door();
  const answer = await look('');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('referrer-policy'), 'same-origin');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const policy = answer.headers.get('content-security-policy') ?? '';
  for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "base-uri 'none'"])
    assert.ok(policy.includes(rule), policy);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal((await enter('x')).status, 403);
});
