import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Replay, replay, reply } from '../../../../test/fixtures/http-replay.ts';
import type { Outcome } from '../../../record/observation.ts';
import { httpFormDriver } from './driver.ts';

const PAIR = { user: 'admin', password: 'CNRY-11' };
const PAGE =
  '<html><title>Sign in</title><form method=post action=/login.cgi><input type=hidden name=csrf value=a81b>' +
  '<input name=user><input type=password name=pass><input type=submit value=OK></form></html>';
const page = (words = '', more = '') => reply('200 OK', `Content-Type: text/html\r\n${more}`, PAGE + words);
const LOGIN = page('', 'Set-Cookie: sid=77; Path=/; HttpOnly\r\nSet-Cookie: "odd", x\r\n');
const NOT_THERE = reply('404 Not Found');
const html = (body: string, more = '') => reply('200 OK', `Content-Type: text/html\r\n${more}`, `<html><body>${body}`);
const to = (place: string, more = '') => reply('302 Found', `Location: ${place}\r\n${more}`);
const COOKIE = 'Set-Cookie: session=1f\r\n';
const PACKED = reply('200 OK', 'Content-Encoding: gzip\r\n', gzipSync(PAGE).toString('latin1'));
const ASK = reply('401 No', 'WWW-Authenticate: Basic realm="x"\r\n');

/** After the page and the random path: the answer to the form. */
const ANSWERS: readonly (readonly [string, string, Outcome])[] = [
  ['the page again', LOGIN, 'REJECT'],
  ['the page again, and why', page('Wrong user name or password'), 'REJECT'],
  ['the page again, locked', page('Too many failures'), 'LOCKOUT'],
  ['a page that says no', html('Login failed. <a href=/>Back</a>'), 'REJECT'],
  ['a page that says no in Japanese', html(Buffer.from('失敗しました').toString('latin1')), 'REJECT'],
  ['a page that says no and sets a cookie', html('Login failed', COOKIE), 'NO_VERDICT'],
  ['401', ASK, 'REJECT'],
  ['403', reply('403 Forbidden'), 'LOCKOUT'],
  ['429', reply('429 Slow'), 'LOCKOUT'],
  ['500', reply('500 Oh'), 'SERVER_ERROR'],
  ['404', reply('404 No'), 'NO_VERDICT'],
  ['on to a page inside', to('/status.htm'), 'ACCEPT'],
  ['on to a page inside, in full', to('http://127.0.0.1:8080/status.htm', COOKIE), 'ACCEPT'],
  ['on to the login', to('/login.htm'), 'REJECT'],
  ['on with a reason', to('/?err=failed'), 'REJECT'],
  ['back to the form', to('/'), 'NO_VERDICT'],
  ['back to the form with a cookie', to('/', COOKIE), 'NO_VERDICT'],
  ['to another host', to('http://portal.invalid/in'), 'NO_VERDICT'],
  ['to the same host over TLS', to('https://127.0.0.1:8080/in'), 'NO_VERDICT'],
  ['a page inside', html(`Status ${'of the device '.repeat(40)}`), 'ACCEPT'],
  ['a page inside with a cookie', html('Welcome', COOKIE), 'ACCEPT'],
  ['a script that goes inside', html('<script>top.location="/main.htm"</script>'), 'ACCEPT'],
  ['a script that goes back', html('<script>location.href="/login.htm"</script>'), 'REJECT'],
  ['a refresh that goes back', html('<meta http-equiv=refresh content="0; url=/">'), 'NO_VERDICT'],
  ['an answer for a script', reply('200 OK', 'Content-Type: application/json\r\n', '{"code":0,"x":"y"}'), 'NO_VERDICT'],
  ['nothing at all', reply('200 OK'), 'NO_VERDICT'],
];

test('the answer to a form is an accept only when it cannot be a refusal', () => {
  for (const [name, answer, outcome] of ANSWERS) {
    const parts = [LOGIN, NOT_THERE, answer];
    const whole = replay(parts, { driver: httpFormDriver, pair: PAIR });
    assert.equal(whole.outcome, outcome, name);
    assert.equal(whole.sent.length, 3, name);
    for (const cut of [(text: string) => text, (text: string) => [text.slice(0, 90), text.slice(90)]])
      assert.deepEqual(replay(parts, { driver: httpFormDriver, pair: PAIR, cut }), whole, name);
  }
});

test('the form comes back as it was read, with the pair and the cookie of this conversation', () => {
  const { sent, facts } = replay([LOGIN, NOT_THERE, to('/in')], { driver: httpFormDriver, pair: PAIR });
  const [head, body] = sent[2]?.split('\r\n\r\n') ?? [];
  assert.match(head ?? '', /^POST \/login\.cgi HTTP\/1\.1\r\n/);
  assert.match(head ?? '', /\r\nCookie: sid=77\r\n/);
  assert.match(head ?? '', /\r\nContent-Length: 33$/);
  assert.equal(body, 'csrf=a81b&user=admin&pass=CNRY-11');
  assert.equal(facts.asks, 'pair');
  assert.ok(!sent[0]?.includes('Cookie') && !sent[1]?.includes('Cookie'));
});

test('the next conversation reads the form anew and does not look elsewhere', () => {
  const first = replay([LOGIN, NOT_THERE, LOGIN], { driver: httpFormDriver, pair: PAIR });
  const { memory } = first.facts;
  const second = replay([LOGIN.replace('a81b', 'ffff'), LOGIN], { driver: httpFormDriver, pair: PAIR, memory });
  assert.deepEqual([second.outcome, second.sent.length, second.identity], ['REJECT', 2, first.identity]);
  assert.ok(second.sent[1]?.includes('csrf=ffff'));
});

const LOOKS: readonly (readonly [string, readonly string[], Replay, Outcome, number])[] = [
  ['nobody has a pair', [LOGIN, NOT_THERE], {}, 'LOGIN_PROMPT', 2],
  ['a 401 instead', [ASK, ASK], { pair: PAIR }, 'REJECT', 2],
  ['the login further on', [to('/login.htm'), LOGIN, NOT_THERE, LOGIN], { pair: PAIR }, 'REJECT', 4],
  ['the login before everything', [LOGIN, LOGIN, LOGIN], { pair: PAIR }, 'REJECT', 3],
  ['something else for everything', [LOGIN, html('Welcome')], { pair: PAIR }, 'NOT_A_LOGIN', 2],
  [
    'a login in JavaScript',
    [html('<div id=app></div><script src=/app.js></script>'), NOT_THERE],
    { pair: PAIR },
    'OPEN_PAGE',
    2,
  ],
  [
    'a captive portal',
    [page().replace('/login.cgi', 'http://portal.invalid/'), NOT_THERE],
    { pair: PAIR },
    'NOT_A_LOGIN',
    1,
  ],
  ['a portal by redirect', [to('http://portal.invalid/')], { pair: PAIR }, 'NOT_A_LOGIN', 1],
  ['a connection that closes', [page('', 'Connection: close\r\n')], { pair: PAIR }, 'NOT_A_LOGIN', 1],
  ['a page that is packed', [PACKED, NOT_THERE], { pair: PAIR }, 'OPEN_PAGE', 2],
  ['closes on the form', [LOGIN, NOT_THERE, ''], { pair: PAIR }, 'CLOSED_AFTER_PASSWORD', 3],
  ['silent on the form', [LOGIN, NOT_THERE, ''], { pair: PAIR, end: 'deadline' }, 'IDLE_AFTER_SEND', 3],
  ['closes on the random path', [LOGIN, ''], { pair: PAIR }, 'NOT_A_LOGIN', 2],
];

test('where there is no form to fill in, none is filled in', () => {
  for (const [name, parts, options, outcome, requests] of LOOKS) {
    const { outcome: ours, sent } = replay(parts, { driver: httpFormDriver, ...options });
    assert.deepEqual([ours, sent.length], [outcome, requests], name);
    assert.ok(sent.filter(text => text.startsWith('POST')).length <= 1, name);
  }
});

test('a driver without forms sees the same page and leaves it alone', () => {
  const { outcome, sent } = replay([LOGIN, NOT_THERE, LOGIN], { pair: PAIR });
  assert.deepEqual([outcome, sent.length], ['NOT_A_LOGIN', 1]);
});
