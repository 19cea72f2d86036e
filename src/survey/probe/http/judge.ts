/**
 * What an answer means: to one who brings nothing, to one who brings a pair, and to a form that was sent. Pure. In: a
 * response. Out: an outcome. A claim is a *change* that a refusal could not be; whatever is not clear is NO_VERDICT.
 */
import type { Outcome } from '../../../record/observation.ts';
import { lower } from '../telnet/screen.ts';
import { saysLockedOut, saysRejected } from '../telnet/words.ts';
import type { Challenge } from './auth.ts';
import { asksPassword } from './form.ts';
import { leadsToLogin, onwardOf, redirectOf, seenOn, shapeOf } from './page.ts';
import type { HttpResponse } from './reader.ts';

const isFine = ({ status }: HttpResponse) => status >= 200 && status < 300;
const holdsBack = (r: HttpResponse) => r.status === 423 || r.status === 429 || r.headers.has('retry-after');

/** `challenge` is the one of this response that we can answer. */
export function judgeLook(r: HttpResponse, challenge: Challenge | undefined): Outcome {
  if (r.status === 401) return challenge ? 'LOGIN_PROMPT' : 'NOT_A_LOGIN';
  if (holdsBack(r)) return 'THROTTLED';
  if (r.status >= 500) return 'SERVER_ERROR';
  return isFine(r) && !asksPassword(r.body) ? 'OPEN_PAGE' : 'NOT_A_LOGIN';
}

/** The answer to a pair in a place that said 401 before. A stale nonce is not judged but answered. */
export function judgeAttempt(r: HttpResponse): Outcome {
  if (r.status === 403 || holdsBack(r)) return 'LOCKOUT';
  if (r.status === 401) return 'REJECT';
  if (r.status >= 500) return 'SERVER_ERROR';
  const location = redirectOf(r);
  if (location !== undefined) return leadsToLogin(location) ? 'REJECT' : 'ACCEPT';
  if (isFine(r)) return asksPassword(r.body) ? 'REJECT' : 'ACCEPT';
  return 'NO_VERDICT';
}

/** The page that held the form. */
export interface FormPage {
  readonly path: string;
  readonly seen: string;
  readonly shape: string;
}

/** `place` is the path of the target a redirect names, undefined when it leads elsewhere. */
export function judgePost(r: HttpResponse, page: FormPage, place: (location: string) => string | undefined): Outcome {
  if (r.status === 403 || holdsBack(r)) return 'LOCKOUT';
  if (r.status === 401) return 'REJECT';
  if (r.status >= 500) return 'SERVER_ERROR';
  const location = redirectOf(r);
  if (location !== undefined) return judgeOnward(location, page, place);
  if (!isFine(r)) return 'NO_VERDICT';
  const seen = lower(seenOn(r.body));
  const locked = saysLockedOut(seen) && !saysLockedOut(lower(page.seen));
  if (locked) return 'LOCKOUT';
  if (asksPassword(r.body)) return 'REJECT';
  const cookie = r.headers.has('set-cookie');
  if (saysRejected(seen)) return cookie ? 'NO_VERDICT' : 'REJECT';
  const onward = onwardOf(r.body);
  if (onward !== undefined && seen.trim().length < 256) return judgeOnward(onward, page, place);
  const type = r.headers.get('content-type')?.[0]?.toLowerCase() ?? 'text/html';
  // An answer for a script, or a page without a word, is not what a reader gets to see after a login.
  if (!type.includes('html') || seen.trim() === '') return 'NO_VERDICT';
  return cookie || shapeOf(r).replace('/page/', '/form/') !== page.shape ? 'ACCEPT' : 'NO_VERDICT';
}

function judgeOnward(location: string, page: FormPage, place: (location: string) => string | undefined): Outcome {
  if (leadsToLogin(location)) return 'REJECT';
  const to = place(location)?.split('?', 1)[0];
  // Back to the form is what many do to both, and another host is nobody's business here.
  return to === undefined || to === page.path ? 'NO_VERDICT' : 'ACCEPT';
}
