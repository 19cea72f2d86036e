/** Devices with a login form instead of a pop-up: how they say no, what they ask besides, and those that let in anybody. */
import { nthPair } from './accepts.ts';
import { type Device, deceptive, HONEST, judged, numbered, POST_LOGIN, unjudged } from './device.ts';
import { type Answer, type Judged, web } from './http-wire.ts';

const TOKEN = 'a81bc81bdead4e5d';

const page = (words: string, hidden = ''): Answer => ({
  status: '200 OK',
  headers: ['Content-Type: text/html', `Set-Cookie: visit=${TOKEN}; Path=/`],
  body: `<html><head><title>Sign in</title></head><body><p>${words}</p><form method="post" action="/login">${hidden}<input type="text" name="username"><input type="password" name="password"><input type="submit" value="OK"></form></body></html>`,
});
const LOGIN = page('Please sign in');
const WITH_TOKEN = page('Please sign in', `<input type="hidden" name="csrf" value="${TOKEN}">`);
const FRONT: Answer = {
  status: '200 OK',
  headers: ['Content-Type: text/html'],
  body: `<html><head><title>Status</title></head><body>${POST_LOGIN}<a href="/reboot">Reboot</a></body></html>`,
  accepted: true,
};
const SENT_ON: Answer = {
  status: '302 Found',
  headers: ['Location: /index.html', 'Set-Cookie: session=1f3a; Path=/'],
  accepted: true,
};

interface Manner {
  readonly first?: Answer;
  readonly wrong?: Answer;
  readonly success?: Answer;
  /** The hidden field and the cookie must come back. */
  readonly token?: boolean;
  readonly accepts?: (right: boolean, judged: Judged, user: string, password: string) => boolean;
}

const form = ({ first = LOGIN, wrong = LOGIN, success = SENT_ON, token, accepts = right => right }: Manner): Device =>
  web(judged => {
    const { asked, key, sight } = judged;
    if (asked.method !== 'POST') return first;
    const fields = new URLSearchParams(asked.body);
    const came = fields.get('csrf') === TOKEN && asked.headers.get('cookie')?.includes(`visit=${TOKEN}`) === true;
    if (token && !came) return { status: '403 Forbidden', body: 'token missing' };
    const [user, password] = [fields.get('username') ?? '', fields.get('password') ?? ''];
    sight.tried(user, password);
    const right = key !== null && user === key.user && password === key.password;
    return accepts(right, judged, user, password) ? success : wrong;
  });

const WRONG = page('Wrong user name or password');

export const HTTP_FORM = numbered('http-form', 1, [
  { title: 'says so on the same page', ...HONEST, device: form({ wrong: WRONG }) },
  {
    title: 'sends a wrong pair back',
    ...HONEST,
    device: form({ wrong: { status: '302 Found', headers: ['Location: /login?error=1'] }, success: FRONT }),
  },
  {
    title: 'wants its token and cookie back',
    ...HONEST,
    device: form({ first: WITH_TOKEN, wrong: WITH_TOKEN, token: true }),
  },
  {
    title: 'refuses with 401',
    ...HONEST,
    device: form({ wrong: { ...WRONG, status: '401 Unauthorized' }, success: FRONT }),
  },
  { title: 'any pair', ...deceptive('ACCEPTS_ANYTHING'), device: form({ accepts: () => true }) },
  {
    title: 'says the same whatever the pair',
    ...unjudged('CLEAR', 'INCONCLUSIVE'),
    takesNone: true,
    device: form({ accepts: () => false }),
  },
  {
    title: 'too many requests after a wrong pair',
    ...judged('LOCKED_COOLING', 'LOCKED_COOLING', 'WEAK_UNCONFIRMED'),
    device: form({ wrong: { status: '429 Too Many Requests', headers: ['Retry-After: 300'] } }),
  },
  {
    title: 'takes the n-th pair of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    needsSecondSource: true,
    device: form({
      wrong: WRONG,
      accepts: (_, { here, sight }, user, password) => nthPair(here, user, password, sight),
    }),
  },
]);
