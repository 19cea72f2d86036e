/** Nine HTTP devices that mislead password testers, numbered as in the matrix of docs/decisions/0008, and three more. */
import { byName, deceptive, HONEST, judged, numbered, unjudged } from './device.ts';
import { type Answer, anyGets, guarded, INSIDE, web, wrongGets } from './http-wire.ts';

const LOGIN_PAGE: Answer = {
  status: '200 OK',
  body: '<title>Login</title><form><input type="password" name="p"></form>',
};

export const HTTP = numbered('http', 1, [
  { title: 'normal Basic', ...HONEST, device: web(guarded) },
  {
    title: 'no login at all',
    ...unjudged('NOT_A_LOGIN'),
    device: web(() => ({ status: '200 OK', body: '<title>Status</title>' })),
  },
  { title: 'any pair', ...deceptive('ACCEPTS_ANYTHING'), device: web(anyGets(INSIDE)) },
  {
    title: 'portal',
    ...unjudged('NOT_A_LOGIN'),
    device: web(() => ({ status: '302 Found', headers: ['Location: http://portal.invalid/'] })),
  },
  {
    // The decoy locks it, so a right pair stays unproven.
    title: 'forbids after a wrong pair',
    ...judged('LOCKED_COOLING', 'LOCKED_COOLING', 'WEAK_UNCONFIRMED'),
    device: web(wrongGets({ status: '403 Forbidden' })),
  },
  { title: 'wrong pair gets the login page', ...HONEST, device: web(wrongGets(LOGIN_PAGE)) },
  {
    title: 'fails on any credential',
    ...unjudged('INCONCLUSIVE'),
    device: web(anyGets({ status: '500 Internal Server Error' })),
  },
  { title: 'Digest only', ...HONEST, device: web(guarded, { digest: {} }) },
  {
    title: 'wrong pair is sent to /login',
    ...HONEST,
    device: web(wrongGets({ status: '302 Found', headers: ['Location: /login'] })),
  },
  { title: 'closes every connection', ...HONEST, device: web(guarded, { framing: 'close' }) },
  { title: 'chunked', ...HONEST, device: web(guarded, { framing: 'chunked' }) },
  {
    title: 'any pair gets the same page',
    ...deceptive('ACCEPTS_ANYTHING'),
    device: web(anyGets({ status: '200 OK', body: 'ok', accepted: true })),
  },
]);

export const HTTP_DEVICES = byName(HTTP);
