/**
 * Seventeen telnet devices that mislead password testers, and four more, as real listening sockets (the matrix of
 * research/credential-check.md §4). Each takes one pair and counts at its own end what it was sent.
 */
import type { Socket } from 'node:net';

export const POST_LOGIN = 'CANARY-post-login-text';
const SHELL = `\r\n${POST_LOGIN} Welcome to BusyBox\r\n# `;
const IAC_GREETING = '\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03';

export interface Sight {
  /** A session is open: from here on nothing may arrive. */
  accepted(): void;
  /** One credential has arrived whole. Returns its number among those from the same source, from 1. */
  tried(user: string, password: string): number;
}

export interface Key {
  readonly user: string;
  readonly password: string;
}

export type TelnetDevice = (socket: Socket, key: Key | null, sight: Sight) => void;

const say = (socket: Socket, text: string) => socket.write(Buffer.from(text, 'latin1'));
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

/** Lines without telnet commands in them; only what arrives before the device stops listening. */
function lines(socket: Socket, onLine: (line: string) => void): void {
  let buffer = '';
  socket.on('data', chunk => {
    buffer += chunk.toString('latin1').replace(/\xff[\xfb-\xfe][\s\S]/g, '');
    for (let at = buffer.indexOf('\r\n'); at >= 0; at = buffer.indexOf('\r\n')) {
      const line = buffer.slice(0, at);
      buffer = buffer.slice(at + 2);
      onLine(line);
    }
  });
}

interface Manner {
  readonly greeting?: string;
  readonly user?: string;
  readonly password?: string;
  readonly reject?: string;
  readonly success?: string;
  readonly closes?: boolean;
  readonly accepts?: (right: boolean, count: number) => boolean;
  readonly passwordOnly?: boolean;
  readonly write?: (socket: Socket, text: string) => void;
}

/** A device that asks, compares, and answers in its own manner. */
const asking =
  (manner: Manner): TelnetDevice =>
  (socket, key, sight) => {
    const {
      greeting = IAC_GREETING,
      user: userPrompt = 'login: ',
      password: passwordPrompt = 'Password: ',
      reject = '\r\nLogin incorrect\r\n',
      success = SHELL,
      closes = false,
      accepts = right => right,
      passwordOnly = false,
      write = say,
    } = manner;
    const first = passwordOnly ? passwordPrompt : userPrompt;
    let user: string | undefined = passwordOnly ? '' : undefined;
    write(socket, greeting + first);
    lines(socket, line => {
      if (user === undefined) {
        user = line;
        // Echo, as a terminal driver does.
        write(socket, `${line}\r\n${passwordPrompt}`);
        return;
      }
      const count = sight.tried(user, line);
      const right = key !== null && line === key.password && (passwordOnly || user === key.user);
      if (accepts(right, count)) {
        sight.accepted();
        write(socket, success);
        return;
      }
      user = passwordOnly ? '' : undefined;
      write(socket, reject + (closes ? '' : first));
      if (closes) socket.end();
    });
  };

const byteByByte = (socket: Socket, text: string) => {
  let i = 0;
  const step = () => {
    if (i >= text.length || socket.destroyed) return;
    say(socket, text[i++] as string);
    setTimeout(step, 1);
  };
  step();
};

const ART = '\r\n#################\r\n# 100 % / > $ # #\r\n#################\r\n/ > % $ #\r\n';

export const TELNET_DEVICES: Readonly<Record<string, TelnetDevice>> = {
  '1 normal': asking({}),
  '2 banner of prompt characters': asking({ greeting: ART }),
  '3 accepts anything': asking({ accepts: () => true }),
  '4 accepts the third try of a source': asking({ accepts: (_, count) => count === 3 }),
  '5 no login': (socket, _, sight) => {
    sight.accepted();
    say(socket, SHELL);
  },
  '6 password only': asking({
    passwordOnly: true,
    greeting: '\r\n',
    reject: '\r\n% Bad passwords\r\n',
    success: '\r\nrouter> ',
  }),
  '7 rejects in Japanese': asking({ reject: utf8('\r\nパスワードが違います。もう一度入力してください。\r\n') }),
  '8 rejects with a hash': asking({ reject: '\r\n% Login invalid (code #7)\r\n' }),
  '9 NOP and sub-negotiation': asking({ greeting: `\xff\xf1${IAC_GREETING}\xff\xfa\x18\x01\xff\xf0\xff\xf1` }),
  '10 byte by byte': asking({ greeting: `${IAC_GREETING}\r\nWelcome > to # device\r\n`, write: byteByByte }),
  '11 locks the account': asking({ reject: '\r\nAccount locked for 300 s >', closes: true }),
  '12 menu': asking({ success: `\r\n${POST_LOGIN}\r\n 1. Status\r\n 2. Network\r\n 3. Reboot\r\nSelect: ` }),
  '13 prompt with a hash': asking({ password: 'Password (# to cancel): ' }),
  '14 silent': () => {},
  '15 endless': socket => {
    const more = () => {
      while (!socket.destroyed && socket.write('lorem ipsum > # $ login \r\n'.repeat(40)));
    };
    socket.on('drain', more);
    more();
  },
  '16 closes at once': socket => void socket.end(),
  '17 rejects with slash and dollar': asking({ reject: '\r\nAccess denied, see /etc/motd $', closes: true }),
  '18 closes after the password': asking({ reject: '', closes: true }),
  '19 asks no password of the user': (socket, _, sight) => {
    say(socket, 'login: ');
    lines(socket, () => {
      sight.accepted();
      say(socket, SHELL);
    });
  },
  '20 wants a key first': (socket, key, sight) => {
    say(socket, '\r\nPress ENTER to continue\r\n');
    socket.once('data', () => asking({ greeting: '\r\n' })(socket, key, sight));
  },
  '21 negotiates for ever': socket => {
    say(socket, '\xff\xfb\x01login: ');
    socket.on('data', () => say(socket, '\xff\xfb\x01\xff\xfd\x01'.repeat(40)));
    const timer = setInterval(() => say(socket, '\xff\xfb\x05\xff\xfc\x05\xff\xfd\x06'.repeat(60)), 1);
    socket.on('close', () => clearInterval(timer));
  },
};
