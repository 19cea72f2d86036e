/** FTP devices (RFC 959): one that is as it should be, and those that say 230, 331, 332, 421 or 530 where none expects it. */
import { nthPair } from './accepts.ts';
import { type Device, deceptive, HONEST, judged, numbered, POST_LOGIN, unjudged, type Witness } from './device.ts';
import { encodeJapanese } from './japanese.ts';
import { lines, say } from './telnet-asking.ts';

interface Manner {
  readonly greeting?: string;
  /** Answer to USER. */
  readonly user?: string;
  readonly accepts?: (right: boolean, here: string, user: string, password: string, sight: Witness) => boolean;
  readonly reject?: string;
  readonly success?: string;
  readonly closes?: boolean;
}

const speaking =
  (manner: Manner): Device =>
  (socket, key, sight) => {
    const {
      greeting = '220 FTP server ready.',
      user: ofUser = '331 Password required.',
      accepts = right => right,
      reject = '530 Login incorrect.',
      success = `230 ${POST_LOGIN} logged in.`,
      closes = false,
    } = manner;
    let user: string | undefined;
    say(socket, `${greeting}\r\n`);
    if (/^(421|5\d\d) /.test(greeting)) return void socket.end();
    lines(socket, line => {
      const [verb = '', ...rest] = line.split(' ');
      const word = rest.join(' ');
      if (verb.toUpperCase() === 'USER') {
        user = word;
        if (ofUser.startsWith('230')) sight.accepted();
        say(socket, `${ofUser}\r\n`);
        if (ofUser.startsWith('421')) socket.end();
      } else if (verb.toUpperCase() === 'PASS' && user !== undefined) {
        sight.tried(user, word);
        const right = key !== null && user === key.user && word === key.password;
        const here = `${socket.localAddress}:${socket.localPort}`;
        if (accepts(right, here, user, word, sight)) {
          sight.accepted();
          say(socket, `${success}\r\n`);
          return;
        }
        user = undefined;
        say(socket, `${reject}\r\n`);
        if (closes) socket.end();
      } else if (verb.toUpperCase() === 'QUIT') {
        say(socket, '221 Goodbye.\r\n');
        socket.end();
      } else say(socket, '500 What?\r\n');
    });
  };

const JAPANESE = '530 ユーザ名またはパスワードが違います';

export const FTP = numbered('ftp', 1, [
  { title: 'normal', ...HONEST, device: speaking({}) },
  {
    title: 'greets in many lines',
    ...HONEST,
    device: speaking({
      greeting: '220-Welcome # > $\r\n 530 is only a number here\r\n220-and so is 230\r\n220 NAS-4 ready',
    }),
  },
  { title: 'takes anything', ...deceptive('ACCEPTS_ANYTHING'), device: speaking({ accepts: () => true }) },
  {
    title: 'too many connections',
    ...unjudged('LOCKED_COOLING', 'INCONCLUSIVE'),
    device: speaking({ greeting: '421 Too many connections, try again later.' }),
  },
  {
    title: 'refuses every user at once',
    ...unjudged('CLEAR', 'INCONCLUSIVE'),
    takesNone: true,
    device: speaking({ user: '530 This server is for its owner only.' }),
  },
  {
    title: 'asks no password of the user',
    ...unjudged('INCONCLUSIVE', 'ACCEPTS_ANYTHING'),
    device: speaking({ user: '230 User logged in.' }),
  },
  {
    title: 'wants an account besides',
    ...unjudged('INCONCLUSIVE'),
    device: speaking({ success: '332 Need account for login.', reject: '332 Need account for login.' }),
  },
  {
    title: 'rejects in Shift_JIS and hangs up',
    ...HONEST,
    device: speaking({ reject: encodeJapanese(JAPANESE, 'shift_jis'), closes: true }),
  },
  {
    title: 'hangs up with 421 after a wrong pair',
    ...judged('LOCKED_COOLING', 'LOCKED_COOLING', 'WEAK_UNCONFIRMED'),
    device: speaking({ reject: '421 Too many failures, closing.', closes: true }),
  },
  {
    title: 'takes the n-th pair of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    needsSecondSource: true,
    device: speaking({ accepts: (_, here, user, password, sight) => nthPair(here, user, password, sight) }),
  },
]);
