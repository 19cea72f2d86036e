/** The telnet device that asks, compares, and answers in its own manner. In: the manner. Out: what serves one socket. */
import type { Socket } from 'node:net';
import { type Device, POST_LOGIN, type Witness } from './device.ts';

export const SHELL = `\r\n${POST_LOGIN} Welcome to BusyBox\r\n# `;
export const IAC_GREETING = '\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03';

/** Longest line a device bothers to hold. */
const MOST_LINE = 4_096;

export const say = (socket: Socket, text: string): void => {
  if (!socket.destroyed && socket.writable) socket.write(Buffer.from(text, 'latin1'));
};

/** Negotiation and sub-negotiation of the peer; nothing here cares what it says. */
const COMMANDS = /\xff\xfa[^\xff]{0,64}\xff\xf0|\xff[\xfb-\xfe][\s\S]|\xff[\xf1-\xf9]/g;
/** Whichever line end a peer has. */
const LINE_END = /\r\n|\r\0|\r|\n/;

/** Lines without telnet commands in them. */
export function lines(socket: Socket, onLine: (line: string) => void): void {
  let buffer = '';
  let returned = false;
  socket.on('data', chunk => {
    let text = chunk.toString('latin1');
    // The second half of a line end that came in two packets.
    if (returned && /^[\n\0]/.test(text)) text = text.slice(1);
    returned = text.endsWith('\r');
    buffer = (buffer + text).slice(-MOST_LINE).replace(COMMANDS, '');
    for (let end = LINE_END.exec(buffer); end; end = LINE_END.exec(buffer)) {
      const line = buffer.slice(0, end.index);
      buffer = buffer.slice(end.index + end[0].length);
      onLine(line);
    }
  });
}

export interface Manner {
  readonly greeting?: string;
  readonly user?: string;
  readonly password?: string;
  readonly reject?: string;
  /** What it asks after a reject; what it asked first, by default. */
  readonly again?: string;
  readonly success?: string;
  readonly closes?: boolean;
  /** The connection ends with this many-eth wrong pair. */
  readonly strikes?: number;
  readonly accepts?: (right: boolean, count: number, tried: Tried) => boolean;
  readonly passwordOnly?: boolean;
  readonly write?: (socket: Socket, text: string) => void;
  /** The user's echo comes so much later than the password prompt, ms. */
  readonly lateEchoMs?: number;
}

export interface Tried {
  readonly here: string;
  readonly user: string;
  readonly password: string;
  readonly sight: Witness;
}

export const asking =
  (manner: Manner): Device =>
  (socket, key, sight) => {
    const {
      greeting = IAC_GREETING,
      user: userPrompt = 'login: ',
      password: passwordPrompt = 'Password: ',
      reject = '\r\nLogin incorrect\r\n',
      success = SHELL,
      closes = false,
      strikes = Number.POSITIVE_INFINITY,
      accepts = right => right,
      passwordOnly = false,
      write = say,
      lateEchoMs,
    } = manner;
    const first = passwordOnly ? passwordPrompt : userPrompt;
    const again = manner.again ?? first;
    let user: string | undefined = passwordOnly ? '' : undefined;
    let wrong = 0;
    let inside = false;
    write(socket, greeting + first);
    lines(socket, line => {
      if (inside) return;
      if (user === undefined) {
        user = line;
        // Echo, as a terminal driver does.
        write(socket, lateEchoMs === undefined ? `${line}\r\n${passwordPrompt}` : passwordPrompt);
        if (lateEchoMs !== undefined) setTimeout(() => write(socket, `${line}\r\n`), lateEchoMs);
        return;
      }
      const count = sight.tried(user, line);
      const right = key !== null && line === key.password && (passwordOnly || user === key.user);
      const here = `${socket.localAddress}:${socket.localPort}`;
      if (accepts(right, count, { here, user, password: line, sight })) {
        inside = true;
        sight.accepted();
        write(socket, success);
        return;
      }
      const last = closes || ++wrong >= strikes;
      if (again !== passwordPrompt) user = passwordOnly ? '' : undefined;
      write(socket, reject + (last ? '' : again));
      if (last) socket.end();
    });
  };

/** One byte a millisecond, as devices do whose terminal driver has no buffer. */
export const byteByByte = (socket: Socket, text: string): void => {
  let i = 0;
  const step = () => {
    if (i >= text.length || socket.destroyed || !socket.writable) return;
    say(socket, text[i++] as string);
    setTimeout(step, 1);
  };
  step();
};
