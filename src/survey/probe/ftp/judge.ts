/**
 * What one FTP reply means where it stands (RFC 959 sections 4.2 and 5.4). Pure. Codes decide; words are asked only whether
 * a refusal is a lockout, or is about how we ask and not about who: a doubt is never an accept, and never a reject either.
 */
import type { Outcome } from '../../../record/observation.ts';
import { lower } from '../telnet/screen.ts';
import { saysLockedOut } from '../telnet/words.ts';
import type { Reply } from './reply.ts';

const WANTS_TLS = /\b(tls|ssl|ftps|encrypt|secure (connection|session|channel))/;
const BANNED = /\b(banned|blocked|black ?listed)\b/;
const TIMED_OUT = /\btime[d-]? ?out\b|\bidle\b|\binactiv/;
/** Mail servers greet with 220 as well. */
const MAIL = /\be?smtp\b/;

const locksOut = (words: string): boolean => saysLockedOut(words) || BANNED.test(words);

/** A reply after which nothing is asked in this conversation, whatever else was said beside it. */
export const stops = ({ code, text }: Reply): boolean => code === 421 || (code >= 400 && locksOut(lower(text)));

/** 421: the service closes the connection, because it is too full, was asked too often, or has waited too long. */
function ofClosing(words: string): Outcome {
  if (locksOut(words)) return 'LOCKOUT';
  return TIMED_OUT.test(words) ? 'NO_VERDICT' : 'THROTTLED';
}

function ofRefusal({ code, text }: Reply, refused: Outcome, unclear: Outcome): Outcome {
  const words = lower(text);
  if (code === 421) return ofClosing(words);
  if (code >= 400 && locksOut(words)) return 'LOCKOUT';
  return code === 530 && !WANTS_TLS.test(words) ? refused : unclear;
}

export function ofGreeting(reply: Reply): Outcome | 'ready' {
  if (reply.code !== 220) return ofRefusal(reply, 'NO_PROMPT', 'NO_PROMPT');
  const words = lower(reply.text);
  return MAIL.test(words) && !words.includes('ftp') ? 'NOT_PROTOCOL' : 'ready';
}

export function ofUser(reply: Reply): Outcome | 'password' {
  if (reply.code === 331) return 'password';
  if (reply.code === 230) return 'OPEN_SESSION';
  return ofRefusal(reply, 'USER_REJECTED', 'NO_VERDICT');
}

export function ofPassword(reply: Reply): Outcome {
  // The banner behind a login may hold any word.
  return reply.code === 230 ? 'ACCEPT' : ofRefusal(reply, 'REJECT', 'NO_VERDICT');
}
