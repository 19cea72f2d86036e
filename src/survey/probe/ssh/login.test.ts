import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import { type Asked, type FarEnd, type FarEndOptions, farEnd } from '../../../../test/fixtures/ssh-far-end.ts';
import type { Outcome } from '../../../record/observation.ts';
import { type Action, type Credential, textOf } from '../machine.ts';
import { algorithmsFor } from './algorithms.ts';
import { IDENT_LINE } from './grammar.ts';
import { readKexInit } from './kexinit.ts';
import { sshLogin } from './login.ts';

const PAIR: Credential = { user: 'admin', password: 'CNRY-11' };
const ALGORITHMS = {
  kex: ['ecdh-sha2-nistp256', 'curve25519-sha256', 'diffie-hellman-group14-sha256'],
  serverHostKey: ['ecdsa-sha2-nistp256'],
  cipher: ['aes128-ctr', 'aes128-gcm@openssh.com'],
  mac: ['hmac-sha2-256'],
};
const METHODS = ['publickey', 'password'];
const KEYBOARD = ['publickey', 'keyboard-interactive'];

interface Script extends Partial<FarEndOptions> {
  readonly name: string;
  readonly answer: FarEndOptions['answer'];
  readonly outcome: Outcome;
  /** What it was asked, in order. */
  readonly asked: readonly string[];
  readonly ending?: 'end' | 'reset';
}

const refuse = (methods: readonly string[]) => (server: Protocol) => server.authFailure(methods, false);
const prompt = (text: string, echo = false) => ({ prompt: text, echo });
/** Answers in this order, one a question. */
const inTurn = (...turns: readonly ((server: Protocol) => void)[]) => {
  let turn = 0;
  return (_: Asked, server: Protocol) => turns[turn++]?.(server);
};
const question =
  (...prompts: ReturnType<typeof prompt>[]) =>
  (server: Protocol) =>
    server.authInfoReq('', '', prompts);
const accept = (server: Protocol) => server.authSuccess();

/** Scripts keep a turn of their own, so each conversation makes them anew. */
const scripts = (): readonly Script[] => [
  {
    name: 'a wrong password',
    answer: inTurn(refuse(METHODS), refuse(METHODS)),
    outcome: 'REJECT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'a right password',
    answer: inTurn(refuse(METHODS), accept),
    outcome: 'ACCEPT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'a right password, and a server that then asks for everything',
    answer: inTurn(refuse(METHODS), server => {
      server.authSuccess();
      server.ping();
      server.ping();
    }),
    outcome: 'ACCEPT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'new keys after a success',
    answer: inTurn(refuse(METHODS), server => {
      server.authSuccess();
      server.rekey();
    }),
    outcome: 'ACCEPT',
    asked: ['none', 'password CNRY-11'],
  },
  { name: 'no login at all', answer: inTurn(accept), outcome: 'OPEN_SESSION', asked: ['none'] },
  { name: 'keys only', answer: inTurn(refuse(['publickey'])), outcome: 'NOT_A_LOGIN', asked: ['none'] },
  { name: 'no method left', answer: inTurn(refuse([])), outcome: 'NOT_A_LOGIN', asked: ['none'] },
  {
    name: 'a key besides the password',
    answer: inTurn(refuse(METHODS), server => server.authFailure(['publickey'], true)),
    outcome: 'NO_VERDICT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'an expired password',
    answer: inTurn(refuse(METHODS), server => server.authPasswdChg('Change it')),
    outcome: 'NO_VERDICT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'one question, right',
    answer: inTurn(refuse(KEYBOARD), question(prompt('Password: ')), accept),
    outcome: 'ACCEPT',
    asked: ['none', 'keyboard-interactive', 'answers CNRY-11'],
  },
  {
    name: 'one question in Japanese, wrong',
    answer: inTurn(refuse(KEYBOARD), question(prompt('パスワード：')), refuse(KEYBOARD)),
    outcome: 'REJECT',
    asked: ['none', 'keyboard-interactive', 'answers CNRY-11'],
  },
  {
    name: 'words of PAM around a right answer',
    answer: inTurn(refuse(KEYBOARD), question(), question(prompt('Password: ')), question(), accept),
    outcome: 'ACCEPT',
    asked: ['none', 'keyboard-interactive', 'answers ', 'answers CNRY-11', 'answers '],
  },
  {
    name: 'words without end',
    answer: (asked, server) => (asked.method === 'none' ? server.authFailure(KEYBOARD, false) : question()(server)),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive', 'answers ', 'answers '],
  },
  {
    name: 'a second question',
    answer: inTurn(refuse(KEYBOARD), question(prompt('Password: ')), question(prompt('Password: '))),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive', 'answers CNRY-11'],
  },
  {
    name: 'two questions',
    answer: inTurn(refuse(KEYBOARD), question(prompt('Password: '), prompt('Password again: '))),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'a code instead of a password',
    answer: inTurn(refuse(KEYBOARD), question(prompt('Verification code: '))),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'a new password',
    answer: inTurn(refuse(KEYBOARD), question(prompt('New password: '))),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'a password that would be shown',
    answer: inTurn(refuse(KEYBOARD), question(prompt('Password: ', true))),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'a method it does not have after all',
    answer: inTurn(refuse(KEYBOARD), refuse(KEYBOARD)),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'too many, with the reply',
    answer: inTurn(refuse(METHODS), server => server.disconnect(12)),
    outcome: 'LOCKOUT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'too many connections',
    answer: inTurn(server => server.disconnect(12)),
    outcome: 'BUSY',
    asked: ['none'],
  },
  {
    name: 'a disconnect for an answer',
    answer: inTurn(refuse(METHODS), server => server.disconnect(2)),
    outcome: 'CLOSED_AFTER_PASSWORD',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'a close for an answer',
    answer: inTurn(refuse(METHODS)),
    outcome: 'CLOSED_AFTER_PASSWORD',
    asked: ['none', 'password CNRY-11'],
    ending: 'end',
  },
  {
    name: 'silence for an answer',
    answer: inTurn(refuse(METHODS)),
    outcome: 'IDLE_AFTER_SEND',
    asked: ['none', 'password CNRY-11'],
  },
  { name: 'silence for none', answer: inTurn(), outcome: 'DEADLINE', asked: ['none'] },
  { name: 'a reset for none', answer: inTurn(), outcome: 'CLOSED_EARLY', asked: ['none'], ending: 'reset' },
  {
    name: 'a success without a question',
    answer: inTurn(refuse(KEYBOARD), accept),
    outcome: 'NO_VERDICT',
    asked: ['none', 'keyboard-interactive'],
  },
  {
    name: 'new keys before the login',
    answer: inTurn(server => {
      server.rekey();
    }),
    outcome: 'DEADLINE',
    asked: ['none'],
  },
  {
    name: 'no key exchange in common',
    kex: ['diffie-hellman-group1-sha1'],
    answer: inTurn(),
    outcome: 'KEX_UNSUPPORTED',
    asked: [],
  },
  {
    name: 'other algorithms',
    kex: ['curve25519-sha256'],
    cipher: ['aes128-gcm@openssh.com'],
    answer: inTurn(refuse(METHODS), refuse(METHODS)),
    outcome: 'REJECT',
    asked: ['none', 'password CNRY-11'],
  },
  {
    name: 'lines before the identification',
    greeting: 'Authorised users only\r\n\r\nSSH is spoken here',
    answer: inTurn(refuse(METHODS), refuse(METHODS)),
    outcome: 'REJECT',
    asked: ['none', 'password CNRY-11'],
  },
];

interface Played {
  readonly outcome: Outcome;
  readonly shape: string;
  readonly asked: readonly string[];
  readonly messages: readonly number[];
}

/** Plays a script to its end; `cut` splits whatever the server says. */
function play(script: Script, cut: (bytes: Buffer) => readonly Uint8Array[]): Played {
  const server: FarEnd = farEnd(script);
  const { machine, grammar, facts } = sshLogin({ user: PAIR.user, algorithms: ALGORITHMS });
  let outcome: Outcome | undefined;
  let sent = 0;
  const take = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (outcome) return;
      if (action.do === 'finish') outcome = action.outcome;
      else if (action.do === 'login') {
        grammar.permit(PAIR);
        take(machine.onCredential(PAIR));
      } else if (action.do === 'send') {
        assert.ok(grammar.allows(action.bytes), `${script.name}: outside the grammar after ${sent} sends`);
        sent++;
        server.hear(action.bytes);
      }
    }
  };
  take(machine.start());
  for (let said = server.take(); said.length > 0 && !outcome; said = server.take())
    for (const piece of cut(said)) if (!outcome) take(machine.onData(piece));
  if (!outcome && script.ending) take(machine.onClose(script.ending));
  if (!outcome) take(machine.onDeadline());
  assert.ok(outcome, script.name);
  assert.deepEqual(machine.onData(Buffer.from('more')), [], 'a decided conversation says no more');
  assert.deepEqual(
    server.faults.filter(fault => !fault.includes('no matching')),
    [],
    script.name,
  );
  const { shape } = facts();
  const asked = server.asked.map(({ method, said }) =>
    method === 'password' || method === 'answers' ? `${method} ${said}` : method,
  );
  return { outcome, shape, asked, messages: server.messages };
}

const whole = (bytes: Buffer) => [bytes];
const DISCONNECT = 1;

test('each conversation has its outcome, and the server was asked what it should be', () => {
  for (const script of scripts()) {
    const { outcome, asked } = play(script, whole);
    assert.deepEqual([outcome, asked], [script.outcome, script.asked], script.name);
  }
});

test('after a success the server hears DISCONNECT and nothing else; without one it hears no goodbye', () => {
  for (const script of scripts()) {
    const { outcome, messages } = play(script, whole);
    const parted = outcome === 'ACCEPT' || outcome === 'OPEN_SESSION';
    assert.equal(messages.filter(type => type === DISCONNECT).length, parted ? 1 : 0, script.name);
    if (parted) assert.equal(messages.at(-1), DISCONNECT, script.name);
    // Service request, authentication requests, answers, goodbye: no channel, no global request, nothing unknown.
    assert.deepEqual(
      messages.filter(type => ![DISCONNECT, 5, 50, 61].includes(type)),
      [],
      script.name,
    );
  }
});

test('one outcome and the same questions, however the bytes are split', () => {
  const names = scripts().map(({ name }) => name);
  for (const name of names) {
    const { outcome, asked, shape } = play(scriptOf(name), whole);
    const single = play(scriptOf(name), bytes => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
    assert.deepEqual([single.outcome, single.asked, single.shape], [outcome, asked, shape], `${name} in single bytes`);
  }
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }),
      (name, sizes) => {
        const cut = (bytes: Buffer) => {
          const pieces: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] as number;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          return pieces;
        };
        const { outcome, asked } = play(scriptOf(name), cut);
        const { outcome: expected, asked: questions } = scriptOf(name);
        assert.deepEqual([outcome, asked], [expected, questions], name);
      },
    ),
    { numRuns: 150 },
  );
});

const scriptOf = (name: string): Script => scripts().find(script => script.name === name) as Script;

test('a server whose bytes are disturbed anywhere is never read as ACCEPT, OPEN_SESSION or a crash', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      let seen = 0;
      const script = { ...scriptOf('a wrong password') };
      const server = farEnd(script);
      const { machine, grammar } = sshLogin({ user: PAIR.user, algorithms: ALGORITHMS });
      let outcome: Outcome | undefined;
      const take = (actions: readonly Action[]) => {
        for (const action of actions) {
          if (outcome) return;
          if (action.do === 'finish') outcome = action.outcome;
          else if (action.do === 'login') {
            grammar.permit(PAIR);
            take(machine.onCredential(PAIR));
          } else if (action.do === 'send') {
            assert.ok(grammar.allows(action.bytes));
            try {
              server.hear(action.bytes);
            } catch {
              // It was misled by what we made of its disturbed words.
            }
          }
        }
      };
      for (let said = server.take(); said.length > 0 && !outcome; said = server.take()) {
        if (at >= seen && at < seen + said.length) said[at - seen] = (said[at - seen] as number) ^ change;
        seen += said.length;
        take(machine.onData(said));
      }
      take(machine.onDeadline());
      assert.ok(outcome && outcome !== 'ACCEPT' && outcome !== 'OPEN_SESSION', outcome);
    }),
    { numRuns: 200 },
  );
});

test('random bytes end in an outcome and are told nothing but who we are', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom('SSH-2.0-x\r\n', 'hello\r\n', '\0\0\0\x0c\x06\x15').map(text => Buffer.from(text, 'latin1')),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(noise, chunks => {
      const { machine, grammar } = sshLogin({ user: PAIR.user, algorithms: ALGORITHMS });
      let finished = false;
      let first = true;
      for (const action of [...chunks.flatMap(chunk => machine.onData(chunk)), ...machine.onDeadline()]) {
        if (finished) return;
        if (action.do === 'finish') finished = true;
        assert.notEqual(action.do, 'login');
        if (action.do !== 'send') continue;
        assert.ok(grammar.allows(action.bytes));
        if (first) assert.deepEqual(action.bytes.subarray(0, IDENT_LINE.length), IDENT_LINE);
        first = false;
        assert.ok(!textOf(action.bytes).includes(PAIR.user));
      }
      assert.ok(finished);
    }),
    { numRuns: 300 },
  );
});

test('a server that is not the one looked at gets no credential', () => {
  const server = farEnd(scriptOf('a right password'));
  const { machine } = sshLogin({ user: PAIR.user, algorithms: ALGORITHMS });
  let outcome: Outcome | undefined;
  for (let said = server.take(); said.length > 0 && !outcome; said = server.take())
    for (const action of machine.onData(said).flatMap(a => (a.do === 'login' ? machine.onCredential(null) : [a]))) {
      if (action.do === 'finish') outcome = action.outcome;
      if (action.do === 'send') server.hear(action.bytes);
    }
  assert.equal(outcome, 'LOGIN_PROMPT');
  assert.deepEqual(
    server.asked.map(({ method }) => method),
    ['none'],
  );
});

test('old algorithms are offered only where nothing modern is', () => {
  const offered = (kex: string, hostKey: string, cipher: string, mac: string) => {
    const lists = [kex, hostKey, cipher, cipher, mac, mac, 'none', 'none', '', ''];
    const body = lists.flatMap(list => [...Buffer.from([0, 0, 0, list.length]), ...Buffer.from(list)]);
    const read = readKexInit(Buffer.from([20, ...new Uint8Array(16), ...body, 0, 0, 0, 0, 0]));
    return read && algorithmsFor(read);
  };
  const mixed = offered(
    'diffie-hellman-group1-sha1,curve25519-sha256',
    'ssh-rsa,ssh-ed25519',
    'aes128-cbc,aes128-ctr',
    'hmac-md5,hmac-sha2-256',
  );
  assert.deepEqual(mixed, {
    kex: ['curve25519-sha256'],
    serverHostKey: ['ssh-ed25519'],
    cipher: ['aes128-ctr'],
    mac: ['hmac-sha2-256'],
  });
  assert.deepEqual(offered('diffie-hellman-group1-sha1', 'ssh-dss', '3des-cbc', 'hmac-md5'), {
    kex: ['diffie-hellman-group1-sha1'],
    serverHostKey: ['ssh-dss'],
    cipher: ['3des-cbc'],
    mac: ['hmac-md5'],
  });
  assert.equal(offered('unknown-kex', 'ssh-rsa', 'aes128-ctr', 'hmac-sha1'), undefined);
  assert.equal(offered('curve25519-sha256', 'ssh-rsa', 'aes128-ctr', 'umac-64'), undefined);
});
