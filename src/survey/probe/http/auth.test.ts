import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorization } from './answer.ts';
import { type Challenge, challengeOf, type DigestChallenge } from './auth.ts';

const digest = (text: string): DigestChallenge => {
  const challenge = challengeOf([text]);
  assert.ok(challenge?.scheme === 'digest', text);
  return challenge;
};
const latin1 = (text: string | Uint8Array) => Buffer.from(text as string).toString('latin1');
const PAIR = { user: 'admin', password: 'CNRY-11' };

// The examples of RFC 7616 §3.9.1, with their own path and client nonce.
const EXAMPLE =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const MUFASA = { user: 'Mufasa', password: 'Circle of Life' };
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

test('Digest answers as in RFC 7616 section 3.9.1', () => {
  const answer = authorization(digest(EXAMPLE), MUFASA, '/dir/index.html', CNONCE);
  assert.ok(answer?.includes('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"'), answer);
  assert.ok(answer?.includes('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'));
  const md5 = authorization(digest(EXAMPLE.replace('SHA-256', 'MD5')), MUFASA, '/dir/index.html', CNONCE);
  assert.ok(md5?.includes('response="8ca523f5e9506fed4657c9700eebdbec"'), md5);
});

test('Digest without qop answers as in RFC 2617 section 3.2.2.1, and a session hashes twice', () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const secret = md5('admin:r:CNRY-11');
  const a2 = md5('GET:/');
  const plain = authorization(digest('Digest realm="r", nonce="n"'), PAIR, '/', 'c');
  assert.equal(plain, `Digest username="admin", realm="r", nonce="n", uri="/", response="${md5(`${secret}:n:${a2}`)}"`);
  const session = authorization(digest('Digest realm=r,nonce=n,algorithm=MD5-sess,qop=auth'), PAIR, '/', 'c');
  const a1 = md5(`${secret}:n:c`);
  assert.ok(session?.includes(`response="${md5(`${a1}:n:00000001:c:auth:${a2}`)}"`), session);
  assert.ok(session?.includes('algorithm=MD5-sess,') && session.includes('cnonce="c"'));
  assert.equal(digest('Digest nonce=n, algorithm="sha-256-SESS"').session, true);
});

test('which of several offers is answered', () => {
  const scheme = (...values: string[]) => challengeOf(values)?.scheme;
  assert.equal(scheme('Negotiate', 'Digest nonce="n"', 'Basic realm="x"'), 'basic');
  assert.equal(scheme('Digest realm="a", nonce="n", qop="auth", Basic realm="x"'), 'basic');
  assert.equal(scheme('NTLM TlRMTVNTUAAB==, Digest nonce="n"'), 'digest');
  assert.equal(digest('Digest nonce="a", algorithm=SHA-512-256, Digest nonce="b", algorithm=SHA-256').nonce, 'b');
  assert.equal(scheme('Digest nonce="a", userhash=true, charset=UTF-8'), 'digest');
  for (const hopeless of [
    'Negotiate',
    'Bearer realm="x"',
    'Digest realm="a"',
    'Digest nonce="x", qop="auth-int"',
    '',
    '=,"',
  ])
    assert.equal(scheme(hopeless), undefined, hopeless);
  assert.equal(scheme('Digest realm="a", nonce="x\r\ny"'), undefined);
  assert.equal(scheme(`Digest nonce="${'x'.repeat(600)}"`), undefined);
  assert.ok(digest('Digest nonce="x", stale="TRUE"').stale && !digest('Digest nonce=x, stale=false').stale);
});

test('quoting, however broken', () => {
  const realm = (value: string) => challengeOf([value])?.realm;
  assert.equal(realm('Basic realm="a \\"b\\""'), 'a "b"');
  assert.equal(realm('BASIC REALM = "Cam"'), 'Cam');
  assert.equal(realm('Basic realm=Cam'), 'Cam');
  assert.equal(realm('Basic realm="never ends'), 'never ends');
  assert.equal(realm("Basic realm='Cam'"), "'Cam'");
  assert.equal(realm('Basic'), '');
  assert.equal(realm('Basic realm="x" charset="UTF-8"'), 'x');
  assert.equal(digest('Digest realm="a"b", nonce="n"').nonce, 'n');
  assert.equal(digest('Digest realm="a", realm="b", nonce="n"').realm, 'a');
  // What is not quoted may hold a quote; it may not break out of ours.
  const answer = authorization(digest('Digest realm=a"b, nonce=n'), PAIR, '/', 'c');
  assert.ok(answer?.includes('realm="a\\"b", nonce="n"'), answer);
});

test('a realm comes back and is hashed as the bytes it is', () => {
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
  for (const [name, bytes] of [
    ['UTF-8', Buffer.from('設定画面')],
    // 表示 in Shift_JIS: its second byte is a backslash.
    ['Shift_JIS', Buffer.from('955c8ea6', 'hex')],
    ['Shift_JIS at the end', Buffer.from('8ea6955c', 'hex')],
    ['EUC-JP', Buffer.from('c0dfc4ea', 'hex')],
  ] as const) {
    const challenge = digest(`Digest realm="${bytes.toString('latin1')}", nonce="n"`);
    assert.equal(challenge.realm, bytes.toString('latin1'), name);
    const answer = authorization(challenge, PAIR, '/', 'c');
    const secret = md5(Buffer.concat([Buffer.from('admin:'), bytes, Buffer.from(':CNRY-11')]));
    const response = md5(Buffer.from(`${secret}:n:${md5(Buffer.from('GET:/'))}`));
    assert.ok(answer?.includes(`realm="${bytes.toString('latin1')}", nonce="n"`), name);
    assert.ok(answer?.includes(`response="${response}"`), name);
  }
  const name = authorization(digest('Digest nonce="n"'), { user: '管"理', password: 'x' }, '/', 'c');
  assert.ok(name?.startsWith(`Digest username="${latin1('管')}\\"${latin1('理')}"`));
});

test('what cannot be said is not said', () => {
  const basic: Challenge = { scheme: 'basic', realm: '' };
  assert.equal(authorization(basic, { user: 'a:b', password: 'c' }, '/', ''), undefined);
  assert.equal(authorization(digest('Digest nonce=n'), { user: 'a\r\nb', password: 'c' }, '/', ''), undefined);
  assert.equal(authorization(basic, PAIR, '/', ''), `Basic ${btoa('admin:CNRY-11')}`);
});

test('no header crashes it, and no answer breaks a line', () => {
  const word = fc.constantFrom(
    'Digest ',
    'Basic ',
    'realm=',
    'nonce=',
    'qop=',
    '"',
    '\\',
    ',',
    ' ',
    '=',
    'auth',
    '\x95\\',
    '\r\n',
    'é',
  );
  const header = fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(header, { maxLength: 3 }), values => {
      const challenge = challengeOf(values.map(parts => Buffer.from(parts.join(''), 'latin1').toString('latin1')));
      if (!challenge) return;
      const answer = authorization(challenge, PAIR, '/', '0123456789abcdef') ?? '';
      for (let i = 0; i < answer.length; i++) assert.ok(answer.charCodeAt(i) >= 32 && answer.charCodeAt(i) !== 127);
    }),
    { numRuns: 3_000 },
  );
});
