import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../../record/observation.ts';
import { type Action, bytesOf, type Leaving } from '../machine.ts';
import { IDENT_LINE, lookGrammar } from './grammar.ts';
import { sshLook } from './machine.ts';

const LISTS = [
  'curve25519-sha256,ecdh-sha2-nistp256',
  'ssh-ed25519',
  'aes128-ctr',
  'aes128-ctr',
  'hmac-sha2-256',
  'hmac-sha2-256',
  'none,zlib@openssh.com',
  'none,zlib@openssh.com',
  '',
  '',
];
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const u32 = (n: number) => String.fromCharCode(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const str = (text: string) => u32(text.length) + text;
/** A packet of RFC 4253 section 6 around a payload. */
function packet(payload: string): string {
  const padding = 4 + ((8 - ((5 + payload.length + 4) % 8)) % 8);
  return u32(1 + payload.length + padding) + String.fromCharCode(padding) + payload + '\0'.repeat(padding);
}
const kexInit = (lists: readonly string[] = LISTS, cookie = 'c') =>
  packet(`\x14${cookie.repeat(16)}${lists.map(str).join('')}\0\0\0\0\0`);
const disconnect = (reason: number, words: string) => packet(`\x01${u32(reason)}${str(words)}${str('')}`);
const IDENT = 'SSH-2.0-fictional_1.0\r\n';
const with0 = (kex: string) => [kex, ...LISTS.slice(1)];

interface Script {
  readonly name: string;
  readonly said: string;
  readonly ending?: Leaving;
  readonly outcome: Outcome;
  /** Whether we say who we are. */
  readonly greets: boolean;
}

const SCRIPTS: readonly Script[] = [
  { name: 'a server', said: IDENT + kexInit(), outcome: 'LOGIN_PROMPT', greets: true },
  { name: 'a comment', said: `SSH-2.0-fictional_1.0 HR-200\n${kexInit()}`, outcome: 'LOGIN_PROMPT', greets: true },
  { name: 'both versions', said: `SSH-1.99-fictional_1.0\r\n${kexInit()}`, outcome: 'LOGIN_PROMPT', greets: true },
  { name: 'only version 1', said: 'SSH-1.5-fictional_1.0\r\n', outcome: 'KEX_UNSUPPORTED', greets: false },
  {
    name: 'lines before it',
    said: `Authorised users only.\r\n\r\n${utf8('許可された方のみ')}\n${IDENT}${kexInit()}`,
    outcome: 'LOGIN_PROMPT',
    greets: true,
  },
  {
    name: 'sixty lines before it',
    said: `${'x\r\n'.repeat(60)}${IDENT}${kexInit()}`,
    outcome: 'LOGIN_PROMPT',
    greets: true,
  },
  { name: 'a hundred lines before it', said: `${'x\r\n'.repeat(100)}${IDENT}`, outcome: 'NOT_PROTOCOL', greets: false },
  { name: 'a line without end', said: 'x'.repeat(5_000), outcome: 'NOT_PROTOCOL', greets: false },
  {
    name: 'an identification of 255',
    said: `SSH-2.0-${'x'.repeat(245)}\r\n${kexInit()}`,
    outcome: 'LOGIN_PROMPT',
    greets: true,
  },
  {
    name: 'an identification of 256',
    said: `SSH-2.0-${'x'.repeat(246)}\r\n${kexInit()}`,
    outcome: 'NOT_PROTOCOL',
    greets: false,
  },
  { name: 'telnet', said: '\xff\xfd\x18\xff\xfb\x01login: ', outcome: 'NOT_PROTOCOL', greets: false },
  { name: 'a greeting of something else', said: '220 ready\r\n', outcome: 'NOT_PROTOCOL', greets: false },
  { name: 'nothing', said: '', outcome: 'SILENT', greets: false },
  { name: 'a reset before a word', said: '', ending: 'reset', outcome: 'BUSY', greets: false },
  { name: 'a close before a word', said: '', ending: 'end', outcome: 'BUSY', greets: false },
  { name: 'full', said: 'Exceeded MaxStartups\r\n', ending: 'end', outcome: 'BUSY', greets: false },
  { name: 'angry', said: 'Not allowed at this time\r\n', ending: 'end', outcome: 'LOCKOUT', greets: false },
  { name: 'full, in its own words', said: IDENT + disconnect(12, ''), outcome: 'BUSY', greets: true },
  { name: 'a disconnect', said: IDENT + disconnect(2, 'bye'), outcome: 'CLOSED_EARLY', greets: true },
  { name: 'no offer', said: IDENT, outcome: 'DEADLINE', greets: true },
  { name: 'a close after the identification', said: IDENT, ending: 'end', outcome: 'CLOSED_EARLY', greets: true },
  {
    name: 'a remark before the offer',
    said: IDENT + packet(`\x02${str('x')}`) + kexInit(),
    outcome: 'LOGIN_PROMPT',
    greets: true,
  },
  {
    name: 'a remark too many',
    said: IDENT + packet(`\x02${str('x')}`).repeat(20),
    outcome: 'NOT_PROTOCOL',
    greets: true,
  },
  { name: 'an offer in halves', said: IDENT + kexInit().slice(0, 60), outcome: 'DEADLINE', greets: true },
  { name: 'a packet of 40,000', said: `${IDENT}${u32(40_004)}`, outcome: 'NOT_PROTOCOL', greets: true },
  {
    name: 'a list longer than the offer',
    said: IDENT + packet(`\x14${'c'.repeat(16)}${u32(1_000)}`),
    outcome: 'NOT_PROTOCOL',
    greets: true,
  },
  {
    name: 'a list of four gigabytes',
    said: IDENT + packet(`\x14${'c'.repeat(16)}\xff\xff\xff\xff`),
    outcome: 'NOT_PROTOCOL',
    greets: true,
  },
  {
    name: 'nothing in common',
    said: IDENT + kexInit(with0('post-quantum-only')),
    outcome: 'KEX_UNSUPPORTED',
    greets: true,
  },
  {
    name: 'only old ones',
    said: IDENT + kexInit(with0('diffie-hellman-group1-sha1')),
    outcome: 'LOGIN_PROMPT',
    greets: true,
  },
  { name: 'more after the offer', said: `${IDENT}${kexInit()}\xff\xff\xff`, outcome: 'LOGIN_PROMPT', greets: true },
];

function replay(script: Script, cut: (text: string) => readonly string[]) {
  const machine = sshLook();
  const grammar = lookGrammar();
  let outcome: Outcome | undefined;
  let sent = 0;
  const take = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (outcome) return;
      assert.ok(action.do === 'finish' || action.do === 'send', script.name);
      if (action.do === 'finish') outcome = action.outcome;
      else {
        assert.ok(grammar.allows(action.bytes), script.name);
        sent++;
      }
    }
  };
  take(machine.start());
  for (const piece of cut(Buffer.from(script.said, 'latin1').toString('latin1')))
    if (!outcome) take(machine.onData(bytesOf(piece)));
  if (!outcome && script.ending) take(machine.onClose(script.ending));
  if (!outcome) take(machine.onDeadline());
  assert.ok(outcome, script.name);
  const { said, asks, identity, memory } = machine.facts();
  return { outcome, sent, said, asks, identity, memory };
}

const whole = (text: string) => (text === '' ? [] : [text]);

test('each opening has its outcome', () => {
  for (const script of SCRIPTS) {
    const { outcome, sent, asks, memory } = replay(script, whole);
    assert.deepEqual([outcome, sent], [script.outcome, script.greets ? 1 : 0], script.name);
    assert.equal(asks, outcome === 'LOGIN_PROMPT' ? 'pair' : null, script.name);
    assert.equal(memory !== undefined, outcome === 'LOGIN_PROMPT', script.name);
  }
});

test('the same, however the bytes are split', () => {
  for (const script of SCRIPTS) {
    const expected = replay(script, whole);
    const text = script.said;
    for (let at = 1; at < Math.min(text.length, 600); at++)
      assert.deepEqual(
        replay(script, () => [text.slice(0, at), text.slice(at)]),
        expected,
        `${script.name} at ${at}`,
      );
    assert.deepEqual(
      replay(script, all => [...all]),
      expected,
      `${script.name} in single bytes`,
    );
  }
});

test('the identification is told; the same server is the same, another offer is another server', () => {
  const look = (said: string) => replay({ name: '', said, outcome: 'LOGIN_PROMPT', greets: true }, whole);
  const one = look(IDENT + kexInit());
  assert.deepEqual(one.said, { ssh: 'SSH-2.0-fictional_1.0' });
  assert.equal(look(IDENT + kexInit(LISTS, 'd')).identity, one.identity, 'the cookie is new each time');
  assert.notEqual(look(IDENT + kexInit(with0('curve25519-sha256'))).identity, one.identity);
  assert.notEqual(look(`SSH-2.0-other\r\n${kexInit()}`).identity, one.identity);
});

test('random bytes end in an outcome, and are answered with one identification at most', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.constantFrom(IDENT, 'SSH-2.0-', '\r\n', 'x\n', '\0\0\0\x0c\x06\x14', kexInit().slice(0, 40)).map(bytesOf),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(noise, fc.constantFrom('end', 'reset', undefined), (chunks, how) => {
      const machine = sshLook();
      const grammar = lookGrammar();
      let finished = false;
      const take = (actions: readonly Action[]) => {
        for (const action of actions) {
          if (finished) return;
          if (action.do === 'finish') finished = true;
          else assert.ok(action.do === 'send' && grammar.allows(action.bytes));
        }
      };
      for (const chunk of chunks) if (!finished) take(machine.onData(chunk));
      if (!finished) take(how ? machine.onClose(how) : machine.onDeadline());
      assert.ok(finished);
    }),
    { numRuns: 500 },
  );
});

test('the grammar of a look is our identification, once', () => {
  const grammar = lookGrammar();
  for (const text of ['', 'SSH-2.0-other\r\n', 'help\r\n', kexInit()])
    assert.equal(grammar.allows(bytesOf(text)), false);
  assert.ok(grammar.allows(IDENT_LINE));
  assert.equal(grammar.allows(IDENT_LINE), false);
});
