/** More HTTP devices: the forms of Digest, framings, portals and proxies, pages that only look like a login. */
import { nthPair } from './accepts.ts';
import { deceptive, HONEST, judged, numbered, unjudged } from './device.ts';
import { anyGets, guarded, INSIDE, web, wrongGets } from './http-wire.ts';

const FORM = '<title>Sign in</title><form method="post"><input name="u"><input name="p" type="password"></form>';
const SCRIPTS =
  '<title>Camera</title><div id="app"></div><script src="/app.js"></script><noscript>JavaScript</noscript>';

export const HTTP_MORE = numbered('http', 13, [
  { title: 'Digest MD5-sess', ...HONEST, device: web(guarded, { digest: { algorithm: 'MD5-sess' } }) },
  { title: 'Digest SHA-256', ...HONEST, device: web(guarded, { digest: { algorithm: 'SHA-256' } }) },
  { title: 'Digest, first nonce stale', ...HONEST, device: web(guarded, { digest: { staleFirst: true } }) },
  {
    title: 'Digest with opaque and two qops',
    ...HONEST,
    device: web(guarded, { digest: { opaque: '5ccc069c403ebaf9', qop: 'auth,auth-int' } }),
  },
  { title: 'Digest without qop', ...HONEST, device: web(guarded, { digest: { qop: null } }) },
  { title: 'Basic and Digest', ...HONEST, device: web(guarded, { digest: {}, basic: true }) },
  {
    title: '100 Continue before the answer',
    ...HONEST,
    device: web(guarded, { before: 'HTTP/1.1 100 Continue\r\n\r\n' }),
  },
  {
    title: 'HTTP/1.0, ends with the connection',
    ...HONEST,
    device: web(guarded, { version: '1.0', framing: 'close' }),
  },
  {
    title: 'captive portal',
    ...unjudged('NOT_A_LOGIN'),
    device: web(() => ({
      status: '200 OK',
      body: '<title>Welcome</title><a href="http://portal.invalid/">Accept</a>',
    })),
  },
  {
    title: 'reverse proxy refuses by itself',
    ...HONEST,
    // Whatever the pair: the device behind it is never asked, and so never guessable from here.
    right: HONEST.wrong,
    takesNone: true,
    device: web(({ unauthorized }) => ({
      ...unauthorized,
      headers: [...(unauthorized.headers ?? []), 'Via: 1.1 edge'],
    })),
  },
  {
    title: 'reverse proxy finds nobody behind it',
    ...unjudged('INCONCLUSIVE'),
    device: web(anyGets({ status: '502 Bad Gateway', headers: ['Via: 1.1 edge'], body: '<title>502</title>' })),
  },
  {
    title: 'login page for everything',
    ...unjudged('NOT_A_LOGIN'),
    device: web(() => ({ status: '200 OK', body: FORM })),
  },
  {
    title: 'login in JavaScript only',
    ...unjudged('NOT_A_LOGIN'),
    device: web(() => ({ status: '200 OK', body: SCRIPTS })),
  },
  {
    title: 'any pair is sent to another host',
    ...deceptive('ACCEPTS_ANYTHING', 'INCONCLUSIVE'),
    device: web(anyGets({ status: '302 Found', headers: ['Location: http://cloud.invalid/home'] })),
  },
  { title: 'slow but honest', ...HONEST, device: web(guarded, { delayMs: 200 }) },
  {
    title: 'right pair is sent on',
    ...HONEST,
    device: web(({ right, unauthorized }) =>
      right ? { status: '302 Found', headers: ['Location: /index.html'], accepted: true } : unauthorized,
    ),
  },
  {
    title: 'careless header lines',
    ...HONEST,
    device: web(guarded, { newline: '\n', challenges: ['basic REALM=Device'] }),
  },
  {
    title: 'offers what nobody here speaks first',
    ...HONEST,
    device: web(guarded, { challenges: ['Negotiate', 'NTLM', 'Basic realm="Device"'] }),
  },
  {
    title: 'too many requests after a wrong pair',
    ...judged('LOCKED_COOLING', 'LOCKED_COOLING', 'WEAK_UNCONFIRMED'),
    device: web(wrongGets({ status: '429 Too Many Requests', headers: ['Retry-After: 300'] })),
  },
  {
    title: 'takes the n-th pair of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    needsSecondSource: true,
    device: web(({ tried, here, user, password, sight, unauthorized }) =>
      tried && nthPair(here, user, password, sight) ? INSIDE : unauthorized,
    ),
  },
]);
