/**
 * HTTP, as a conversation: GET / without a credential; where that is answered with 401, ask for a pair and, when there is
 * one, send the same request with it on the same connection. Where no login stands, a random path tells a page from a
 * catch-all. A redirect is followed once, and only to a plain path of the same target. With `forms`, one login form is
 * filled in instead of a 401. In: bytes. Out: actions, and what was seen.
 */
import type { Outcome } from '../../../record/observation.ts';
import type { Facts } from '../driver.ts';
import { type Action, type Credential, finish, type Machine, NOTHING, send, textOf } from '../machine.ts';
import { authorization, wire } from './answer.ts';
import { challengeOf } from './auth.ts';
import { encodeFields, fieldsOf } from './fields.ts';
import { loginFormOf } from './form.ts';
import type { Stays } from './head.ts';
import { judgeAttempt, judgeLook, judgePost } from './judge.ts';
import type { HttpMemory, HttpOptions } from './memory.ts';
import { cookiesOf, redirectOf, seenOn, shapeOf, titleOf } from './page.ts';
import { placeOf } from './place.ts';
import { type HttpProblem, type HttpReader, type HttpResponse, httpReader } from './reader.ts';
import { post, ROOT, request } from './request.ts';

/** Look, redirect, random path and answer at their caps, and one more for a stale nonce. */
const MOST_BYTES = 5 * (16 + 64) * 1024;

export type HttpMachine = Machine & { facts(): Facts };

const LOGIN: readonly Action[] = [{ do: 'login' }];
const OF_PROBLEM: Readonly<Record<HttpProblem, Outcome>> = {
  'not-http': 'NOT_PROTOCOL',
  'too-big': 'BYTE_CAP',
  loop: 'NEGOTIATION_LOOP',
};
export function httpMachine(options: HttpOptions): HttpMachine {
  const { voice, settleMs, nowhere, forms, mayFollow, mayFill, memory } = options;
  const reader: HttpReader = httpReader();
  let stage: 'look' | 'followed' | 'nowhere' | 'waiting' | 'attempt' | 'post' = 'look';
  let path = memory?.path ?? ROOT;
  let stays: Stays = memory?.stays ?? 'no';
  let challenge = memory?.challenge;
  let seen = memory?.seen;
  let server = memory?.server;
  let title = memory?.title;
  let cookies: readonly string[] = [];
  /** What it is if nothing better comes. */
  let otherwise: Outcome = 'NOT_A_LOGIN';
  let pair: Credential | undefined;
  let again = false;
  let shape = '';

  const isAnswer = () => stage === 'attempt' || stage === 'post';
  const asked = (next: typeof stage, bytes: Uint8Array): readonly Action[] => {
    stage = next;
    return [send(bytes)];
  };

  /** Here is a login. Where nobody said that the connection stays, a closing one is given the time to close. */
  const ask = (): readonly Action[] => {
    // Tokens and cookies belong to a conversation, so a form is only filled in on the connection that brought it.
    if (stays === 'no') return finish(seen ? 'NOT_A_LOGIN' : 'LOGIN_PROMPT');
    if (stays === 'said') return LOGIN;
    stage = 'waiting';
    return [{ do: 'quiet', ms: Math.max(20, settleMs / 4) }];
  };

  const attempt = (credential: Credential): readonly Action[] => {
    if (seen) {
      const { user, password } = credential;
      const { form, cookie } = seen;
      const fields = form.fields.map(
        ({ name, value, is }) => [name, is === 'given' ? value : wire(is === 'user' ? user : password)] as const,
      );
      return asked('post', post(voice, form.path, cookie, encodeFields(fields)));
    }
    const value = challenge && authorization(challenge, credential, path, nowhere.slice(1));
    if (value === undefined) return finish('NO_VERDICT');
    pair = credential;
    // A stale nonce is answered on this connection.
    return asked('attempt', request(voice, path, challenge?.scheme === 'basic' || again, value));
  };

  const answered = (r: HttpResponse): readonly Action[] => {
    const outcome = judgeAttempt(r);
    if (outcome !== 'REJECT' || r.status !== 401 || challenge?.scheme !== 'digest') return finish(outcome);
    const before = challenge;
    const fresh = challengeOf(r.headers.get('www-authenticate') ?? []);
    if (fresh?.scheme === 'digest') challenge = fresh;
    if (fresh?.scheme !== 'digest' || !fresh.stale || !pair) return finish('REJECT');
    // RFC 7616 §3.3: stale says that only the nonce was wrong. Once, or a device could make us go on for ever.
    if (again || r.stays === 'no' || fresh.nonce === before.nonce) return finish('NO_VERDICT');
    again = true;
    return attempt(pair);
  };

  const formOn = (r: HttpResponse) => loginFormOf(r.body, action => placeOf(action, path, voice));
  const looked = (r: HttpResponse): readonly Action[] => {
    challenge = r.status === 401 ? challengeOf(r.headers.get('www-authenticate') ?? []) : undefined;
    server = r.headers.get('server')?.[0];
    title = titleOf(r.body);
    seen = undefined;
    cookies = cookiesOf(r, cookies);
    const outcome = judgeLook(r, challenge);
    if (outcome === 'LOGIN_PROMPT') return ask();
    if (forms && r.status === 200) {
      const form = formOn(r);
      const cookie = cookies.join('; ');
      if (form && mayFill(form, cookie)) {
        seen = { form, cookie, page: { path, seen: seenOn(r.body), shape: shapeOf(r) } };
        return memory || stays === 'no' ? ask() : asked('nowhere', request(voice, nowhere, false));
      }
    }
    if (stage === 'look' && !memory && stays !== 'no') {
      const place = redirectOf(r) && placeOf(redirectOf(r) as string, path, voice);
      if (place !== undefined && place !== path && mayFollow(place)) {
        path = place;
        return asked('followed', request(voice, path, false));
      }
      otherwise = outcome;
      if (outcome === 'OPEN_PAGE') return asked('nowhere', request(voice, nowhere, true));
    }
    return finish(stage === 'followed' && outcome === 'OPEN_PAGE' ? 'NOT_A_LOGIN' : outcome);
  };

  const take = (r: HttpResponse): readonly Action[] => {
    if (isAnswer()) shape = shapeOf(r);
    if (stage === 'attempt') return answered(r);
    if (stage === 'post' && seen) return finish(judgePost(r, seen.page, to => placeOf(to, path, voice)));
    stays = reader.ahead ? 'no' : r.stays;
    if (stage !== 'nowhere') return looked(r);
    // Whoever answers 2xx to a path that cannot exist says nothing by answering to one that does; unless it is the login
    // itself that stands before everything.
    if (r.status < 200 || r.status >= 300) return seen ? ask() : finish(otherwise);
    if (seen && fieldsOf(formOn(r)) === fieldsOf(seen.form)) return ask();
    seen = undefined;
    return finish('NOT_A_LOGIN');
  };

  const facts = (): Facts => ({
    said: { realm: challenge?.realm, server, title },
    asks: challenge ? 'pair' : seen ? (seen.form.fields.some(({ is }) => is === 'user') ? 'pair' : 'password') : null,
    identity: JSON.stringify([
      challenge?.realm,
      server,
      ...(path === ROOT ? [] : [path]),
      ...(seen ? [title, fieldsOf(seen.form)] : []),
    ]),
    shape,
    memory: { path, stays, challenge, seen, server, title } satisfies HttpMemory,
  });

  return {
    maxBytes: MOST_BYTES,
    facts,
    start() {
      if (memory?.stays === 'no' && challenge) return LOGIN;
      return asked('look', request(voice, path, false));
    },
    onData(chunk) {
      if (stage === 'waiting') {
        reader.read(textOf(chunk));
        if (!reader.ahead) return NOTHING;
        stays = 'no';
        return ask();
      }
      const read = reader.read(textOf(chunk));
      if (read !== undefined) return typeof read === 'string' ? finish(OF_PROBLEM[read]) : take(read);
      // No length, and no close either: when it is quiet, that was all.
      return reader.openEnded ? [{ do: 'quiet', ms: settleMs }] : NOTHING;
    },
    onQuiet() {
      if (stage === 'waiting') return LOGIN;
      const rest = reader.openEnded ? reader.end() : undefined;
      return rest ? take(rest) : NOTHING;
    },
    onCredential: credential => (credential ? attempt(credential) : finish('LOGIN_PROMPT')),
    onClose(how) {
      const rest = reader.end();
      if (rest) return take(rest);
      stays = 'no';
      if (stage === 'waiting') return ask();
      if (stage === 'nowhere' || stage === 'followed') return finish(otherwise);
      if (isAnswer()) return finish('CLOSED_AFTER_PASSWORD');
      return finish(how === 'reset' && !reader.started ? 'BUSY' : 'CLOSED_EARLY');
    },
    onDeadline() {
      if (stage === 'waiting') return finish('LOGIN_PROMPT');
      if (stage === 'nowhere' || stage === 'followed') return finish(otherwise);
      if (!isAnswer()) return finish(reader.started ? 'DEADLINE' : 'SILENT');
      const rest = reader.end();
      return rest ? take(rest) : finish('IDLE_AFTER_SEND');
    },
  };
}
