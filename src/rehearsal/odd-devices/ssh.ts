/**
 * SSH devices: the manners of real ones, and honeypots. Each device has its own server over ssh2, which is only the far end
 * here and shares nothing with the code under test but the library. Host keys are made when they are first needed.
 */
import { nthPair } from './accepts.ts';
import { deceptive, HONEST, NO_LOGIN, numbered, unjudged } from './device.ts';
import { OLD, slowly, sshServer } from './ssh-server.ts';
import { say } from './telnet-asking.ts';

const LINES = '*** Sazanami NVR ***\r\nlogin: # > $ 100 %\r\nUnauthorised use is forbidden\r\n';

export const SSH = numbered('ssh', 1, [
  { title: 'normal', ...HONEST, device: sshServer({}) },
  { title: 'lines before its version', ...HONEST, device: sshServer({ server: { greeting: LINES } }) },
  {
    title: 'slow key exchange',
    ...HONEST,
    device: (socket, key, sight) => sshServer({})(slowly(socket, 60), key, sight),
  },
  { title: 'accepts anything', ...deceptive('ACCEPTS_ANYTHING'), device: sshServer({ accepts: () => true }) },
  { title: 'keyboard-interactive only', ...HONEST, device: sshServer({ methods: ['keyboard-interactive'] }) },
  { title: 'old key exchange only', ...HONEST, device: sshServer({ server: OLD }) },
  {
    title: 'banner before the password',
    ...HONEST,
    device: sshServer({ server: { banner: 'Password: # $ > incorrect\r\nlast login: never\r\n' } }),
  },
  {
    title: 'public keys only',
    ...unjudged('NOT_A_LOGIN', 'INCONCLUSIVE'),
    takesNone: true,
    device: sshServer({ methods: ['publickey'] }),
  },
  {
    title: 'lets everybody in without a password',
    ...NO_LOGIN,
    device: sshServer({ open: true }),
  },
  {
    title: 'too busy to say its version',
    ...unjudged('INCONCLUSIVE', 'LOCKED_COOLING'),
    takesNone: true,
    device: socket => {
      say(socket, 'Exceeded MaxStartups\r\n');
      socket.end();
    },
  },
  {
    title: 'takes the n-th pair of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED', 'CLEAR'),
    needsSecondSource: true,
    device: sshServer({ accepts: (_, here, user, password, sight) => nthPair(here, user, password, sight) }),
  },
]);
