import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Replay, replay, reply, SETTING } from '../../../../test/fixtures/http-replay.ts';
import type { Outcome } from '../../../record/observation.ts';
import { bytesOf } from '../machine.ts';
import { httpDriver } from './driver.ts';

const PAIR = { user: 'admin', password: 'CNRY-11' };

const BASIC = 'WWW-Authenticate: Basic realm="Cam"\r\nServer: Boa/1\r\n';
const ASK = reply('401 Unauthorized', `${BASIC}Connection: keep-alive\r\n`, '<title>no</title>');
const HUSH = reply('401 Unauthorized', BASIC);
const CLOSING = reply('401 Unauthorized', `${BASIC}Connection: close\r\n`);
const digest = (nonce: string, more = '') =>
  reply('401 No', `WWW-Authenticate: Digest realm="d", nonce="${nonce}", qop="auth"${more}\r\n`);
const FORM = '<form method=post><INPUT name=p type=password>';

const CASES: readonly (readonly [string, readonly string[], Replay, Outcome])[] = [
  ['asks for Basic', [ASK], {}, 'LOGIN_PROMPT'],
  ['asks, and may stay', [HUSH], {}, 'LOGIN_PROMPT'],
  ['asks, and closes', [CLOSING], { pair: PAIR }, 'LOGIN_PROMPT'],
  ['an open page, nothing elsewhere', [reply('200 OK', '', '<title>Hi</title>'), reply('404 No')], {}, 'OPEN_PAGE'],
  ['a page for everything', [reply('200 OK', '', 'x'), reply('200 OK', '', 'x')], {}, 'NOT_A_LOGIN'],
  ['an open page, then a close', [reply('200 OK', '', 'x'), ''], {}, 'OPEN_PAGE'],
  ['an open page, then silence', [reply('200 OK', '', 'x'), ''], { end: 'deadline' }, 'OPEN_PAGE'],
  ['a login form', [reply('200 OK', '', FORM)], { pair: PAIR }, 'NOT_A_LOGIN'],
  ['elsewhere', [reply('302 Found', 'Location: http://192.0.2.1/x\r\n')], {}, 'NOT_A_LOGIN'],
  ['another port', [reply('302 Found', 'Location: http://127.0.0.1:81/x\r\n')], {}, 'NOT_A_LOGIN'],
  ['another scheme', [reply('302 Found', 'Location: https://127.0.0.1:8080/x\r\n')], {}, 'NOT_A_LOGIN'],
  ['no place to go', [reply('302 Found')], {}, 'NOT_A_LOGIN'],
  ['a place that does things', [reply('302 Found', 'Location: /reboot.cgi\r\n')], {}, 'NOT_A_LOGIN'],
  ['a login further on', [reply('302 Found', 'Location: /cam/index.htm\r\n'), ASK], {}, 'LOGIN_PROMPT'],
  ['a login further on, tried', [reply('302 Found', 'Location: cam.htm\r\n'), ASK, ASK], { pair: PAIR }, 'REJECT'],
  ['a page further on', [reply('302 Found', 'Location: /b\r\n'), reply('200 OK', '', 'b')], {}, 'NOT_A_LOGIN'],
  ['round in circles', Array(9).fill(reply('302 Found', 'Location: /b\r\n')), {}, 'NOT_A_LOGIN'],
  ['further on, then a close', [reply('302 Found', 'Location: /b\r\n'), ''], {}, 'NOT_A_LOGIN'],
  ['asks for what we cannot give', [reply('401 No', 'WWW-Authenticate: Negotiate\r\n')], {}, 'NOT_A_LOGIN'],
  ['asks for nothing', [reply('401 No')], {}, 'NOT_A_LOGIN'],
  ['slow down', [reply('503 Busy', 'Retry-After: 30\r\n')], {}, 'THROTTLED'],
  ['broken', [reply('500 No')], {}, 'SERVER_ERROR'],
  ['refuses', [ASK, ASK], { pair: PAIR }, 'REJECT'],
  ['refuses, without a word about staying', [HUSH, CLOSING], { pair: PAIR }, 'REJECT'],
  ['accepts', [ASK, reply('200 OK', '', 'in')], { pair: PAIR }, 'ACCEPT'],
  [
    'accepts with a body that never ends',
    [ASK, 'HTTP/1.1 200 OK\r\n\r\nin'],
    { pair: PAIR, end: 'deadline' },
    'ACCEPT',
  ],
  ['accepts by a redirect', [ASK, reply('302 Found', 'Location: /index.html\r\n')], { pair: PAIR }, 'ACCEPT'],
  ['refuses by a redirect', [ASK, reply('302 Found', 'Location: /cgi/logon\r\n')], { pair: PAIR }, 'REJECT'],
  ['refuses by a form', [ASK, reply('200 OK', '', FORM)], { pair: PAIR }, 'REJECT'],
  ['locks', [ASK, reply('403 No')], { pair: PAIR }, 'LOCKOUT'],
  ['slows down after a pair', [ASK, reply('429 No')], { pair: PAIR }, 'LOCKOUT'],
  ['fails', [ASK, reply('500 No')], { pair: PAIR }, 'SERVER_ERROR'],
  ['says nothing of it', [ASK, reply('404 No')], { pair: PAIR }, 'NO_VERDICT'],
  ['a stale nonce, then no', [digest('a'), digest('b', ', stale=true'), digest('c')], { pair: PAIR }, 'REJECT'],
  ['a stale nonce, then yes', [digest('a'), digest('b', ', stale=TRUE'), reply('200 OK')], { pair: PAIR }, 'ACCEPT'],
  ['stale for ever', [digest('a'), ...[...'bcdef'].map(n => digest(n, ', stale=true'))], { pair: PAIR }, 'NO_VERDICT'],
  ['stale and the same', [digest('a'), digest('a', ', stale=true'), reply('200 OK')], { pair: PAIR }, 'NO_VERDICT'],
  ['stale with Basic is a no', [ASK, digest('a', ', stale=true')], { pair: PAIR }, 'REJECT'],
  [
    'a stale nonce, and too many of them',
    [digest('a'), digest('b', ', stale=true').replace('qop="auth"', 'qop="auth"\r\nRetry-After: 9\r\nX: y')],
    { pair: PAIR },
    'LOCKOUT',
  ],
  ['closes on the pair', [ASK, ''], { pair: PAIR }, 'CLOSED_AFTER_PASSWORD'],
  ['falls silent on the pair', [ASK, ''], { pair: PAIR, end: 'deadline' }, 'IDLE_AFTER_SEND'],
  ['a name that Basic cannot say', [ASK], { pair: { user: 'a:b', password: 'c' } }, 'NO_VERDICT'],
  ['speaks telnet', ['login: '], {}, 'NOT_PROTOCOL'],
  ['silent', [], { end: 'deadline' }, 'SILENT'],
  ['half a head', ['HTTP/1.1 200 OK\r\nA: b'], { end: 'deadline' }, 'DEADLINE'],
  ['closed at once', [], {}, 'CLOSED_EARLY'],
  ['reset at once', [], { end: 'reset' }, 'BUSY'],
  ['interim for ever', ['HTTP/1.1 100 Go on\r\n\r\n'.repeat(10_000)], {}, 'NEGOTIATION_LOOP'],
];

test('each conversation has one outcome', () => {
  for (const [name, parts, options, outcome] of CASES) {
    const { outcome: ours, logins } = replay(parts, options);
    assert.equal(ours, outcome, name);
    assert.ok(logins <= 1, name);
  }
});

test('and the same one however it is split', () => {
  for (const [name, parts, options] of CASES) {
    const short = parts.map(part => part.slice(0, 1_000));
    const expected = replay(short, options);
    const same = (cut: (text: string) => Iterable<string>, how: string) =>
      assert.deepEqual(replay(short, { ...options, cut }), expected, `${name} ${how}`);
    same(text => text, 'in single bytes');
    for (let at = 1; at < 200; at += 1) same(text => [text.slice(0, at), text.slice(at)], `at ${at}`);
  }
});

test('a pair is only sent after 401, last, and once', () => {
  const { sent } = replay([ASK, ASK, ASK], { pair: PAIR });
  assert.equal(sent.length, 2);
  assert.ok(!sent[0]?.includes('Authorization'));
  assert.ok(sent[1]?.endsWith(`Authorization: Basic ${btoa('admin:CNRY-11')}\r\n\r\n`));
  assert.ok(sent.every(text => text.includes('User-Agent: notice-survey (+https://survey.invalid/how)\r\n')));
  const { sent: further } = replay([reply('302 Found', 'Location: /cam/\r\n'), ASK, ASK], { pair: PAIR });
  assert.deepEqual(
    further.map(text => [text.split(' ', 2)[1], text.includes('Authorization')]),
    [
      ['/', false],
      ['/cam/', false],
      ['/cam/', true],
    ],
  );
});

test('where every connection closes, the pair goes on the next, and the same service is known again', () => {
  const look = replay([CLOSING], { pair: PAIR });
  assert.deepEqual([look.outcome, look.sent.length, look.facts.asks], ['LOGIN_PROMPT', 1, 'pair']);
  const { memory, identity, said } = look.facts;
  assert.deepEqual(said, { realm: 'Cam', server: 'Boa/1', title: undefined });
  const tried = replay([CLOSING], { pair: PAIR, memory });
  assert.deepEqual([tried.outcome, tried.sent.length, tried.identity], ['REJECT', 1, identity]);
  // It says that it stays, and does not: the next conversation knows better.
  const liar = replay([ASK, ''], { pair: PAIR });
  assert.equal(liar.outcome, 'CLOSED_AFTER_PASSWORD');
  assert.equal(replay([reply('200 OK')], { pair: PAIR, memory: liar.facts.memory }).outcome, 'ACCEPT');
  // And one that closes a moment after its 401 never gets a pair on that connection.
  const { machine } = httpDriver.begin(SETTING);
  machine.start();
  assert.deepEqual(machine.onData(bytesOf(HUSH)), [{ do: 'quiet', ms: 20 }]);
  assert.deepEqual(machine.onData(bytesOf('\r\n')), []);
  assert.deepEqual(machine.onClose('end'), [{ do: 'finish', outcome: 'LOGIN_PROMPT' }]);
});

test('a conversation that was answered on one connection begins the next one with a look', () => {
  const { memory, identity } = replay([ASK, CLOSING], { pair: PAIR }).facts;
  const next = replay([ASK, ASK], { pair: PAIR, memory });
  assert.deepEqual([next.outcome, next.sent.length, next.identity], ['REJECT', 2, identity]);
  assert.equal(replay([reply('200 OK', '', 'open now')], { pair: PAIR, memory }).outcome, 'OPEN_PAGE');
});

test('bytes that nobody asked for are never taken as the answer to a pair', () => {
  const { outcome, sent } = replay([`${ASK}${reply('200 OK', '', 'in')}`], { pair: PAIR });
  assert.deepEqual([outcome, sent.length], ['LOGIN_PROMPT', 1]);
});

test('damaged answers never crash it, and never bring out more than one pair', () => {
  const flow = fc.constantFrom(...CASES.map(([, parts, options]) => [parts, options] as const));
  const edits = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(flow, edits, fc.nat(300), ([parts, options], changes, at) => {
      const damaged = parts.map(part => {
        const bytes = Buffer.from(part.slice(0, 2_000), 'latin1');
        for (const [where, byte] of changes) if (bytes.length > 0) bytes[where % bytes.length] = byte;
        return bytes.toString('latin1');
      });
      const whole = replay(damaged, { ...options, pair: PAIR });
      assert.ok(whole.outcome);
      const pairs = whole.sent.filter(text => text.includes('Authorization')).length;
      assert.ok(pairs <= 2 && (pairs < 2 || damaged.some(part => /stale/i.test(part))));
      assert.deepEqual(
        replay(damaged, { ...options, pair: PAIR, cut: text => [text.slice(0, at), text.slice(at)] }),
        whole,
      );
    }),
    { numRuns: 1_000 },
  );
});
