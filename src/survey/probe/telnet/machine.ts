/**
 * Telnet, as a conversation: read the greeting until the peer is quiet, and say what was seen or, given a credential,
 * answer its two questions and judge what comes back. Judged only when quiet and only from the end of the screen:
 * banners contain every word and every prompt character there is. After the password line nothing is sent at all.
 */
import type { Outcome } from '../../../record/observation.ts';
import type { Facts } from '../driver.ts';
import { type Action, type Credential, finish, type Leaving, type Machine, NOTHING, quiet, send } from '../machine.ts';
import { line } from './grammar.ts';
import { lower, Screen, tailOf, withoutEcho } from './screen.ts';
import { telnetStream } from './stream.ts';
import { asksForKey, looksLikeMenu, looksLikeShell, questionOf, saysLockedOut, saysRejected } from './words.ts';

const MOST_BYTES = 16 * 1024;
/** Greeting text handed to identification. */
const MOST_GREETING = 4 * 1024;

/** A class, not closures: ten thousand conversations may be held at once. */
export class TelnetMachine implements Machine {
  readonly maxBytes = MOST_BYTES;
  readonly #settleMs: number;
  readonly #stream = telnetStream();
  readonly #shown = new Screen();
  #stage: 'greeting' | 'user-sent' | 'password-sent' = 'greeting';
  #asks: Facts['asks'] = null;
  #credential: Credential | undefined;
  #mark = 0;
  #greetingEnd: number | undefined;
  #keyed = false;
  /** A shell or menu was seen at the last quiet, and is given as much time again to become something else. */
  #doubted = false;
  #shape = '';

  /** `settleMs`: quiet after which the peer has finished speaking (mandate.deadlines.settleMs). */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  facts(): Facts {
    return {
      said: { telnet: this.#shown.since(0).slice(0, this.#greetingEnd).slice(0, MOST_GREETING) },
      asks: this.#asks,
      identity: this.#asks ?? '',
      shape: this.#shape,
    };
  }

  start(): readonly Action[] {
    return NOTHING;
  }

  onData(chunk: Uint8Array): readonly Action[] {
    const { text, reply } = this.#stream.read(chunk);
    if (this.#stream.looping) return finish('NEGOTIATION_LOOP');
    // A command that needs no answer is not speech: a peer that keeps sending them does not put off the judgement.
    if (text.length === 0 && reply.length === 0 && !this.#stream.within) return NOTHING;
    if (text.length > 0) {
      this.#shown.write(text);
      this.#doubted = false;
    }
    const { line: last, open } = tailOf(this.#shown.since(Math.max(this.#mark, this.#shown.length - 400)));
    const question = open ? questionOf(last) : undefined;
    // A repeated "login:" may be an echo of negotiation; only the question that comes next in order is sure at once.
    const sure = question !== undefined && (this.#stage !== 'user-sent' || question === 'password');
    // A prompt that stands still needs less patience than a text that might go on.
    const wait = quiet(sure ? Math.max(20, this.#settleMs / 4) : this.#settleMs);
    // A success may already have happened, and after it not even a refusal of an option may leave.
    return reply.length > 0 && this.#stage !== 'password-sent' ? [send(reply), ...wait] : wait;
  }

  onQuiet(): readonly Action[] {
    const text = this.#current();
    if (this.#stage === 'greeting') return this.#judgeGreeting(text);
    return this.#stage === 'user-sent' ? this.#judgeUser(text) : this.#judgePassword(text);
  }

  onCredential(credential: Credential | null): readonly Action[] {
    if (!credential) return this.#decide('LOGIN_PROMPT', this.#current());
    this.#credential = credential;
    if (this.#asks === 'password') return this.#answerPassword();
    this.#stage = 'user-sent';
    return this.#say(credential.user);
  }

  onClose(how: Leaving): readonly Action[] {
    const text = this.#current();
    const words = lower(text);
    if (this.#stage === 'password-sent') {
      if (saysLockedOut(words)) return this.#decide('LOCKOUT', text);
      const rejected = saysRejected(words) || ['user', 'password'].includes(questionOf(tailOf(text).line) ?? '');
      return this.#decide(rejected ? 'REJECT' : 'CLOSED_AFTER_PASSWORD', text);
    }
    if (this.#shown.length > 0 && saysLockedOut(words)) return this.#decide('LOCKOUT', text);
    if (this.#stage === 'user-sent') return this.#decide(saysRejected(words) ? 'USER_REJECTED' : 'CLOSED_EARLY', text);
    return finish(how === 'reset' && this.#shown.length === 0 ? 'BUSY' : 'CLOSED_EARLY');
  }

  onDeadline(): readonly Action[] {
    const text = this.#current();
    const blank = tailOf(text).line === '';
    if (this.#stage === 'password-sent') return this.#decide(blank ? 'IDLE_AFTER_SEND' : 'NO_VERDICT', text);
    if (this.#stage === 'user-sent') return this.#decide('IDLE_AFTER_SEND', text);
    return finish(blank && this.#stream.commands === 0 ? 'SILENT' : 'NO_PROMPT');
  }

  #judgeGreeting(text: string): readonly Action[] {
    const { line: last, open } = tailOf(text);
    const question = questionOf(last);
    if (question === 'user' || question === 'password') {
      this.#asks = question === 'user' ? 'pair' : 'password';
      return [{ do: 'login' }];
    }
    if (!this.#keyed && asksForKey(last)) {
      this.#keyed = true;
      return this.#say('');
    }
    if (saysLockedOut(lower(text)) && !looksLikeShell(last)) return this.#decide('LOCKOUT', text);
    if (!open || !looksLikeShell(last)) return NOTHING;
    // The boldest claim there is, so it waits longest: three settle times in all without a question.
    if (this.#doubted) return this.#decide('OPEN_SESSION', text);
    this.#doubted = true;
    return quiet(2 * this.#settleMs);
  }

  #judgeUser(text: string): readonly Action[] {
    const { line: last, open } = tailOf(text);
    // Some echo the name only after they have asked for the password: `Password: admin`.
    const question = questionOf(last) ?? questionOf(withoutEcho(last, this.#credential?.user ?? ''));
    const words = lower(text);
    // Some say that the account is locked, and ask for its password all the same.
    if (saysLockedOut(words)) return this.#decide('LOCKOUT', text);
    if (question === 'password') return this.#answerPassword();
    if (question === 'user' || saysRejected(words)) return this.#decide('USER_REJECTED', text);
    return open && looksLikeShell(last) ? this.#decide('OPEN_SESSION', text) : NOTHING;
  }

  #judgePassword(text: string): readonly Action[] {
    const { line: last, open } = tailOf(text);
    const words = lower(text);
    const question = questionOf(last);
    if (saysLockedOut(words)) return this.#decide('LOCKOUT', text);
    if (question === 'new-password') return this.#decide('NO_VERDICT', text);
    if (question !== undefined) return this.#decide('REJECT', text);
    const inside = open && (looksLikeShell(last) || looksLikeMenu(words, last));
    if (saysRejected(words)) return this.#decide(inside && !saysRejected(last) ? 'NO_VERDICT' : 'REJECT', text);
    return inside ? this.#decide('ACCEPT', text) : NOTHING;
  }

  #answerPassword(): readonly Action[] {
    this.#stage = 'password-sent';
    return this.#say(this.#credential?.password ?? '');
  }

  #say(text: string): readonly Action[] {
    this.#greetingEnd ??= this.#shown.length;
    this.#mark = this.#shown.length;
    return [send(line(text)), ...quiet(this.#settleMs)];
  }

  #decide(outcome: Outcome, text: string): readonly Action[] {
    const { line: last } = tailOf(text);
    const kind = questionOf(last) ?? (looksLikeShell(last) ? 'shell' : 'text');
    this.#shape = `${outcome}/${kind}/${Math.ceil(Math.log2(text.length + 1))}`;
    return finish(outcome);
  }

  /** What was shown since our last line. Silence ends a sub-negotiation that its peer forgot to end. */
  #current(): string {
    if (this.#stream.within) this.#shown.write(this.#stream.breakOff());
    return this.#shown.since(this.#mark);
  }
}
