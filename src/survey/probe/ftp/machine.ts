/**
 * FTP's control connection (RFC 959 section 5.4), as a conversation: the greeting, USER, PASS, and what the reply codes
 * say. Codes are believed, words only where they make a refusal milder or stop us. The greeting and the answer to USER are
 * judged when the peer is quiet, so that a second reply in another packet is never taken for the answer to the next line.
 */
import type { Outcome } from '../../../record/observation.ts';
import { type Action, type Credential, finish, type Machine, NOTHING, quiet, send } from '../machine.ts';
import { telnetStream } from '../telnet/stream.ts';
import { passLine, userLine } from './grammar.ts';
import { ofGreeting, ofPassword, ofUser, stops } from './judge.ts';
import { type Reply, replyReader } from './reply.ts';

const MOST_BYTES = 16 * 1024;
/** Greeting text handed to identification. */
const MOST_GREETING = 4 * 1024;

export interface FtpFacts {
  /** What was said before anything was answered, codes and all. Never stored. */
  readonly greeting: string;
  /** It was ready for a user. */
  readonly ready: boolean;
  /** Coarse form of the answer to the credential, without any of its words. */
  readonly shape: string;
}

export type FtpMachine = Machine & { facts(): FtpFacts };

/** `settleMs`: quiet after which the peer has finished speaking. */
export function ftpMachine({ settleMs }: { readonly settleMs: number }): FtpMachine {
  const stream = telnetStream();
  const reader = replyReader();
  let stage: 'greeting' | 'user-sent' | 'password-sent' = 'greeting';
  let pair: Credential | undefined;
  let greeting = '';
  let ready = false;
  /** Anything at all since our last line. */
  let heard = false;
  /** The first reply since our last line that can be an answer to it; the first that stops us; two that disagree. */
  let first: Reply | undefined;
  let stopping: Reply | undefined;
  let contradicted = false;
  let shape = '';
  /** A whole reply needs less patience than a part of one. */
  const wholeMs = Math.max(20, settleMs / 4);

  const decide = (outcome: Outcome, reply?: Reply) => {
    shape = `${outcome}/${reply?.code ?? '-'}/${Math.ceil(Math.log2((reply?.lines ?? 0) + 1))}`;
    return finish(outcome);
  };
  const say = (bytes: Uint8Array): readonly Action[] => {
    first = undefined;
    contradicted = false;
    heard = false;
    return [send(bytes), { do: 'quiet', ms: settleMs }];
  };

  /** 1yz promise another reply; a second greeting, or a second 331, comes late and answers nothing. */
  const counts = ({ code }: Reply): boolean => {
    if (code < 200) return false;
    return stage === 'greeting' || (code !== 220 && (code !== 331 || stage === 'user-sent'));
  };
  const hear = (said: readonly Reply[]) => {
    for (const reply of said) {
      if (stage === 'greeting' && greeting.length < MOST_GREETING)
        greeting = (greeting + reply.text).slice(0, MOST_GREETING);
      if (!counts(reply)) continue;
      first ??= reply;
      contradicted ||= reply.code !== first.code;
      if (stops(reply)) stopping ??= reply;
    }
  };
  /** The reply that answers: after the password the first one, before it the one that stops us, or all if they agree. */
  const answer = (): Reply | 'contradiction' | undefined => {
    if (stage === 'password-sent') return first;
    return stopping ?? (contradicted ? 'contradiction' : first);
  };

  const judge = (): readonly Action[] => {
    const reply = answer();
    if (!reply) return stage === 'greeting' && reader.strayed ? decide('NOT_PROTOCOL') : NOTHING;
    if (reply === 'contradiction') return decide(stage === 'greeting' ? 'NO_PROMPT' : 'NO_VERDICT');
    if (stage === 'password-sent') return decide(ofPassword(reply), reply);
    if (stage === 'greeting') {
      const outcome = ofGreeting(reply);
      if (outcome !== 'ready') return decide(outcome, reply);
      ready = true;
      return [{ do: 'login' }];
    }
    const outcome = ofUser(reply);
    if (outcome !== 'password') return decide(outcome, reply);
    stage = 'password-sent';
    return say(passLine(pair as Credential));
  };

  return {
    maxBytes: MOST_BYTES,
    facts: () => ({ greeting, ready, shape }),
    start: () => NOTHING,
    onData(chunk) {
      // Telnet negotiation is read over and never answered: a control connection needs none, and the grammar has no place for it.
      const { text } = stream.read(chunk);
      if (stream.looping) return finish('NEGOTIATION_LOOP');
      heard ||= text.trim() !== '';
      hear(reader.read(text));
      const sure = first ? stage === 'password-sent' || stopping : reader.strayed && stage === 'greeting';
      return sure ? judge() : quiet(first && !reader.pending ? wholeMs : settleMs);
    },
    onQuiet() {
      hear(reader.flush());
      return judge();
    },
    onCredential(credential) {
      if (!credential) return decide('LOGIN_PROMPT');
      pair = credential;
      stage = 'user-sent';
      return say(userLine(credential));
    },
    onClose(how) {
      hear(reader.flush());
      const reply = answer();
      if (!reply || reply === 'contradiction') {
        if (stage === 'password-sent') return decide('CLOSED_AFTER_PASSWORD');
        return finish(how === 'reset' && !heard && stage === 'greeting' ? 'BUSY' : 'CLOSED_EARLY');
      }
      if (stage === 'password-sent') return decide(ofPassword(reply), reply);
      const outcome = stage === 'greeting' ? ofGreeting(reply) : ofUser(reply);
      const willing = outcome === 'ready' || outcome === 'password' || outcome === 'OPEN_SESSION';
      return decide(willing ? 'CLOSED_EARLY' : outcome, reply);
    },
    onDeadline() {
      if (stage === 'greeting') return decide(heard ? 'NO_PROMPT' : 'SILENT');
      return decide(heard ? 'NO_VERDICT' : 'IDLE_AFTER_SEND');
    },
  };
}
