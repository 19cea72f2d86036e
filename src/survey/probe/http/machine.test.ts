import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../../record/observation.ts';
import { type Action, bytesOf, textOf } from '../machine.ts';
import { authorization, challengeOf, isStale } from './auth.ts';
import { httpMachine } from './machine.ts';
import { agentOf, httpGrammar, request } from './request.ts';

const VOICE = { host: '127.0.0.1:8080', agent: agentOf('https://survey.invalid/how') };
const RANDOM = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const PAIR = { user: 'admin', password: 'CNRY-11' };
const reply = (status: string, headers: string, body = '') =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
const ASK = reply('401 Unauthorized', 'WWW-Authenticate: Basic realm="Cam"\r\nServer: Boa/1\r\n', '<title>no</title>');

/** Answers each request with the next part; each part cut by `cut`. */
function replay(parts: readonly string[], pair: typeof PAIR | undefined, cut: (text: string) => readonly string[]) {
  const machine = httpMachine({ voice: VOICE, random: RANDOM });
  const grammar = httpGrammar(VOICE);
  const sent: string[] = [];
  let outcome: Outcome | undefined;
  const take = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (outcome) return;
      if (action.do === 'finish') outcome = action.outcome;
      if (action.do === 'login') {
        if (pair) grammar.permit(pair);
        take(machine.onCredential(pair ?? null));
      }
      if (action.do !== 'send') continue;
      assert.ok(grammar.allows(action.bytes), textOf(action.bytes));
      sent.push(textOf(action.bytes));
    }
  };
  take(machine.start());
  for (const part of parts) for (const piece of cut(part)) take(machine.onData(bytesOf(piece)));
  take(machine.onClose('end'));
  return { outcome, sent, facts: machine.facts() };
}

const CASES: readonly (readonly [string, readonly string[], typeof PAIR | undefined, Outcome])[] = [
  ['asks for Basic', [ASK], undefined, 'LOGIN_PROMPT'],
  [
    'an open page, nothing elsewhere',
    [reply('200 OK', '', '<title>Hi</title>'), reply('404 No', '')],
    undefined,
    'OPEN_PAGE',
  ],
  ['a login form', [reply('200 OK', '', '<form><INPUT name=p type=password>')], undefined, 'NOT_A_LOGIN'],
  ['elsewhere', [reply('302 Found', 'Location: /x\r\n')], undefined, 'NOT_A_LOGIN'],
  ['asks for what we cannot give', [reply('401 No', 'WWW-Authenticate: Negotiate\r\n')], undefined, 'NOT_A_LOGIN'],
  ['slow down', [reply('503 Busy', 'Retry-After: 30\r\n')], undefined, 'THROTTLED'],
  ['refuses', [ASK, ASK], PAIR, 'REJECT'],
  ['accepts', [ASK, reply('200 OK', '', 'in')], PAIR, 'ACCEPT'],
  ['accepts by a redirect', [ASK, reply('302 Found', 'Location: /index.html\r\n')], PAIR, 'ACCEPT'],
  ['refuses by a redirect', [ASK, reply('302 Found', 'Location: /cgi/logon\r\n')], PAIR, 'REJECT'],
  ['locks', [ASK, reply('403 No', '')], PAIR, 'LOCKOUT'],
  ['fails', [ASK, reply('500 No', '')], PAIR, 'SERVER_ERROR'],
  [
    'says the nonce is stale',
    [ASK, reply('401 No', 'WWW-Authenticate: Digest nonce="a", stale=true\r\n')],
    PAIR,
    'NO_VERDICT',
  ],
  ['closes on the pair', [ASK, ''], PAIR, 'CLOSED_AFTER_PASSWORD'],
  ['asks no longer', [reply('200 OK', '', 'open')], PAIR, 'OPEN_PAGE'],
  ['speaks telnet', ['login: '], undefined, 'NOT_PROTOCOL'],
];

test('each conversation has one outcome, however it is split', () => {
  for (const [name, parts, pair, outcome] of CASES) {
    const expected = replay(parts, pair, text => [text]);
    assert.equal(expected.outcome, outcome, name);
    assert.deepEqual(
      replay(parts, pair, text => [...text]),
      expected,
      `${name} in single bytes`,
    );
    for (let at = 1; at < 120; at += 1)
      assert.deepEqual(
        replay(parts, pair, text => [text.slice(0, at), text.slice(at)]),
        expected,
        `${name} at ${at}`,
      );
  }
});

test('a pair is only sent after 401, last, and once', () => {
  const { sent } = replay([ASK, ASK], PAIR, text => [text]);
  assert.equal(sent.length, 2);
  assert.ok(!sent[0]?.includes('Authorization'));
  assert.ok(sent[1]?.endsWith(`Authorization: Basic ${btoa('admin:CNRY-11')}\r\n\r\n`));
  assert.ok(sent.every(text => text.includes('User-Agent: notice-survey (+https://survey.invalid/how)\r\n')));
});

test('the grammar lets nothing else through', () => {
  const basic = authorization({ scheme: 'basic', realm: 'x' }, PAIR, '/', '');
  const fine = request(VOICE, '/', true, basic);
  assert.equal(httpGrammar(VOICE).allows(fine), false, 'no credential in a look');
  const grammar = httpGrammar(VOICE);
  grammar.permit(PAIR);
  assert.ok(grammar.allows(request(VOICE, '/', false)));
  assert.ok(grammar.allows(fine));
  assert.equal(grammar.allows(request(VOICE, '/', true)), false, 'nothing after the credential');
  const text = textOf(request(VOICE, '/', true));
  for (const [from, to] of [
    ['GET', 'POST'],
    ['/ ', '/reboot.cgi '],
    ['127.0.0.1:8080', '127.0.0.2:80'],
    ['Accept: */*', 'Cookie: a=b'],
    ['\r\n\r\n', '\r\nX: y\r\n\r\n'],
    ['\r\n\r\n', '\r\n\r\nbody'],
    ['notice-survey', 'Mozilla'],
  ])
    assert.equal(httpGrammar(VOICE).allows(bytesOf(text.replace(from as string, to as string))), false, to);
});

test('Digest answers as in RFC 7616 section 3.9.1', () => {
  const values = [
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  ];
  const challenge = challengeOf(values);
  assert.ok(challenge?.scheme === 'digest');
  // The example's own path and client nonce.
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const user = { user: 'Mufasa', password: 'Circle of Life' };
  const answer = authorization(challenge, user, '/dir/index.html', cnonce);
  assert.ok(answer.includes('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"'), answer);
  const md5 = authorization({ ...challenge, algorithm: 'MD5' }, user, '/dir/index.html', cnonce);
  assert.ok(md5.includes('response="8ca523f5e9506fed4657c9700eebdbec"'), md5);
});

test('hostile challenges are not answered', () => {
  assert.equal(challengeOf(['Digest realm="a", nonce="x\r\ny"']), undefined);
  assert.equal(challengeOf(['Digest realm="a", nonce="x", algorithm=SHA-512']), undefined);
  assert.equal(challengeOf(['Digest realm="a", nonce="x", qop="auth-int"']), undefined);
  assert.equal(challengeOf(['Digest realm="a"']), undefined);
  assert.deepEqual(challengeOf(['Negotiate', 'Digest nonce="n"', 'Basic realm="a \\"b\\""']), {
    scheme: 'basic',
    realm: 'a "b"',
  });
  assert.ok(isStale('Digest nonce="x", stale="TRUE"') && !isStale('Digest stale=false'));
  const began = performance.now();
  challengeOf([`Digest ${'a="'.repeat(5_000)}`, `Basic ${' '.repeat(60_000)}x`]);
  assert.ok(performance.now() - began < 1_000, 'linear in the header');
});
