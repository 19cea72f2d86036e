/**
 * One credential over SSH, as a conversation (RFC 4252): exchange keys, ask with `none` which methods there are, and answer
 * the one that takes a password, once. In: the user's name, algorithms, then bytes. Out: actions, like any machine; ssh2 does
 * the transport and nothing else. After the keys are exchanged only what is said here on purpose is sent: whatever the
 * library would add by itself is dropped and ends the conversation. After a success only DISCONNECT leaves.
 */
import Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Outcome } from '../../../record/observation.ts';
import type { Facts, Talk } from '../driver.ts';
import { type Action, finish, type Leaving, NOTHING, send } from '../machine.ts';
import { lower, tailOf } from '../telnet/screen.ts';
import { questionOf } from '../telnet/words.ts';
import type { Algorithms } from './algorithms.ts';
import { attemptGrammar, IDENT } from './grammar.ts';
import { identityOf, turnedAway, unopened } from './machine.ts';
import { type Heard, hear, promptsOf } from './messages.ts';
import { openingReader, TOO_MANY_CONNECTIONS } from './opening.ts';

const MOST_BYTES = 96 * 1024;
/** RFC 4253 section 11.1. */
const BY_APPLICATION = 11;
/** PAM tells what it has to tell in questions without a prompt, which want an empty answer. */
const MOST_EMPTY_ANSWERS = 2;

/** The outcomes whose sessions are taken leave of. */
const PARTING: ReadonlySet<Outcome> = new Set<Outcome>(['ACCEPT', 'OPEN_SESSION']);

export interface LoginOptions {
  /** Said with `none` already: a server may hang up on one whose name changes (RFC 4252 section 5). */
  readonly user: string;
  readonly algorithms: Algorithms;
}

const NO_BYTES = Buffer.alloc(0);

type Event = Heard | { readonly is: 'sealed' } | { readonly is: 'broken' };

/** Where we are: keys, the service, `none`, waiting for the credential, and behind it. */
type Stage = 'keys' | 'service' | 'none' | 'asking' | 'password' | 'question' | 'answered';

const asksForPassword = (prompt: string): boolean => {
  const { line } = tailOf(lower(prompt));
  return (questionOf(line) ?? questionOf(`${line}:`)) === 'password';
};

export function sshLogin({ user, algorithms }: LoginOptions): Talk {
  const { kex, serverHostKey, cipher, mac } = algorithms;
  const lists = { cipher, mac, compress: ['none'], lang: [] };
  const reader = openingReader();
  const events: Event[] = [];
  let written: Uint8Array[] = [];
  let stage: Stage = 'keys';
  let outcome: Outcome | undefined;
  let shape = '';
  let asks: Facts['asks'] = null;
  let method: 'password' | 'keyboard-interactive' | undefined;
  let password = '';
  let emptyAnswers = 0;
  let bytes = 0;
  /** What came before the identification was whole. */
  let held = NO_BYTES;
  /** From NEWKEYS on only what is said on purpose may be written. */
  let sealed = false;
  let speaking = false;

  const protocol = new Protocol({
    ident: IDENT,
    offer: { kex, serverHostKey, cs: lists, sc: lists },
    onWrite(packet) {
      if (!sealed || speaking) written.push(packet);
      else events.push({ is: 'broken' });
    },
    onError: () => events.push({ is: 'broken' }),
    onHeader: () => protocol.start(),
    onHandshakeComplete() {
      sealed = true;
      events.push({ is: 'sealed' });
    },
    messageHandlers: { DISCONNECT: (_, reason, words = '') => events.push({ is: 'disconnect', reason, words }) },
  });
  // Set before the keys are exchanged: the library itself hears no message of authentication, channels or new keys.
  protocol._onPayload = payload => {
    const heard = hear(payload);
    if (heard) events.push(heard);
  };

  const say = (words: () => void) => {
    speaking = true;
    try {
      words();
    } catch {
      // The library has given up on this connection, though what it gave up for is still in the queue.
      outcome ??= 'NO_VERDICT';
    }
    speaking = false;
  };
  const decide = (decided: Outcome, how: string) => {
    outcome = decided;
    shape = `${how}/${method ?? 'none'}`;
    if (PARTING.has(decided)) say(() => protocol.disconnect(BY_APPLICATION));
  };
  const credentialSent = () => stage === 'password' || stage === 'answered';

  const onFailure = (methods: readonly string[], partial: boolean) => {
    if (partial) return decide('NO_VERDICT', 'partial');
    if (credentialSent()) return decide('REJECT', 'failure');
    if (stage !== 'none') return decide('NO_VERDICT', 'failure');
    method = methods.includes('password')
      ? 'password'
      : methods.includes('keyboard-interactive')
        ? 'keyboard-interactive'
        : undefined;
    if (!method) return decide('NOT_A_LOGIN', 'methods');
    stage = 'asking';
    asks = 'pair';
  };

  const onSuccess = () => {
    if (stage === 'none') return decide('OPEN_SESSION', 'success');
    return credentialSent() ? decide('ACCEPT', 'success') : decide('NO_VERDICT', 'success');
  };

  const onQuestion = (payload: Uint8Array) => {
    if (stage !== 'question' && stage !== 'answered') return decide('NO_VERDICT', 'question');
    const prompts = promptsOf(payload);
    if (prompts?.length === 0 && emptyAnswers++ < MOST_EMPTY_ANSWERS) return say(() => protocol.authInfoRes([]));
    const prompt = prompts?.length === 1 ? prompts[0] : undefined;
    // A second question, one whose answer is shown, or one for something else: a code, a change of password.
    if (stage === 'answered' || !prompt || prompt.echo || !asksForPassword(prompt.text))
      return decide('NO_VERDICT', 'question');
    stage = 'answered';
    say(() => protocol.authInfoRes([password]));
  };

  const onDisconnect = (reason: number, words: string) => {
    const why = reason === TOO_MANY_CONNECTIONS ? 'BUSY' : turnedAway(words.toLowerCase());
    const tooMany = why === 'LOCKOUT' || (why === 'BUSY' && (credentialSent() || /authentication/i.test(words)));
    if (tooMany) return decide('LOCKOUT', 'disconnect');
    if (why) return decide(why, 'disconnect');
    if (!sealed) return decide('KEX_UNSUPPORTED', 'disconnect');
    decide(credentialSent() ? 'CLOSED_AFTER_PASSWORD' : 'CLOSED_EARLY', 'disconnect');
  };

  const onEvent = (event: Event) => {
    switch (event.is) {
      case 'sealed':
        stage = 'service';
        return say(() => protocol.service('ssh-userauth'));
      case 'service':
        if (stage !== 'service') return decide('NO_VERDICT', 'service');
        stage = 'none';
        return say(() => protocol.authNone(user));
      case 'failure':
        return onFailure(event.methods, event.partial);
      case 'success':
        return onSuccess();
      case 'method':
        return onQuestion(event.payload);
      case 'disconnect':
        return onDisconnect(event.reason, event.words);
      case 'broken':
        if (reader.opening.foreign) return decide('NOT_PROTOCOL', 'broken');
        return decide(sealed ? 'NO_VERDICT' : 'KEX_UNSUPPORTED', 'broken');
    }
  };

  /** Works through what was heard, up to the question for the credential; more is only heard once that is answered. */
  const proceed = (): readonly Action[] => {
    const waited = stage === 'asking';
    while (!outcome && stage !== 'asking') {
      const event = events.shift();
      if (!event) break;
      onEvent(event);
    }
    const actions: Action[] = [];
    if (written.length > 0 && (!outcome || PARTING.has(outcome))) actions.push(send(Buffer.concat(written)));
    written = [];
    if (outcome) {
      protocol.cleanup();
      actions.push(...finish(outcome));
    } else if (stage === 'asking' && !waited) actions.push({ do: 'login' });
    return actions;
  };

  const left = (how: Leaving | 'deadline'): readonly Action[] => {
    if (outcome) return NOTHING;
    if (credentialSent()) decide(how === 'deadline' ? 'IDLE_AFTER_SEND' : 'CLOSED_AFTER_PASSWORD', how);
    else if (stage === 'keys') decide(unopened(reader.opening, bytes, how), how);
    else decide(how === 'deadline' ? 'DEADLINE' : 'CLOSED_EARLY', how);
    return proceed();
  };

  return {
    grammar: attemptGrammar(user),
    facts: () => ({
      said: { ssh: reader.opening.ident },
      asks,
      identity: identityOf(reader.opening),
      shape,
    }),
    machine: {
      maxBytes: MOST_BYTES,
      start: () => NOTHING,
      onData(chunk) {
        if (outcome) return NOTHING;
        bytes += chunk.length;
        reader.read(chunk);
        // A copy: the library keeps parts of it for the exchange hash.
        held = Buffer.concat([held, chunk]);
        const { ident, foreign } = reader.opening;
        if (foreign) events.push({ is: 'broken' });
        // The library loses an identification that comes in more than two pieces, so it gets all of it at once.
        else if (ident !== undefined) {
          try {
            protocol.parse(held, 0, held.length);
          } catch {
            events.push({ is: 'broken' });
          }
          held = NO_BYTES;
        }
        return proceed();
      },
      onQuiet: () => NOTHING,
      onCredential(credential) {
        if (!credential || !method) {
          outcome = 'LOGIN_PROMPT';
          return proceed();
        }
        if (method === 'password') {
          stage = 'password';
          say(() => protocol.authPassword(user, credential.password));
        } else {
          stage = 'question';
          password = credential.password;
          say(() => protocol.authKeyboard(user));
        }
        return proceed();
      },
      onClose: left,
      onDeadline: () => left('deadline'),
    },
  };
}
