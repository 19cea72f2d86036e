/**
 * Whole conversations as devices hold them, each with the one outcome it must have: split every way, and with every telnet
 * command in every place where a peer may put one. The makers are invented; the manners are not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertWithinGrammar, PAIR, replay, type Script, whole } from '../../../../test/fixtures/telnet-replay.ts';
import { type Action, bytesOf, textOf } from '../machine.ts';
import { TelnetGrammar } from './grammar.ts';
import { TelnetMachine } from './machine.ts';

const hex = (text: string) => Buffer.from(text, 'hex').toString('latin1');
const LINUX = '\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27\xff\xfb\x01\xff\xfb\x03';
const SMALL = '\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f';
/** Shift_JIS and EUC-JP: user name, password, wrong password, welcome. */
const SJIS = {
  user: hex('8386815b835596bc8146'),
  password: hex('83708358838f815b83688146'),
  wrong: hex('83708358838f815b836882aa88e182a282dc82b7'),
  locked: hex('838d8362834e82b382ea82c482a282dc82b78142'),
  welcome: hex('82e682a482b182bb'),
};
const EUC = {
  login: hex('a5eda5b0a5a4a5f3a1a7'),
  password: hex('a5d1a5b9a5efa1bca5c9a1a7'),
  failed: hex('c7a7bedaa4cbbcbac7d4a4b7a4dea4b7a4bf'),
};
const MENU = '\r\n  1. Status\r\n  2. Network\r\n  3. Reboot\r\n  0. Logout\r\n\r\nSelection: ';
const FRAME = '\x1b[2J\x1b[1;1H\x1b[0;44m                \x1b[0m\x1b[3;5H';

const script = (
  name: string,
  parts: readonly string[],
  outcome: Script['outcome'],
  more: Pick<Script, 'ending' | 'identify'> = {},
): Script => ({ name, parts, outcome, ...more });

const CORPUS: readonly Script[] = [
  script(
    'a small Linux, refused',
    [`${LINUX}\r\nhn4 login: `, 'admin\r\nPassword: ', '\r\nLogin incorrect\r\nhn4 login: '],
    'REJECT',
  ),
  script(
    'a small Linux, in',
    [`${LINUX}\r\nhn4 login: `, 'admin\r\nPassword: ', '\r\n\r\n\r\nBusyBox v1.19 built-in shell (ash)\r\n\r\n~ # '],
    'ACCEPT',
  ),
  script(
    'no echo of the user',
    [`${SMALL}Username: `, 'Password: ', '\r\n% Authentication failed\r\nUsername: '],
    'REJECT',
  ),
  script(
    'an echo that comes late',
    ['login: ', 'ad', 'min\r\n', 'Password: ', '\r\n', 'Login incorrect\r\nlogin: '],
    'REJECT',
  ),
  script(
    'a router with an angle',
    ['\r\nUser Access Verification\r\n\r\nUsername>', 'admin\r\npassword>', '\r\nrouter>'],
    'ACCEPT',
  ),
  script(
    'a router with an angle, refused',
    ['\r\nUsername>', 'admin\r\npassword>', '\r\n% Bad passwords\r\nUsername>'],
    'REJECT',
  ),
  script(
    'a switch in brackets',
    ['\r\nLogin authentication\r\n\r\nUsername:', 'admin\r\nPassword:', '\r\n<SW-12>'],
    'NO_VERDICT',
  ),
  script('a switch with a bracket at the end', ['Username:', 'Password:', '\r\n[SW-12]'], 'NO_VERDICT'),
  script('a prompt with a bracket and a mark', ['login: ', 'Password: ', '\r\n[admin@cam ~]# '], 'ACCEPT'),
  script('password alone, refused', ['\r\nPassword: ', '\r\nPassword: '], 'REJECT'),
  script('password alone, refused in words', ['\r\nPassword: ', '\r\nBad password!\r\n'], 'REJECT', { ending: 'end' }),
  script('password alone, in', ['Enter password: ', '\r\n> '], 'ACCEPT'),
  script('a PIN', ['PIN: ', '\r\nwrong PIN\r\nPIN: '], 'REJECT'),
  script(
    'user in Shift_JIS, refused',
    [`\r\n${SJIS.user}`, `admin\r\n${SJIS.password}`, `\r\n${SJIS.wrong}\r\n${SJIS.user}`],
    'REJECT',
  ),
  script('user in Shift_JIS, in', [`\r\n${SJIS.user}`, SJIS.password, `\r\n${SJIS.welcome}\r\ngw# `], 'ACCEPT'),
  script('locked in Shift_JIS', [SJIS.user, SJIS.password, `\r\n${SJIS.locked}\r\n`], 'LOCKOUT'),
  script(
    'user in EUC-JP, refused',
    [EUC.login, `admin\r\n${EUC.password}`, `\r\n${EUC.failed}\r\n${EUC.login}`],
    'REJECT',
  ),
  script('user in EUC-JP, in', [EUC.login, EUC.password, '\r\n$ '], 'ACCEPT'),
  script('a menu after the password', ['login: ', 'password: ', MENU], 'ACCEPT'),
  script(
    'a menu in colours',
    [
      `${FRAME}User Name : `,
      `${FRAME}Password  : `,
      `${FRAME}\x1b[32m1\x1b[0m) WAN\r\n\x1b[32m2\x1b[0m) LAN\r\nYour choice: `,
    ],
    'ACCEPT',
  ),
  script(
    'a frame that refuses',
    [`${FRAME}User Name : `, `${FRAME}Password  : `, `${FRAME}\x1b[31mAccess denied\x1b[0m\r\nUser Name : `],
    'REJECT',
  ),
  script(
    'a key first',
    ['\x1b[HPress any key to continue', '\r\nUsername: ', 'Password: ', '\r\nLogin invalid\r\n'],
    'REJECT',
  ),
  script(
    'ENTER first',
    ['Hit <Enter> to log in.', '\r\nlogin: ', 'admin\r\nPassword: ', '\r\nadmin@nas:~$ '],
    'ACCEPT',
  ),
  script('too many tries', ['login: ', 'Password: ', '\r\nToo many login attempts. Try again in 300 s >'], 'LOCKOUT', {
    ending: 'end',
  }),
  script('a locked account', ['login: ', 'Password: ', '\r\nAccount locked.\r\nlogin: '], 'LOCKOUT'),
  script('a user nobody knows', ['login: ', 'admin\r\nunknown user\r\nlogin: '], 'USER_REJECTED'),
  script('in by the user alone', ['login: ', 'admin\r\n$ '], 'OPEN_SESSION'),
  script(
    'a password that must be changed',
    ['login: ', 'Password: ', '\r\nYour password has expired.\r\nEnter new password: '],
    'NO_VERDICT',
  ),
  script(
    'history on a success',
    [
      'login: ',
      'Password: ',
      '\r\nLast failed login: Tue Mar 3 from 192.0.2.9\r\nThere were 4 failed login attempts since the last successful login.\r\nadmin@gw> ',
    ],
    'ACCEPT',
  ),
  script('a slow check, then silence', ['login: ', 'Password: ', '\r\nVerifying'], 'NO_VERDICT'),
  script('closes after the password', ['login: ', 'Password: ', '\r\n'], 'CLOSED_AFTER_PASSWORD', { ending: 'end' }),
  script('resets after the password', ['login: ', 'Password: ', ''], 'CLOSED_AFTER_PASSWORD', { ending: 'reset' }),
  script('closes on the user', ['login: ', 'admin\r\n'], 'CLOSED_EARLY', { ending: 'end' }),
  script(
    'a motto of prompts',
    [
      '\r\n*** # > $ % ***\r\n100% yours >\r\n\r\nlogin: ',
      'admin\r\nPassword: ',
      '\r\nincorrect password\r\n\r\nlogin: ',
    ],
    'REJECT',
  ),
  script('a shell for anybody', [`${SMALL}\r\nWelcome\r\n/ # `], 'OPEN_SESSION', { identify: true }),
  script('a login, looked at', [`${LINUX}\r\nLocal time 12:34:56\r\nDVR login: `], 'LOGIN_PROMPT', { identify: true }),
  script('a password, looked at', ['Password:'], 'LOGIN_PROMPT', { identify: true }),
  script('a menu for anybody', [MENU], 'NO_PROMPT', { identify: true }),
  script('a line that is full', ['Sorry, too many connections. Try again later.\r\n'], 'LOCKOUT', {
    identify: true,
    ending: 'end',
  }),
  script('negotiation alone', [LINUX], 'NO_PROMPT', { identify: true }),
];

/** What a peer may put anywhere between two bytes of its text. */
const ANYWHERE = [
  '\xff\xf1',
  '\xff\xf6',
  '\xff\xf9',
  '\xff\xfb\x01',
  '\xff\xfd\x18',
  '\xff\xfc\x05\xff\xfe\x06',
  '\xff\xfa\x18\x01\xff\xf0',
  '\xff\xfa\x22\x03\x01\xff\xff\x02\xff\xf0',
  Array.from({ length: 8 }, (_, i) => `\xff\xfb${String.fromCharCode(i)}\xff\xfc${String.fromCharCode(i)}`).join(''),
  '\xff\xfd\x27'.repeat(16),
  '\0',
];
/** Only once in a part: it swallows what follows it until there is silence. */
const UNENDED = '\xff\xfa\x18\x01';
const STRAY = '\xff';

const bytewise = (part: string) => [...part];
/** Pieces of these sizes, over and over. */
const sized = (sizes: readonly number[]) => (part: string) => {
  const pieces: string[] = [];
  for (let at = 0, n = 0; at < part.length; n++) {
    const size = sizes[n % sizes.length] as number;
    pieces.push(part.slice(at, at + size));
    at += size;
  }
  return pieces;
};
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 24 });

test('forty conversations, forty outcomes', () => {
  assert.ok(CORPUS.length >= 30);
  for (const each of CORPUS) assert.equal(replay(each, whole).outcome, each.outcome, each.name);
});

test('every split in two, every byte alone, and random pieces change nothing', () => {
  for (const each of CORPUS) {
    const expected = replay(each, whole);
    assert.deepEqual(replay(each, bytewise), expected, `${each.name} in single bytes`);
    each.parts.forEach((part, which) => {
      for (let at = 1; at < part.length; at++) {
        const cut = (text: string, n: number) => (n === which ? [text.slice(0, at), text.slice(at)] : whole(text));
        assert.deepEqual(replay(each, cut), expected, `${each.name}: part ${which} at ${at}`);
      }
    });
  }
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS), sizes, (each, pieces) => {
      assert.deepEqual(replay(each, sized(pieces)), replay(each, whole));
    }),
    { numRuns: 500 },
  );
});

/** A character of text, or a whole command. */
const atomsOf = (part: string) => part.match(/\xff[\xfb-\xfe][\s\S]|[\s\S]/g) ?? [];

test('telnet commands in any place, ended or not, change nothing, however they are split', () => {
  const places = fc.array(fc.tuple(fc.nat(400), fc.constantFrom(...ANYWHERE)), { maxLength: 4 });
  const unended = fc.option(fc.nat(400), { nil: undefined });
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS), places, unended, fc.boolean(), sizes, (each, put, open, stray, pieces) => {
      const parts = each.parts.map((part, n) => {
        const atoms = atomsOf(part);
        const room = atoms.length + 1;
        if (open !== undefined && part !== '') atoms.splice(open % room, 0, UNENDED);
        for (const [place, command] of put) atoms.splice(place % room, 0, command);
        return atoms.join('') + (stray && n < each.parts.length - 1 ? STRAY : '');
      });
      assert.deepEqual(replay({ ...each, parts }, sized(pieces)), replay(each, whole), each.name);
    }),
    { numRuns: 1_500 },
  );
});

test('a peer that negotiates without end is told from one that negotiates much', () => {
  const storm = (times: number) => '\xff\xfb\x22\xff\xfc\x22'.repeat(times);
  for (const cut of [whole, bytewise, sized([7])]) {
    const much = script('much', [`${storm(200)}login: `], 'LOGIN_PROMPT', { identify: true });
    assert.equal(replay(much, cut).outcome, 'LOGIN_PROMPT');
    assert.equal(replay({ ...much, parts: [storm(300)] }, cut).outcome, 'NEGOTIATION_LOOP');
  }
});

const noise = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .constantFrom(
        ...ANYWHERE,
        ...[
          '\xff',
          UNENDED,
          '\xff\xf0',
          'login: ',
          'Password: ',
          '# ',
          '> ',
          '\x1b[',
          '\x1b]',
          '\r\n',
          'incorrect',
          MENU,
        ],
        ...[SJIS.user, EUC.password, 'Press any key', 'locked', '\xff\xff'],
      )
      .map(bytesOf),
  ),
  { maxLength: 80 },
);

test('any bytes end in some outcome, in bounded time, and never leave the grammar', () => {
  fc.assert(
    fc.property(noise, fc.boolean(), fc.boolean(), (chunks, withPair, quiets) => {
      const machine = new TelnetMachine(10);
      const grammar = new TelnetGrammar();
      let sent = '';
      let outcome = '';
      const take = (actions: readonly Action[]) => {
        for (const action of actions) {
          if (outcome !== '') return;
          if (action.do === 'finish') outcome = action.outcome;
          if (action.do === 'login') {
            if (withPair) grammar.permit(PAIR);
            take(machine.onCredential(withPair ? PAIR : null));
          }
          if (action.do !== 'send') continue;
          assert.ok(grammar.allows(action.bytes));
          sent += textOf(action.bytes);
        }
      };
      for (const chunk of chunks) {
        if (outcome !== '') break;
        take(machine.onData(chunk));
        if (quiets) take(machine.onQuiet());
      }
      take(machine.onDeadline());
      assert.notEqual(outcome, '');
      assertWithinGrammar(sent, withPair);
    }),
    { numRuns: 1_000 },
  );
});

test('the longest greeting, byte by byte, costs no more than its length', () => {
  for (const fill of ['# ', 'login: x', '\xff\xf1', '\xff\xfa', '\x1b[', ': ', '1. a\r\n', `${'a'.repeat(60)} `]) {
    const machine = new TelnetMachine(10);
    const text = bytesOf(fill.repeat(Math.ceil(machine.maxBytes / fill.length)).slice(0, machine.maxBytes));
    const began = performance.now();
    for (const byte of text) machine.onData(Uint8Array.of(byte));
    machine.onQuiet();
    machine.onDeadline();
    assert.ok(performance.now() - began < 2_000, JSON.stringify(fill));
    assert.ok((machine.facts().said.telnet?.length ?? 0) <= 4_096);
  }
});
