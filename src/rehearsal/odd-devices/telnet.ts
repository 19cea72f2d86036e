/**
 * Seventeen telnet devices that mislead password testers, numbered as in the matrix of docs/decisions/0008, and four more
 * that the first seventeen made us think of.
 */
import { byName, type Device, deceptive, HONEST, judged, NO_LOGIN, numbered, POST_LOGIN, unjudged } from './device.ts';
import { utf8 } from './japanese.ts';
import { asking, byteByByte, IAC_GREETING, lines, SHELL, say } from './telnet-asking.ts';

const ART = '\r\n#################\r\n# 100 % / > $ # #\r\n#################\r\n/ > % $ #\r\n';

const endless: Device = socket => {
  const more = () => {
    while (!socket.destroyed && socket.write('lorem ipsum > # $ login \r\n'.repeat(40)));
  };
  socket.on('drain', more);
  more();
};

const noPasswordOfTheUser: Device = (socket, _, sight) => {
  say(socket, 'login: ');
  lines(socket, () => {
    sight.accepted();
    say(socket, SHELL);
  });
};

const keyFirst: Device = (socket, key, sight) => {
  say(socket, '\r\nPress ENTER to continue\r\n');
  socket.once('data', () => asking({ greeting: '\r\n' })(socket, key, sight));
};

const negotiatesForEver: Device = socket => {
  say(socket, '\xff\xfb\x01login: ');
  socket.on('data', () => say(socket, '\xff\xfb\x01\xff\xfd\x01'.repeat(40)));
  const timer = setInterval(() => say(socket, '\xff\xfb\x05\xff\xfc\x05\xff\xfd\x06'.repeat(60)), 1);
  socket.on('close', () => clearInterval(timer));
};

export const TELNET = numbered('telnet', 1, [
  { title: 'normal', ...HONEST, device: asking({}) },
  { title: 'banner of prompt characters', ...HONEST, device: asking({ greeting: ART }) },
  { title: 'accepts anything', ...deceptive('ACCEPTS_ANYTHING'), device: asking({ accepts: () => true }) },
  {
    // Its own key plays no part: the third try of any source opens it.
    title: 'accepts the third try of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    needsSecondSource: true,
    device: asking({ accepts: (_, count) => count === 3 }),
  },
  {
    title: 'no login',
    ...NO_LOGIN,
    device: (socket, _, sight) => {
      sight.accepted();
      say(socket, SHELL);
    },
  },
  {
    title: 'password only',
    ...HONEST,
    device: asking({
      passwordOnly: true,
      greeting: '\r\n',
      reject: '\r\n% Bad passwords\r\n',
      success: '\r\nrouter> ',
    }),
  },
  {
    title: 'rejects in Japanese',
    ...HONEST,
    device: asking({ reject: utf8('\r\nパスワードが違います。もう一度入力してください。\r\n') }),
  },
  { title: 'rejects with a hash', ...HONEST, device: asking({ reject: '\r\n% Login invalid (code #7)\r\n' }) },
  {
    title: 'NOP and sub-negotiation',
    ...HONEST,
    device: asking({ greeting: `\xff\xf1${IAC_GREETING}\xff\xfa\x18\x01\xff\xf0\xff\xf1` }),
  },
  {
    title: 'byte by byte',
    ...HONEST,
    device: asking({ greeting: `${IAC_GREETING}\r\nWelcome > to # device\r\n`, write: byteByByte }),
  },
  {
    // A right pair is accepted, but the decoy locks the account: unproven, and the device is left alone.
    title: 'locks the account',
    ...judged('LOCKED_COOLING', 'LOCKED_COOLING', 'WEAK_UNCONFIRMED'),
    device: asking({ reject: '\r\nAccount locked for 300 s >', closes: true }),
  },
  {
    title: 'menu',
    ...HONEST,
    device: asking({ success: `\r\n${POST_LOGIN}\r\n 1. Status\r\n 2. Network\r\n 3. Reboot\r\nSelect: ` }),
  },
  { title: 'prompt with a hash', ...HONEST, device: asking({ password: 'Password (# to cancel): ' }) },
  { title: 'silent', ...unjudged('INCONCLUSIVE'), device: () => {} },
  { title: 'endless', ...unjudged('INCONCLUSIVE'), device: endless },
  { title: 'closes at once', ...unjudged('INCONCLUSIVE'), device: socket => void socket.end() },
  {
    title: 'rejects with slash and dollar',
    ...HONEST,
    device: asking({ reject: '\r\nAccess denied, see /etc/motd $', closes: true }),
  },
  {
    // Neither reject nor accept, so the control cannot confirm the right pair either.
    title: 'closes after the password',
    ...unjudged('INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    device: asking({ reject: '', closes: true }),
  },
  { title: 'asks no password of the user', ...unjudged('INCONCLUSIVE'), device: noPasswordOfTheUser },
  { title: 'wants a key first', ...HONEST, device: keyFirst },
  { title: 'negotiates for ever', ...unjudged('INCONCLUSIVE'), device: negotiatesForEver },
]);

export const TELNET_DEVICES = byName(TELNET);
