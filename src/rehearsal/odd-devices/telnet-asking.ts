/** The telnet device that asks, compares, and answers in its own manner. In: the manner. Out: what serves one socket. */
import type { Socket } from 'node:net';
import { type Device, POST_LOGIN, type Witness } from './device.ts';

export const SHELL = `\r\n${POST_LOGIN} Welcome to BusyBox\r\n# `;
export const IAC_GREETING = '\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03';

/** How long the login program takes to start. */
const LOGIN_MS = 15;
/** Longest line a device bothers to hold. */
const MOST_LINE = 4_096;

export const say = (socket: Socket, text: string): void => {
  if (!socket.destroyed && socket.writable) socket.write(Buffer.from(text, 'latin1'));
};

/** Negotiation and sub-negotiation of the peer; nothing here cares what it says. */
const COMMANDS = /\xff\xfa[^\xff]{0,64}\xff\xf0|\xff[\xfb-\xfe][\s\S]|\xff[\xf1-\xf9]/g;
/** Whichever line end a peer has. */
const LINE_END = /\r\n|\r\0|\r|\n/;

const REQUEST = /\xff([\xfb\xfd])([\s\S])/g;

/** Refuses every option it is asked for, once, as RFC 854 demands; what it offered itself is only agreed to. */
export function refuseOptions(socket: Socket): void {
  const answered = new Set<string>();
  socket.on('data', chunk => {
    let reply = '';
    for (const [asked, verb, option] of chunk.toString('latin1').matchAll(REQUEST)) {
      const agreed = verb === '\xfd' && (option === '\x01' || option === '\x03');
      if (agreed || answered.has(asked)) continue;
      answered.add(asked);
      reply += `\xff${verb === '\xfd' ? '\xfc' : '\xfe'}${option}`;
    }
    if (reply !== '') say(socket, reply);
  });
}

/** A telnet command of which the rest has not come yet. */
const HALF = /\xff(?:[\xfb-\xfe]|\xfa[^\xff]{0,64}\xff?)?$/;

/**
 * Lines without telnet commands in them. `onTyped` hears the characters of a line as they come, without its end: whoever
 * types one character at a time waits for its echo.
 */
export function lines(socket: Socket, onLine: (line: string) => void, onTyped?: (text: string) => void): void {
  let buffer = '';
  let typed = 0;
  let returned = false;
  socket.on('data', chunk => {
    let text = chunk.toString('latin1');
    // The second half of a line end that came in two packets.
    if (returned && /^[\n\0]/.test(text)) text = text.slice(1);
    returned = text.endsWith('\r');
    buffer = (buffer + text).replace(COMMANDS, '');
    if (buffer.length > MOST_LINE) return void socket.destroy();
    for (;;) {
      const end = LINE_END.exec(buffer);
      const until = end?.index ?? HALF.exec(buffer)?.index ?? buffer.length;
      if (until > typed) onTyped?.(buffer.slice(typed, until));
      typed = Math.max(typed, until);
      if (!end) return;
      const line = buffer.slice(0, end.index);
      buffer = buffer.slice(end.index + end[0].length);
      typed = 0;
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
    refuseOptions(socket);
    // Negotiation first and the words a moment later, as from telnetd and the login program behind it.
    const negotiation = /^(?:\xff[\xfb-\xfe][\s\S])*/.exec(greeting)?.[0] ?? '';
    const words = greeting.slice(negotiation.length) + first;
    if (negotiation === '') write(socket, words);
    else {
      say(socket, negotiation);
      setTimeout(() => write(socket, words), LOGIN_MS);
    }
    // As a terminal driver does; a password is not shown.
    const echo = (text: string) => {
      if (user === undefined && lateEchoMs === undefined) write(socket, text);
    };
    const onLine = (line: string) => {
      if (inside) return;
      if (user === undefined) {
        user = line;
        write(socket, lateEchoMs === undefined ? `\r\n${passwordPrompt}` : passwordPrompt);
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
    };
    lines(socket, onLine, echo);
  };

const UNSENT = new WeakMap<Socket, string>();

/** One byte a millisecond, as devices do whose terminal driver has no buffer. */
export const byteByByte = (socket: Socket, text: string): void => {
  const waiting = UNSENT.get(socket);
  UNSENT.set(socket, (waiting ?? '') + text);
  if (waiting !== undefined) return;
  const step = () => {
    const rest = UNSENT.get(socket) ?? '';
    if (rest === '' || socket.destroyed || !socket.writable) return void UNSENT.delete(socket);
    say(socket, rest[0] as string);
    UNSENT.set(socket, rest.slice(1));
    setTimeout(step, 1);
  };
  step();
};
