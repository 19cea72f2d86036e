import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAIR, replay, type Script, whole } from '../../../../test/fixtures/telnet-replay.ts';
import { type Action, bytesOf, textOf } from '../machine.ts';
import { TelnetGrammar } from './grammar.ts';
import { TelnetMachine } from './machine.ts';

const NEGOTIATE = '\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03';
const eucJp = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const WAYS = [0xff, 0xf1].map(b => String.fromCharCode(b)).join('');
const SCRIPTS: readonly Script[] = [
  {
    name: 'a wrong pair',
    parts: [`${NEGOTIATE}login: `, 'admin\r\nPassword: ', '\r\nLogin incorrect\r\nlogin: '],
    outcome: 'REJECT',
  },
  {
    name: 'a right pair',
    parts: [`${NEGOTIATE}login: `, 'admin\r\nPassword: ', '\r\nBusyBox v1\r\n# '],
    outcome: 'ACCEPT',
  },
  {
    name: 'last failed login on success',
    parts: ['login: ', 'Password: ', '\r\nLast failed login: Mon from 192.0.2.1\r\n$ '],
    outcome: 'ACCEPT',
  },
  {
    name: 'commands in every gap',
    parts: [
      `${WAYS}\xff\xfa\x18\x01\xff\xff\x02\xff\xf0lo${WAYS}gin: ${WAYS}`,
      `Pass\x00word: ${WAYS}`,
      '\r\nfailed\r\nlogin:',
    ],
    outcome: 'REJECT',
  },
  {
    name: 'colours',
    parts: ['\x1b[2J\x1b[1;32mlogin:\x1b[0m ', '\x1b]0;title\x07Password: ', '\r\n\x1b(B\x1b[31mrouter#\x1b[m '],
    outcome: 'ACCEPT',
  },
  {
    name: 'Cisco-like prompts with an angle',
    parts: ['\r\nUsername>', 'Password>', '\r\n% Bad passwords\r\n\r\nUsername>'],
    outcome: 'REJECT',
  },
  {
    name: 'Japanese in EUC-JP',
    parts: [
      `${eucJp('a5e6a1bca5b6')}:`,
      `${eucJp('a5d1a5b9a5efa1bca5c9')}:`,
      `\r\n${eucJp('a5d1a5b9a5efa1bca5c9')}${eucJp('b0e3a4a4a4dea4b9')}\r\n`,
    ],
    outcome: 'REJECT',
  },
  {
    name: 'Japanese in UTF-8 with a full-width colon',
    parts: [utf8('ログインＩＤ：'), utf8('パスワード：'), '\r\n# '],
    outcome: 'ACCEPT',
  },
  {
    name: 'a shell prompt in a rejecting line',
    parts: ['login: ', 'Password: ', '\r\nAccess denied # '],
    outcome: 'REJECT',
  },
  {
    name: 'a rejecting line, then a prompt of a shell',
    parts: ['login: ', 'Password: ', '\r\nAuthentication failed\r\n# '],
    outcome: 'NO_VERDICT',
  },
  { name: 'a progress of per cent', parts: ['login: ', 'Password: ', '\r\nloading 100%'], outcome: 'NO_VERDICT' },
  { name: 'markup', parts: ['login: ', 'Password: ', '\r\n<html>'], outcome: 'NO_VERDICT' },
  {
    name: 'a forced change of password',
    parts: ['login: ', 'Password: ', '\r\nNew password: '],
    outcome: 'NO_VERDICT',
  },
  { name: 'nothing after the password', parts: ['login: ', 'Password: ', '\r\n'], outcome: 'IDLE_AFTER_SEND' },
  {
    name: 'a lockout',
    parts: ['login: ', 'Password: ', '\r\nToo many failures, try again later\r\nlogin: '],
    outcome: 'LOCKOUT',
  },
  { name: 'a bare close', parts: ['login: ', 'Password: ', ''], ending: 'end', outcome: 'CLOSED_AFTER_PASSWORD' },
  {
    name: 'words, then a reset',
    parts: ['login: ', 'Password: ', '\r\nLogin incorrect\r\n'],
    ending: 'reset',
    outcome: 'REJECT',
  },
  {
    name: 'a shell that closes at once',
    parts: ['login: ', 'Password: ', '\r\n# '],
    ending: 'end',
    outcome: 'CLOSED_AFTER_PASSWORD',
  },
  { name: 'an unknown user', parts: ['login: ', 'No such user\r\nlogin: '], outcome: 'USER_REJECTED' },
  { name: 'no password asked', parts: ['login: ', '\r\n# '], outcome: 'OPEN_SESSION' },
  { name: 'a shell at once', parts: ['\r\nBusyBox\r\n~ # '], outcome: 'OPEN_SESSION', identify: true },
  {
    name: 'a menu before any login',
    parts: ['1. English\r\n2. Nihongo\r\nSelect: '],
    outcome: 'NO_PROMPT',
    identify: true,
  },
  { name: 'art and a login', parts: ['####\r\n# > #\r\n#$%>\r\nlogin: '], outcome: 'LOGIN_PROMPT', identify: true },
  { name: 'art alone', parts: ['\r\n# ### #\r\n########'], outcome: 'NO_PROMPT', identify: true },
  {
    name: 'a sentence with a login in it',
    parts: ['Do not login: this is private.\r\n'],
    outcome: 'NO_PROMPT',
    identify: true,
  },
  { name: 'negotiation only', parts: [NEGOTIATE], outcome: 'NO_PROMPT', identify: true },
  { name: 'nothing', parts: [''], outcome: 'SILENT', identify: true },
  { name: 'a reset before a word', parts: [''], ending: 'reset', outcome: 'BUSY', identify: true },
  { name: 'a close before a word', parts: [''], ending: 'end', outcome: 'CLOSED_EARLY', identify: true },
  {
    name: 'too many connections',
    parts: ['Too many connections\r\n'],
    ending: 'end',
    outcome: 'LOCKOUT',
    identify: true,
  },
];

test('each conversation has its outcome', () => {
  for (const script of SCRIPTS) assert.equal(replay(script, whole).outcome, script.outcome, script.name);
});

test('one outcome and the same lines sent, however the transcript is split', () => {
  for (const script of SCRIPTS) {
    const expected = replay(script, whole);
    const longest = Math.max(...script.parts.map(part => part.length));
    for (let at = 1; at < longest; at++)
      assert.deepEqual(
        replay(script, text => [text.slice(0, at), text.slice(at)].filter(s => s !== '')),
        expected,
        `${script.name} at ${at}`,
      );
    assert.deepEqual(
      replay(script, text => [...text]),
      expected,
      `${script.name} in single bytes`,
    );
  }
  fc.assert(
    fc.property(
      fc.constantFrom(...SCRIPTS),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
      (script, sizes) => {
        const expected = replay(script, whole);
        const cut = (text: string) => {
          const pieces: string[] = [];
          for (let at = 0, i = 0; at < text.length; i++) {
            const size = sizes[i % sizes.length] as number;
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          return pieces;
        };
        assert.deepEqual(replay(script, cut), expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('random bytes never crash it, never leave the grammar, never make it answer without end', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .constantFrom(
          '\xff\xfb\x01',
          '\xff',
          '\xff\xfa',
          '\xff\xf0',
          'login: ',
          'Password: ',
          '# ',
          '\x1b[',
          '\r\n',
          'incorrect',
        )
        .map(bytesOf),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(noise, fc.boolean(), (chunks, withPair) => {
      const machine = new TelnetMachine(10);
      const grammar = new TelnetGrammar();
      let bytes = 0;
      let finished = false;
      const take = (actions: readonly Action[]) => {
        for (const action of actions) {
          if (finished) return;
          if (action.do === 'finish') finished = true;
          if (action.do === 'login') {
            if (withPair) grammar.permit(PAIR);
            take(machine.onCredential(withPair ? PAIR : null));
          }
          if (action.do !== 'send') continue;
          assert.ok(grammar.allows(action.bytes));
          bytes += action.bytes.length;
        }
      };
      for (const chunk of chunks) {
        if (finished) break;
        take(machine.onData(chunk));
        take(machine.onQuiet());
      }
      assert.ok(bytes <= 96 * 3 + 'admin\r\n'.length + 'CNRY-11\r\n'.length + 2);
    }),
    { numRuns: 500 },
  );
});

test('says what the device is before it takes a pair, and asks for a pair once', () => {
  const machine = new TelnetMachine(10);
  machine.onData(bytesOf('SV-5 login: '));
  assert.deepEqual(machine.onQuiet(), [{ do: 'login' }]);
  assert.deepEqual([machine.facts().said.telnet, machine.facts().asks], ['SV-5 login: ', 'pair']);
  assert.equal(textOf((machine.onCredential(PAIR)[0] as { bytes: Uint8Array }).bytes), 'admin\r\n');
});
