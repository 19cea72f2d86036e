import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../../record/observation.ts';
import { type Action, bytesOf, type Credential, type Leaving, textOf } from '../machine.ts';
import { ftpDriver } from './driver.ts';

const PAIR: Credential = { user: 'admin', password: 'CNRY-11' };
const sjis = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
/** パスワードが違います in Shift_JIS; its second bytes hold a backslash. */
const WRONG_JA = sjis('8370835c83938d8688e182a282dc82b7');
const LOCKED_JA = sjis('8341834a8341838d8362834e');

/** What the peer says before each of our lines and after the last; then silence, or it leaves. */
interface Script {
  readonly name: string;
  readonly parts: readonly string[];
  readonly leaves?: Leaving;
  readonly outcome: Outcome;
  /** Lines it must have got from us; both when not said. */
  readonly lines?: 0 | 1;
  readonly look?: true;
}

const HI = '220 FTP ready\r\n';
const ASK = '331 Password required\r\n';
const SCRIPTS: readonly Script[] = [
  { name: 'a wrong pair', parts: [HI, ASK, '530 Login incorrect.\r\n'], outcome: 'REJECT' },
  { name: 'a right pair', parts: [HI, ASK, '230 Login successful.\r\n'], outcome: 'ACCEPT' },
  {
    name: 'long banners, every line another form',
    parts: [
      '220---- Welcome ----\r\n220-You are 3 of 50.\n 530 not this\r\n\r\n331 nor this\r\n220 Ready\r\n',
      '331-\r\n331 Password\r\n',
      '230-Too many failed logins lock the account.\r\n530 Login incorrect\r\n230-\r\n230 OK\r\n',
    ],
    outcome: 'ACCEPT',
  },
  {
    name: 'negotiation in every gap',
    parts: ['\xff\xfb\x01\xff\xfd\x18220 re\xff\xf1ady\r\0\n', '33\xff\xfd\x031 x\r\n\xff\xf1', '53\0\xff\xf10 no\r\n'],
    outcome: 'REJECT',
  },
  { name: 'no line end anywhere', parts: ['220 ready', '331 password', '530 no'], outcome: 'REJECT' },
  { name: 'Shift_JIS', parts: [`220 ${WRONG_JA}\n`, `331 ${WRONG_JA}\n`, `530 ${WRONG_JA}\n`], outcome: 'REJECT' },
  { name: 'locked, in Shift_JIS', parts: [HI, ASK, `530 ${LOCKED_JA}\r\n`], outcome: 'LOCKOUT' },
  { name: 'a promise first', parts: [`120 wait\r\n${HI}`, ASK, '150 hm\r\n530 no\r\n'], outcome: 'REJECT' },
  { name: 'a greeting twice', parts: [HI + HI, HI + ASK + ASK, '530 no\r\n'], outcome: 'REJECT' },
  { name: 'a late second 331', parts: [HI, ASK, `${ASK}230 ok\r\n`], outcome: 'ACCEPT' },
  { name: 'locked', parts: [HI, ASK, '530 Account locked.\r\n'], outcome: 'LOCKOUT' },
  { name: 'too many tries', parts: [HI, ASK, '530 Too many login failures\r\n'], outcome: 'LOCKOUT' },
  { name: '421 after the password', parts: [HI, ASK, '421 Service not available\r\n'], outcome: 'THROTTLED' },
  { name: '421 too many', parts: [HI, ASK, '421 Too many attempts\r\n'], leaves: 'end', outcome: 'LOCKOUT' },
  { name: '421 because of the time', parts: [HI, ASK, '421 Login timeout\r\n'], outcome: 'NO_VERDICT' },
  { name: 'an account as well', parts: [HI, ASK, '332 Need account\r\n'], outcome: 'NO_VERDICT' },
  { name: 'superfluous', parts: [HI, ASK, '202 Superfluous\r\n'], outcome: 'NO_VERDICT' },
  { name: 'a failed home folder', parts: [HI, ASK, '500 OOPS: cannot change directory\r\n'], outcome: 'NO_VERDICT' },
  { name: 'TLS asked for', parts: [HI, ASK, '530 SSL/TLS required on this server\r\n'], outcome: 'NO_VERDICT' },
  { name: 'half an answer', parts: [HI, ASK, '230-Welcome\r\n'], outcome: 'NO_VERDICT' },
  { name: 'a bare code without its end', parts: [HI, ASK, '230'], outcome: 'NO_VERDICT' },
  {
    name: 'half an answer, then gone',
    parts: [HI, ASK, '230-Welcome\r\n'],
    leaves: 'end',
    outcome: 'CLOSED_AFTER_PASSWORD',
  },
  { name: 'no answer', parts: [HI, ASK, ''], outcome: 'IDLE_AFTER_SEND' },
  { name: 'gone after the password', parts: [HI, ASK, ''], leaves: 'end', outcome: 'CLOSED_AFTER_PASSWORD' },
  { name: 'refused and gone in mid-line', parts: [HI, ASK, '530 no'], leaves: 'reset', outcome: 'REJECT' },
  { name: 'no password needed', parts: [HI, '230 Logged in\r\n'], outcome: 'OPEN_SESSION', lines: 1 },
  { name: 'logged in and gone', parts: [HI, '230 Logged in\r\n'], leaves: 'end', outcome: 'CLOSED_EARLY', lines: 1 },
  { name: 'an unknown user', parts: [HI, '530 No such user\r\n'], outcome: 'USER_REJECTED', lines: 1 },
  { name: 'a user refused without TLS', parts: [HI, '530 Must use encryption\r\n'], outcome: 'NO_VERDICT', lines: 1 },
  { name: 'an account for the user', parts: [HI, '332 Need account\r\n'], outcome: 'NO_VERDICT', lines: 1 },
  { name: 'an answer before its question', parts: [HI, '331 a\r\n230 b\r\n'], outcome: 'NO_VERDICT', lines: 1 },
  { name: 'USER not understood', parts: [HI, '500 What?\r\n'], outcome: 'NO_VERDICT', lines: 1 },
  { name: '421 at USER', parts: [HI, `${ASK}421 bye\r\n`], outcome: 'THROTTLED', lines: 1 },
  { name: 'gone at USER', parts: [HI, ''], leaves: 'reset', outcome: 'CLOSED_EARLY', lines: 1 },
  { name: 'silent at USER', parts: [HI, ''], outcome: 'IDLE_AFTER_SEND', lines: 1 },
  { name: 'a look', parts: [HI], outcome: 'LOGIN_PROMPT', look: true },
  { name: 'too many users', parts: ['421 Too many connected users\r\n'], outcome: 'LOCKOUT', look: true },
  { name: 'closed for now', parts: ['421 Service not available\r\n'], leaves: 'end', outcome: 'THROTTLED', look: true },
  { name: 'greeted, then sent away', parts: [`${HI}421 bye\r\n`], outcome: 'THROTTLED', look: true },
  { name: 'not from here', parts: ['530 Not allowed from your address\r\n'], outcome: 'NO_PROMPT', look: true },
  { name: 'banned', parts: ['530 You are banned\r\n'], leaves: 'end', outcome: 'LOCKOUT', look: true },
  { name: 'inside before any login', parts: ['230 Logged in\r\n'], outcome: 'NO_PROMPT', look: true },
  { name: 'two greetings that disagree', parts: [`${HI}550 no\r\n`], outcome: 'NO_PROMPT', look: true },
  { name: 'not ready yet', parts: ['120 Ready in 5 minutes\r\n'], outcome: 'NO_PROMPT', look: true },
  { name: 'mail', parts: ['220 mx ESMTP ready\r\n'], outcome: 'NOT_PROTOCOL', look: true },
  { name: 'SSH', parts: ['SSH-2.0-x\r\n'], outcome: 'NOT_PROTOCOL', look: true },
  { name: 'telnet', parts: ['\xff\xfd\x18\xff\xfb\x01login: '], outcome: 'NOT_PROTOCOL', look: true },
  { name: 'negotiation and no word', parts: ['\xff\xfd\x18'], outcome: 'SILENT', look: true },
  { name: 'negotiation without end', parts: ['\xff\xfd\x18'.repeat(600)], outcome: 'NEGOTIATION_LOOP', look: true },
  { name: 'nothing', parts: [''], outcome: 'SILENT', look: true },
  { name: 'a part of a code', parts: ['22'], outcome: 'NO_PROMPT', look: true },
  { name: 'a reset before a word', parts: [''], leaves: 'reset', outcome: 'BUSY', look: true },
  { name: 'a close before a word', parts: [''], leaves: 'end', outcome: 'CLOSED_EARLY', look: true },
  { name: 'greeted and gone', parts: [HI], leaves: 'end', outcome: 'CLOSED_EARLY', look: true },
];

const talkOf = () => ftpDriver.begin({ host: '127.0.0.1:21', agent: 'test', settleMs: 100, random: new Uint8Array(8) });

interface Replayed {
  readonly outcome: Outcome;
  readonly sent: readonly string[];
}

/** Plays a script against the machine and its grammar, as the runner would. Silence follows each part. */
function replay(script: Script, cut: (text: string) => readonly string[]): Replayed {
  const { machine, grammar } = talkOf();
  const sent: string[] = [];
  let outcome: Outcome | undefined;
  let armed = false;
  let part = 0;
  const take = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (outcome) return;
      if (action.do === 'finish') outcome = action.outcome;
      else if (action.do === 'quiet') armed = true;
      else if (action.do === 'login') {
        if (!script.look) grammar.permit(PAIR);
        take(machine.onCredential(script.look ? null : PAIR));
      } else {
        assert.ok(grammar.allows(action.bytes), `${script.name}: ${textOf(action.bytes)} is outside the grammar`);
        sent.push(textOf(action.bytes));
      }
    }
  };
  take(machine.start());
  for (; part < script.parts.length && !outcome; part++) {
    for (const piece of cut(script.parts[part] as string)) if (!outcome) take(machine.onData(bytesOf(piece)));
    if (part === script.parts.length - 1 && script.leaves && !outcome) take(machine.onClose(script.leaves));
    for (let silences = 0; armed && !outcome && silences < 2; silences++) {
      armed = false;
      take(machine.onQuiet());
    }
  }
  take(machine.onDeadline());
  assert.ok(outcome, script.name);
  return { outcome, sent };
}

const whole = (text: string) => (text === '' ? [] : [text]);

test('each conversation has its outcome, and gets the lines it asked for', () => {
  const lines = ['USER admin\r\n', 'PASS CNRY-11\r\n'];
  for (const script of SCRIPTS) {
    const { outcome, sent } = replay(script, whole);
    assert.equal(outcome, script.outcome, script.name);
    assert.deepEqual(sent, lines.slice(0, script.look ? 0 : (script.lines ?? 2)), script.name);
  }
});

test('one outcome and the same lines sent, however the transcript is split', () => {
  for (const script of SCRIPTS) {
    const expected = replay(script, whole);
    const longest = Math.min(200, Math.max(...script.parts.map(part => part.length)));
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
        const cut = (text: string) => {
          const pieces: string[] = [];
          for (let at = 0, i = 0; at < text.length; i++) {
            const size = sizes[i % sizes.length] as number;
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          return pieces;
        };
        assert.deepEqual(replay(script, cut), replay(script, whole));
      },
    ),
    { numRuns: 300 },
  );
});

test('random bytes never crash it, never leave the grammar, and nothing is claimed without the code for it', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 48 }),
      fc
        .constantFrom('220 a\r\n', '331 b\r\n', '230', '230 c\r\n', '230-', '421 ', '\r\n', '\xff\xfd\x01', '\xff\xfa')
        .map(bytesOf),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(
      noise,
      fc.boolean(),
      fc.constantFrom<Leaving | 'deadline'>('end', 'reset', 'deadline'),
      (chunks, look, end) => {
        const { machine, grammar } = talkOf();
        const sent: string[] = [];
        let heard = '';
        let outcome: Outcome | undefined;
        const take = (actions: readonly Action[]) => {
          for (const action of actions) {
            if (outcome) return;
            if (action.do === 'finish') outcome = action.outcome;
            else if (action.do === 'login') {
              if (!look) grammar.permit(PAIR);
              take(machine.onCredential(look ? null : PAIR));
            } else if (action.do === 'send') {
              assert.ok(grammar.allows(action.bytes));
              sent.push(textOf(action.bytes));
              heard = '';
            }
          }
        };
        for (const chunk of chunks) {
          if (outcome) break;
          heard += textOf(chunk);
          take(machine.onData(chunk));
          if (!outcome) take(machine.onQuiet());
        }
        if (!outcome) take(end === 'deadline' ? machine.onDeadline() : machine.onClose(end));
        assert.ok(outcome);
        assert.ok(sent.length <= (look ? 0 : 2));
        if (outcome === 'ACCEPT') assert.deepEqual([sent.length, heard.includes('230')], [2, true]);
      },
    ),
    { numRuns: 1_000 },
  );
});

// Far more than the byte cap lets in: looking at the whole again with every byte would take hours, not this long.
test('the work is linear in what the peer sends, byte by byte', { timeout: 30_000 }, () => {
  for (const unit of ['5', '220-', '\r', '500 a\r\n', '220-\n', '\xff\xf1', ' ']) {
    const { machine } = talkOf();
    const bytes = bytesOf(unit.repeat(Math.ceil(400_000 / unit.length)));
    for (let at = 0; at < bytes.length; at++)
      assert.ok(machine.onData(bytes.subarray(at, at + 1)).every(({ do: what }) => what === 'quiet'));
    machine.onQuiet();
  }
});

test('the driver tells the greeting, and the same service from another', () => {
  const look = (greeting: string) => {
    const talk = talkOf();
    talk.machine.onData(bytesOf(greeting));
    talk.machine.onQuiet();
    return talk.facts();
  };
  const facts = look('220-Camera SC-30\r\n220-User 3 of 50 at 10:20.\r\n220 Ready\r\n');
  assert.deepEqual(
    [facts.said, facts.asks],
    [{ ftp: '220-Camera SC-30\n220-User 3 of 50 at 10:20.\n220 Ready\n' }, 'pair'],
  );
  assert.equal(look('220-Camera SC-30\r\n220-User 4 of 50 at 11:59.\r\n220 Ready\r\n').identity, facts.identity);
  assert.notEqual(look('220-Recorder SC-30\r\n220-User 4 of 50 at 11:59.\r\n220 Ready\r\n').identity, facts.identity);
  assert.deepEqual([look('login: ').asks, look('').said.ftp], [null, undefined]);
});

test('accept and reject never have one shape', () => {
  const shapeOf = (answer: string) => {
    const { machine, facts } = talkOf();
    machine.onData(bytesOf(HI));
    machine.onQuiet();
    machine.onCredential(PAIR);
    machine.onData(bytesOf(ASK));
    machine.onQuiet();
    machine.onData(bytesOf(answer));
    return facts().shape;
  };
  assert.notEqual(shapeOf('230 x\r\n'), shapeOf('530 x\r\n'));
  assert.equal(shapeOf('530 x\r\n'), shapeOf('530 other words\r\n'));
});
