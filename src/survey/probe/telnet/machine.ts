/**
 * Telnet, as a conversation: read the greeting until the peer is quiet, and say what was seen or, given a credential,
 * answer its two questions and judge what comes back. Judged only when quiet and only from the end of the screen:
 * banners contain every word and every prompt character there is. After the password line nothing is sent at all.
 */
import type { Outcome } from '../../../record/observation.ts';
import type { Facts } from '../driver.ts';
import { type Action, type Credential, finish, type Machine, NOTHING, quiet, send } from '../machine.ts';
import { line } from './grammar.ts';
import { lower, screen, tailOf } from './screen.ts';
import { telnetStream } from './stream.ts';
import { asksForKey, looksLikeMenu, looksLikeShell, questionOf, saysLockedOut, saysRejected } from './words.ts';

const MOST_BYTES = 16 * 1024;
/** Greeting text handed to identification. */
const MOST_GREETING = 4 * 1024;

export type TelnetMachine = Machine & { facts(): Facts };

export interface TelnetOptions {
  /** Quiet after which the peer has finished speaking, ms (mandate.deadlines.settleMs). */
  readonly settleMs: number;
}

export function telnetMachine({ settleMs }: TelnetOptions): TelnetMachine {
  const stream = telnetStream();
  const shown = screen();
  let stage: 'greeting' | 'user-sent' | 'password-sent' = 'greeting';
  let asks: Facts['asks'] = null;
  let credential: Credential | undefined;
  let mark = 0;
  let greetingEnd: number | undefined;
  let keyed = false;
  /** A shell or menu was seen at the last quiet, and is given as much time again to become something else. */
  let doubted = false;
  let shape = '';
  /** A prompt that stands still needs less patience than a text that might go on. */
  const promptMs = Math.max(20, settleMs / 4);

  const current = () => shown.since(mark);
  const facts = (): Facts => ({
    said: { telnet: shown.since(0).slice(0, greetingEnd).slice(0, MOST_GREETING) },
    asks,
    identity: asks ?? '',
    shape,
  });
  const decide = (outcome: Outcome, text: string) => {
    const { line: last } = tailOf(text);
    shape = `${outcome}/${questionOf(last) ?? (looksLikeShell(last) ? 'shell' : 'text')}/${Math.ceil(Math.log2(text.length + 1))}`;
    return finish(outcome);
  };
  const say = (text: string): readonly Action[] => {
    greetingEnd ??= shown.length;
    mark = shown.length;
    return [send(line(text)), { do: 'quiet', ms: settleMs }];
  };
  const answerPassword = (): readonly Action[] => {
    stage = 'password-sent';
    return say(credential?.password ?? '');
  };

  const judgeGreeting = (text: string): readonly Action[] => {
    const { line: last, open } = tailOf(text);
    const question = questionOf(last);
    if (question === 'user' || question === 'password') {
      asks = question === 'user' ? 'pair' : 'password';
      return [{ do: 'login' }];
    }
    if (!keyed && asksForKey(last)) {
      keyed = true;
      return say('');
    }
    if (saysLockedOut(lower(text)) && !looksLikeShell(last)) return decide('LOCKOUT', text);
    if (open && looksLikeShell(last)) {
      // The boldest claim there is, so it waits longest: three settle times in all without a question.
      if (doubted) return decide('OPEN_SESSION', text);
      doubted = true;
      return quiet(2 * settleMs);
    }
    return NOTHING;
  };

  const judgeUser = (text: string): readonly Action[] => {
    const { line: last, open } = tailOf(text);
    const question = questionOf(last);
    if (question === 'password') return answerPassword();
    const words = lower(text);
    if (saysLockedOut(words)) return decide('LOCKOUT', text);
    if (question === 'user' || saysRejected(words)) return decide('USER_REJECTED', text);
    if (open && looksLikeShell(last)) return decide('OPEN_SESSION', text);
    return NOTHING;
  };

  const judgePassword = (text: string): readonly Action[] => {
    const { line: last, open } = tailOf(text);
    const words = lower(text);
    const question = questionOf(last);
    if (saysLockedOut(words)) return decide('LOCKOUT', text);
    if (question === 'new-password') return decide('NO_VERDICT', text);
    if (question !== undefined) return decide('REJECT', text);
    const inside = open && (looksLikeShell(last) || looksLikeMenu(words, last));
    if (saysRejected(words)) return decide(inside && !saysRejected(last) ? 'NO_VERDICT' : 'REJECT', text);
    return inside ? decide('ACCEPT', text) : NOTHING;
  };

  const judge = () => {
    const text = current();
    return stage === 'greeting' ? judgeGreeting(text) : stage === 'user-sent' ? judgeUser(text) : judgePassword(text);
  };

  return {
    maxBytes: MOST_BYTES,
    facts,
    start: () => NOTHING,
    onData(chunk) {
      const { text, reply } = stream.read(chunk);
      if (stream.looping) return finish('NEGOTIATION_LOOP');
      const actions: Action[] = [];
      // A success may already have happened, and after it not even a refusal of an option may leave.
      if (reply.length > 0 && stage !== 'password-sent') actions.push(send(reply));
      if (text.length > 0) {
        shown.write(text);
        doubted = false;
      }
      const { line: last, open } = tailOf(shown.since(Math.max(mark, shown.length - 400)));
      const question = open ? questionOf(last) : undefined;
      // A repeated "login:" may be an echo of negotiation; only the question that comes next in order is sure at once.
      const sure = question !== undefined && (stage !== 'user-sent' || question === 'password');
      actions.push({ do: 'quiet', ms: sure ? promptMs : settleMs });
      return actions;
    },
    onQuiet: judge,
    onCredential(given) {
      if (!given) return decide('LOGIN_PROMPT', current());
      credential = given;
      if (asks === 'password') return answerPassword();
      stage = 'user-sent';
      return say(given.user);
    },
    onClose(how) {
      const text = current();
      const words = lower(text);
      if (stage === 'password-sent') {
        if (saysLockedOut(words)) return decide('LOCKOUT', text);
        const rejected = saysRejected(words) || ['user', 'password'].includes(questionOf(tailOf(text).line) ?? '');
        return decide(rejected ? 'REJECT' : 'CLOSED_AFTER_PASSWORD', text);
      }
      if (shown.length > 0 && saysLockedOut(words)) return decide('LOCKOUT', text);
      if (stage === 'user-sent') return decide(saysRejected(words) ? 'USER_REJECTED' : 'CLOSED_EARLY', text);
      return finish(how === 'reset' && shown.length === 0 ? 'BUSY' : 'CLOSED_EARLY');
    },
    onDeadline() {
      const text = current();
      const blank = tailOf(text).line === '';
      if (stage === 'password-sent') return decide(blank ? 'IDLE_AFTER_SEND' : 'NO_VERDICT', text);
      if (stage === 'user-sent') return decide('IDLE_AFTER_SEND', text);
      return finish(blank && stream.commands === 0 ? 'SILENT' : 'NO_PROMPT');
    },
  };
}
