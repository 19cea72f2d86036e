import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, textOf } from '../machine.ts';
import { authorization } from './answer.ts';
import { challengeOf } from './auth.ts';
import type { LoginForm } from './fields.ts';
import { httpGrammar } from './grammar.ts';
import { agentOf, type HttpVoice, post, request } from './request.ts';

const VOICE: HttpVoice = { scheme: 'http', host: '127.0.0.1:8080', agent: agentOf('https://survey.invalid/how') };
const ODD = '/0102030405060708';
const PAIR = { user: 'admin', password: 'CNRY 11' };
const BASIC = `Basic ${btoa('admin:CNRY 11')}`;
const grammar = (permitted = true) => {
  const made = httpGrammar(VOICE, ODD);
  if (permitted) made.permit(PAIR);
  return made;
};
const digest = (nonce: string, more: { user?: string; path?: string } = {}) => {
  const challenge = challengeOf([`Digest realm="r", nonce="${nonce}", qop=auth`]);
  assert.ok(challenge);
  const { user = PAIR.user, path = '/' } = more;
  return authorization(challenge, { ...PAIR, user }, path, ODD.slice(1)) as string;
};

test('two paths, each once, and no others', () => {
  const { allows } = grammar(false);
  assert.ok(allows(request(VOICE, '/', false)));
  assert.equal(allows(request(VOICE, '/', false)), false, 'a second time');
  assert.ok(allows(request(VOICE, ODD, true)));
  for (const path of ['/index.html', '/0102030405060709', '//', '', '/ HTTP/1.1\r\nX: y\r\nZ:'])
    assert.equal(grammar(false).allows(request(VOICE, path, false)), false, path);
});

test('one more path, when a redirect named it and it is plain', () => {
  const made = grammar(false);
  assert.ok(made.mayFollow('/cam/index.htm'));
  assert.equal(made.mayFollow('/other'), false, 'once');
  assert.ok(made.allows(request(VOICE, '/cam/index.htm', false)));
  assert.equal(made.allows(request(VOICE, '/other', false)), false);
  made.permit(PAIR);
  assert.ok(made.allows(request(VOICE, '/cam/index.htm', true, BASIC)));
  assert.equal(grammar().mayFollow('/late'), false, 'not after a pair was permitted');
  for (const path of [
    '/reboot.cgi',
    '/a?b=c',
    '/..',
    '//x',
    'x',
    '/a b',
    '/a\r\n',
    '/restore/defaults',
    '/logout.htm',
    '/%2e',
  ])
    assert.equal(grammar(false).mayFollow(path), false, path);
  for (const path of ['/', '/default.htm', '/cgi-bin/index.cgi', '/ui/'])
    assert.ok(grammar(false).mayFollow(path), path);
});

test('no word differs', () => {
  const text = textOf(request(VOICE, '/', true));
  for (const [from, to] of [
    ['GET', 'POST'],
    ['GET', 'HEAD'],
    ['/ ', '/reboot.cgi '],
    ['HTTP/1.1', 'HTTP/1.0'],
    ['127.0.0.1:8080', '127.0.0.2:80'],
    ['Accept: */*', 'Cookie: a=b'],
    ['close', 'upgrade'],
    ['\r\n\r\n', '\r\nX: y\r\n\r\n'],
    ['\r\n\r\n', '\r\n\r\nbody'],
    ['notice-survey', 'Mozilla'],
  ] as const)
    assert.equal(grammar().allows(bytesOf(text.replace(from, to))), false, to);
  assert.ok(grammar().allows(bytesOf(text)));
});

test('only the permitted pair, only where a login can be, and nothing after it', () => {
  const fine = request(VOICE, '/', true, BASIC);
  assert.equal(grammar(false).allows(fine), false, 'nothing is permitted in a look');
  const { allows } = grammar();
  assert.ok(allows(fine));
  for (const bytes of [
    fine,
    request(VOICE, '/', true),
    request(VOICE, ODD, true),
    request(VOICE, '/', true, digest('n')),
  ])
    assert.equal(allows(bytes), false, 'after the pair');
  for (const [path, value] of [
    ['/', `Basic ${btoa('admin:CNRY 12')}`],
    ['/', `Basic ${btoa('root:CNRY 11')}`],
    [ODD, BASIC],
    ['/', 'Bearer x'],
    ['/', digest('n', { user: 'root' })],
    ['/', digest('n', { path: '/x' })],
    ['/', `${digest('n')}\r\nX: y`],
    ['/', `${digest('n')}, password="CNRY 11"`],
  ] as const)
    assert.equal(grammar().allows(request(VOICE, path, true, value)), false, value);
});

test('a Digest is answered once more, with another nonce, and then never again', () => {
  const { allows } = grammar();
  const answer = (nonce: string) => request(VOICE, '/', false, digest(nonce));
  assert.ok(allows(answer('a')));
  assert.equal(allows(request(VOICE, '/', false)), false, 'no other request in between');
  assert.ok(allows(answer('b')));
  assert.equal(allows(answer('c')), false);
  const same = grammar();
  assert.ok(same.allows(answer('a')));
  assert.equal(same.allows(answer('a')), false, 'the same nonce');
  const mixed = grammar();
  assert.ok(mixed.allows(answer('a')));
  assert.equal(mixed.allows(request(VOICE, '/', true, BASIC)), false, 'Basic after Digest');
});

const FORM: LoginForm = {
  path: '/login.cgi?lang=ja',
  fields: [
    { name: 'token', value: 'a b&c\x83', is: 'given' },
    { name: 'user', value: 'guest', is: 'user' },
    { name: 'pass', value: '', is: 'password' },
  ],
};
const BODY = 'token=a+b%26c%83&user=admin&pass=CNRY+11';

test('one form, with the pair in its two fields and nowhere else', () => {
  const filled = () => {
    const made = grammar(false);
    assert.ok(made.mayFill(FORM, 'sid=1; x=y'));
    made.permit(PAIR);
    return made;
  };
  const made = filled();
  assert.ok(made.allows(request(VOICE, '/', false)), 'the page first');
  assert.ok(made.allows(post(VOICE, FORM.path, 'sid=1; x=y', BODY)));
  assert.equal(made.allows(post(VOICE, FORM.path, 'sid=1; x=y', BODY)), false, 'once');
  assert.equal(grammar().allows(post(VOICE, FORM.path, '', BODY)), false, 'no form was read');
  for (const [path, cookie, body] of [
    ['/login.cgi', 'sid=1; x=y', BODY],
    [FORM.path, '', BODY],
    [FORM.path, 'sid=2; x=y', BODY],
    [FORM.path, 'sid=1; x=y', BODY.replace('admin', 'root')],
    [FORM.path, 'sid=1; x=y', BODY.replace('a+b', 'CNRY+11')],
    [FORM.path, 'sid=1; x=y', `${BODY}&again=CNRY+11`],
    [FORM.path, 'sid=1; x=y', BODY.replace('token=a+b%26c%83&', '')],
    [FORM.path, 'sid=1; x=y', BODY.replace('user', '%75ser')],
    [FORM.path, 'sid=1; x=y', `${BODY}\r\n\r\nGET / HTTP/1.1`],
  ] as const) {
    // A name spelled in another way decodes to the same; all else must differ.
    const expected = body.includes('%75ser');
    assert.equal(filled().allows(post(VOICE, path, cookie, body)), expected, `${path} ${cookie} ${body}`);
  }
  const short = textOf(post(VOICE, FORM.path, 'sid=1; x=y', BODY)).replace(/Content-Length: \d+/, 'Content-Length: 3');
  assert.equal(filled().allows(bytesOf(short)), false, 'the length');
});

test('which forms may be filled in at all', () => {
  const may = (form: Partial<LoginForm>, cookie = '') => grammar(false).mayFill({ ...FORM, ...form }, cookie);
  assert.ok(may({}));
  const [token, user, password] = FORM.fields as unknown as [never, never, never];
  assert.equal(may({ fields: [user] }), false);
  assert.equal(may({ fields: [password, password] }), false);
  assert.equal(may({ fields: [user, user, password] }), false);
  assert.equal(may({ fields: [...Array(40).fill(token), password] }), false);
  for (const path of ['/setup.cgi', 'login', '//a/b', '/x?a=b c', '/x?a\r\n', '/firmware/login'])
    assert.equal(may({ path }), false, path);
  for (const cookie of ['a=b\r\nX: y', 'a=b;c=d', 'a=b; ', 'a=1; b=2; c=3; d=4; e=5'])
    assert.equal(may({}, cookie), false, cookie);
  assert.equal(grammar().mayFill(FORM, ''), false, 'not after a pair was permitted');
});
