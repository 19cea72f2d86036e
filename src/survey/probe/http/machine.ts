/**
 * HTTP, as a conversation. Without a credential: GET / and, where the connection stays, a random path. With one: the
 * same GET / first, so that 401 is seen before anything is tried and the device is still the same one, then once with
 * the credential. A claim is a *change* from 401; a redirect is never followed.
 */
import type { Outcome } from '../../../record/observation.ts';
import { type Action, type Credential, finish, type Machine, NOTHING, send, textOf } from '../machine.ts';
import { authorization, type Challenge, challengeOf, isStale } from './auth.ts';
import { hasLoginForm, leadsToLogin, redirectOf, shapeOf, titleOf } from './page.ts';
import { type HttpProblem, type HttpReader, type HttpResponse, httpReader } from './reader.ts';
import { type HttpVoice, nowhere, ROOT, request } from './request.ts';

/** Two responses at their caps, and their framing. */
const MOST_BYTES = 2 * (16 + 64) * 1024 + 4096;

export interface HttpFacts {
  readonly challenge: Challenge | undefined;
  readonly realm: string | undefined;
  readonly server: string | undefined;
  readonly title: string | undefined;
  /** The site answers 2xx for a path that cannot exist. */
  readonly catchAll: boolean;
  /** The connection stays open between requests. */
  readonly keepAlive: boolean;
  readonly shape: string;
}

export type HttpMachine = Machine & { facts(): HttpFacts };

export interface HttpOptions {
  readonly voice: HttpVoice;
  /** Eight bytes: the random path, and the client nonce of Digest. */
  readonly random: Uint8Array;
  /** Known from an earlier conversation: when it closes each connection, the baseline is not asked again. */
  readonly known?: Pick<HttpFacts, 'challenge' | 'keepAlive'>;
}

const isProblem = (read: HttpResponse | HttpProblem): read is HttpProblem => typeof read === 'string';
const OF_PROBLEM: Readonly<Record<HttpProblem, Outcome>> = {
  'not-http': 'NOT_PROTOCOL',
  'too-big': 'BYTE_CAP',
  loop: 'NEGOTIATION_LOOP',
};

/** What `/` says to one who brings nothing. */
function judgeBaseline(r: HttpResponse): Outcome {
  if (r.status === 401) return challengeOf(r.headers.get('www-authenticate') ?? []) ? 'LOGIN_PROMPT' : 'NOT_A_LOGIN';
  if (r.status === 429 || r.status === 423 || r.headers.has('retry-after')) return 'THROTTLED';
  if (r.status >= 500) return 'SERVER_ERROR';
  if (r.status >= 200 && r.status < 300 && !hasLoginForm(r.body)) return 'OPEN_PAGE';
  return 'NOT_A_LOGIN';
}

/** What `/` says to one who brings a pair, where it said 401 before. */
function judgeAttempt(r: HttpResponse): Outcome {
  if (r.status === 403 || r.status === 423 || r.status === 429 || r.headers.has('retry-after')) return 'LOCKOUT';
  // A stale nonce (RFC 7616 §3.3) says nothing about the pair.
  if (r.status === 401) return (r.headers.get('www-authenticate') ?? []).some(isStale) ? 'NO_VERDICT' : 'REJECT';
  if (r.status >= 500) return 'SERVER_ERROR';
  const location = redirectOf(r);
  if (location !== undefined) return leadsToLogin(location) ? 'REJECT' : 'ACCEPT';
  if (r.status >= 200 && r.status < 300) return hasLoginForm(r.body) ? 'REJECT' : 'ACCEPT';
  return 'NO_VERDICT';
}

export function httpMachine({ voice, random, known }: HttpOptions): HttpMachine {
  const reader: HttpReader = httpReader();
  let stage: 'baseline' | 'nowhere' | 'attempt' = 'baseline';
  let baseline: Outcome = 'NO_VERDICT';
  let challenge = known?.challenge;
  let realm: string | undefined;
  let server: string | undefined;
  let title: string | undefined;
  let catchAll = false;
  let keepAlive = false;
  let shape = '';

  const facts = (): HttpFacts => ({ challenge, realm, server, title, catchAll, keepAlive, shape });
  const attempt = (credential: Credential): readonly Action[] => {
    if (!challenge) return finish('NO_VERDICT');
    stage = 'attempt';
    const cnonce = Buffer.from(random).toString('hex');
    return [send(request(voice, ROOT, true, authorization(challenge, credential, ROOT, cnonce)))];
  };

  const take = (r: HttpResponse): readonly Action[] => {
    shape = shapeOf(r);
    if (stage === 'attempt') return finish(judgeAttempt(r));
    if (stage === 'nowhere') {
      catchAll = r.status >= 200 && r.status < 300;
      return finish(baseline);
    }
    baseline = judgeBaseline(r);
    challenge = challengeOf(r.headers.get('www-authenticate') ?? []);
    realm = challenge?.realm;
    server = r.headers.get('server')?.[0];
    title = titleOf(r.body);
    keepAlive = r.keepAlive;
    if (baseline === 'LOGIN_PROMPT' && keepAlive) return [{ do: 'login' }];
    if (!keepAlive || baseline !== 'OPEN_PAGE') return finish(baseline);
    stage = 'nowhere';
    return [send(request(voice, nowhere(random), true))];
  };

  return {
    maxBytes: MOST_BYTES,
    facts,
    start() {
      if (known?.challenge && !known.keepAlive) return [{ do: 'login' }];
      return [send(request(voice, ROOT, false))];
    },
    onData(chunk) {
      const read = reader.read(textOf(chunk));
      if (read === undefined) return NOTHING;
      return isProblem(read) ? finish(OF_PROBLEM[read]) : take(read);
    },
    onQuiet: () => NOTHING,
    onCredential: credential => (credential ? attempt(credential) : finish('LOGIN_PROMPT')),
    onClose(how) {
      const rest = reader.end();
      if (rest) return take(rest);
      if (stage === 'nowhere') return finish(baseline);
      if (stage === 'attempt') return finish('CLOSED_AFTER_PASSWORD');
      return finish(how === 'reset' && !reader.started ? 'BUSY' : 'CLOSED_EARLY');
    },
    onDeadline() {
      if (stage === 'nowhere') return finish(baseline);
      if (stage === 'attempt') return finish('IDLE_AFTER_SEND');
      return finish(reader.started ? 'DEADLINE' : 'SILENT');
    },
  };
}
