import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFields, encodeFields } from './fields.ts';
import { asksPassword, loginFormOf } from './form.ts';
import { walk } from './markup.ts';
import { placeOf } from './place.ts';
import type { HttpVoice } from './request.ts';

const VOICE: HttpVoice = { scheme: 'http', host: '127.0.0.1:8080', agent: 'x' };
const find = (page: string) => loginFormOf(page, action => placeOf(action, '/ui/index.htm', VOICE));
const brief = (page: string) => {
  const form = find(page);
  return form && [form.path, ...form.fields.map(({ name, value, is }) => [name, value, is].join('|'))];
};

const NAME = '<input name=u>';
const SECRET = '<input type=password name=p>';
const GO = '<input type=submit value=Login>';
const form = (inside: string, attributes = 'method=post action=/login.cgi') => `<form ${attributes}>${inside}</form>`;
const LOGIN = form(NAME + SECRET + GO);

test('a form as it is meant', () => {
  assert.deepEqual(brief(LOGIN), ['/login.cgi', 'u||user', 'p||password']);
  assert.deepEqual(
    brief(`<!DOCTYPE html><title>Sign in</title><FORM METHOD="POST" ACTION='login.cgi?x=1&amp;y=2#z'>
      <input type="hidden" name="csrf" value="a&amp;b&#x22;&quot;"><label>Name <INPUT TYPE=TEXT NAME="user.name" VALUE=guest></label>
      <input type=checkbox name=keep checked><input type=checkbox name=off><input type=radio name=r value=1 checked>
      <input name="pw" type="PassWord" /><button name=go value=1>OK</button></form>`),
    [
      '/ui/login.cgi?x=1&y=2',
      'csrf|a&b""|given',
      'user.name|guest|user',
      'keep|on|given',
      'r|1|given',
      'pw||password',
      'go|1|given',
    ],
  );
});

test('which field takes the name', () => {
  assert.deepEqual(brief(form(`<input name=lang><input name=username>${SECRET}${GO}`))?.slice(1), [
    'lang||given',
    'username||user',
    'p||password',
  ]);
  assert.deepEqual(brief(form(SECRET + GO)), ['/login.cgi', 'p||password'], 'a password alone');
  assert.equal(find(form(`<input name=a><input name=b>${SECRET}${GO}`)), undefined, 'two, and neither says so');
  assert.equal(find(form(`<input name=user><input name=account>${SECRET}${GO}`)), undefined, 'both say so');
});

const NONE: Readonly<Record<string, string>> = {
  'no password': form(NAME + GO),
  'two passwords': form(NAME + SECRET + SECRET + GO),
  'two forms': LOGIN + LOGIN,
  'a password outside': `${LOGIN}<input type=password>`,
  'no button': form(NAME + SECRET),
  'a script for a button': form(`${NAME}${SECRET}<input type=button onclick=go() value=Login>`),
  'a script at the button': form(`${NAME}${SECRET}<input type=submit onclick="return go()" value=Login>`),
  'a script at the form': form(NAME + SECRET + GO, 'method=post action=/login.cgi onsubmit="return hash()"'),
  'a script for an action': form(NAME + SECRET + GO, 'method=post action="javascript:login()"'),
  'a script that hashes': `<script src=/js/md5.js></script>${LOGIN}`,
  'a password in the address': form(NAME + SECRET + GO, 'action=/login.cgi'),
  'a file': form(`${NAME}${SECRET}<input type=file name=f>${GO}`),
  'a choice': form(`${NAME}${SECRET}<select name=s><option>1</select>${GO}`),
  'several parts': form(NAME + SECRET + GO, 'method=post action=/login enctype=multipart/form-data'),
  'another host': form(NAME + SECRET + GO, 'method=post action=http://portal.invalid/login'),
  'another port': form(NAME + SECRET + GO, 'method=post action=//127.0.0.1:9090/login'),
  'no words of a login': form(`${NAME}${SECRET}<input type=submit value=OK>`, 'method=post action=/x.cgi'),
  'a new password': form(`<input name=user>Choose a new password ${SECRET}${GO}`),
  'a new password by its kind': form(`${NAME}<input type=password name=p autocomplete=new-password>${GO}`),
  'a first set-up': `<title>Setup wizard</title>${LOGIN}`,
  'a registration': form(`${NAME}${SECRET}<input type=submit value="Register">Login`),
  'a new password in Japanese': form(`${Buffer.from('新しいパスワード').toString('latin1')}${NAME}${SECRET}${GO}`),
  'the same in Shift_JIS': form(`${Buffer.from('905682b582a2', 'hex').toString('latin1')}${NAME}${SECRET}${GO}`),
  'inside a comment': `<!-- ${LOGIN} -->`,
  'inside a script': `<script>document.write('${LOGIN}')</script>`,
  'inside a text': `<textarea>${LOGIN}</textarea>`,
  'a password without a name': form(`${NAME}<input type=password>${GO}`),
};

test('what is no form for us', () => {
  for (const [name, page] of Object.entries(NONE)) assert.equal(find(page), undefined, name);
});

test('words of a login, in Japanese too', () => {
  for (const hex of ['e383ade382b0e382a4e383b3', '838d834f83438393', 'a5eda5b0a5a4a5f3']) {
    const word = Buffer.from(hex, 'hex').toString('latin1');
    assert.ok(find(form(`${word}${NAME}${SECRET}<input type=submit value=OK>`, 'method=post action=/x.cgi')), hex);
  }
});

test('a password is seen where a browser would show it', () => {
  assert.ok(asksPassword('<form><INPUT name=p type=password>'));
  assert.ok(asksPassword('<input\n  type = "Password"'));
  assert.ok(!asksPassword('<p>Your password</p><input type=text name=password>'));
  assert.ok(!asksPassword('<!--<input type=password>--><script>"<input type=password>"</script>'));
});

test('fields are coded so that they come back', () => {
  const text = fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }), fields => {
      const body = encodeFields(fields);
      assert.match(body, /^[!-~]*$/);
      assert.deepEqual(decodeFields(body), fields);
      assert.equal([...new URLSearchParams(body)].length, fields.length);
    }),
  );
  for (const odd of ['a', 'a=b=c', 'a=%4', 'a=%zz', 'a=b c', 'a=b&', 'a=\n'])
    assert.equal(decodeFields(odd), undefined, odd);
});

test('no page crashes it, and its cost is by the character', () => {
  const token = fc.constantFrom(
    '<form method=post ',
    '<input ',
    'type=password',
    '>',
    '</form>',
    '"',
    "'",
    '=',
    '<!--',
    '-->',
    '<script>',
    '</',
    ' ',
    'name=p',
    '&#',
    '<',
    'Login',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(token, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 80 }), parts => {
      const page = `password ${parts.join('')}`;
      let text = 0;
      walk(page, shown => {
        text += shown.length;
        return false;
      });
      assert.ok(text <= page.length);
      const found = find(page);
      if (found) assert.equal(found.fields.filter(({ is }) => is === 'password').length, 1);
    }),
    { numRuns: 3_000 },
  );
  // Pages made to be read again and again. A walk that does so needs a hundred times as much for ten times the page.
  for (const part of [
    '<',
    '<a ',
    '<a b',
    '<a b=',
    '<a b="',
    '<!--',
    '<!-',
    '<script>',
    '</script',
    '<input type=password ',
    '<form>',
    '&#1;',
  ]) {
    const cost = (length: number) => {
      const page = `password ${part.repeat(length / part.length)}`;
      const began = process.cpuUsage();
      for (let i = 0; i < 240_000 / length; i++) find(page);
      const { user, system } = process.cpuUsage(began);
      return user + system;
    };
    cost(6_400);
    const ratio = Math.min(...[1, 2, 3].map(() => cost(64_000) / Math.max(1_000, cost(6_400))));
    assert.ok(ratio < 6, `${part}: ${ratio} times as much for the same characters`);
  }
});

test('places on the target, and no others', () => {
  const at = (reference: string, voice = VOICE) => placeOf(reference, '/ui/index.htm', voice);
  assert.equal(at('login.htm'), '/ui/login.htm');
  assert.equal(at('./login.htm#top'), '/ui/login.htm');
  assert.equal(at('/login'), '/login');
  assert.equal(at(''), '/ui/index.htm');
  assert.equal(at('?a=b'), '/ui/index.htm?a=b');
  assert.equal(at('http://127.0.0.1:8080'), '/');
  assert.equal(at('HTTP://127.0.0.1:8080/x'), '/x');
  assert.equal(at('//127.0.0.1:8080/x'), '/x');
  for (const elsewhere of [
    'http://127.0.0.1/x',
    'https://127.0.0.1:8080/x',
    'http://127.0.0.1:8080@evil.invalid/',
    'mailto:x',
    'javascript:x',
    '//evil.invalid/x',
  ])
    assert.equal(at(elsewhere), undefined, elsewhere);
  const plain = { ...VOICE, host: '127.0.0.1:80' };
  assert.equal(at('http://127.0.0.1/x', plain), '/x');
  assert.equal(at('https://127.0.0.1/x', { ...plain, scheme: 'https', host: '127.0.0.1:443' }), '/x');
});
