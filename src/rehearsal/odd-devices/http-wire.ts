/**
 * A small web server on one socket: reads requests, asks the manner, writes the answer in the framing the device has. In: a
 * manner. Out: what serves one socket. It counts a try when a pair has been looked at.
 */
import type { Socket } from 'node:net';
import { type Device, type Key, POST_LOGIN, type Witness } from './device.ts';
import { type DigestManner, digestOf, userOf } from './http-digest.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Answer {
  readonly status: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** This is what lies behind the login. */
  readonly accepted?: boolean;
}

export interface Judged {
  readonly asked: Asked;
  readonly key: Key | null;
  readonly sight: Witness;
  /** The address and port of the device. */
  readonly here: string;
  /** A pair came, and it was looked at. */
  readonly tried: boolean;
  readonly right: boolean;
  /** Which try of its source this was; 0 without one. */
  readonly count: number;
  readonly user: string;
  readonly password: string;
  /** The answer to somebody without a pair, or with a wrong one. */
  readonly unauthorized: Answer;
}

export type Manner = (judged: Judged) => Answer;

export interface Wire {
  readonly framing?: 'length' | 'chunked' | 'close';
  readonly closes?: boolean;
  readonly version?: '1.0' | '1.1';
  readonly newline?: '\n' | '\r\n';
  /** Sent before each answer. */
  readonly before?: string;
  readonly delayMs?: number;
  readonly digest?: DigestManner;
  /** Basic is asked for too, or alone. */
  readonly basic?: boolean;
  /** Challenges of its own, instead. */
  readonly challenges?: readonly string[];
}

export const INSIDE: Answer = { status: '200 OK', body: `<title>Setup</title>${POST_LOGIN}`, accepted: true };

const MOST_REQUEST = 64 * 1024;

export function basicOf(authorization: string | undefined): readonly [string, string] | undefined {
  const token = /^basic +([\w+/=]*)/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const text = Buffer.from(token, 'base64').toString('latin1');
  const at = text.indexOf(':');
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

const headersOf = (head: string): ReadonlyMap<string, string> =>
  new Map(
    head
      .split('\r\n')
      .slice(1)
      .map(field => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
      }),
  );

/** Calls back with each whole request in turn. */
function requests(socket: Socket, onRequest: (asked: Asked) => void): void {
  let buffer = '';
  socket.on('data', chunk => {
    buffer = (buffer + chunk.toString('latin1')).slice(-MOST_REQUEST);
    for (let at = buffer.indexOf('\r\n\r\n'); at >= 0; at = buffer.indexOf('\r\n\r\n')) {
      const head = buffer.slice(0, at);
      const headers = headersOf(head);
      const length = Number(headers.get('content-length') ?? 0);
      if (buffer.length < at + 4 + length) return;
      const body = buffer.slice(at + 4, at + 4 + length);
      buffer = buffer.slice(at + 4 + length);
      const [method = '', path = ''] = head.split(' ');
      onRequest({ method, path, headers, body });
    }
  });
}

function write(socket: Socket, { status, headers = [], body = '' }: Answer, wire: Wire): void {
  const { framing = 'length', version = '1.1', newline = '\r\n', before = '' } = wire;
  const closes = wire.closes === true || framing === 'close';
  const frame = {
    length: [`Content-Length: ${body.length}`],
    chunked: ['Transfer-Encoding: chunked'],
    close: [],
  }[framing];
  const half = body.length >> 1;
  const chunk = (text: string) => (text ? `${text.length.toString(16)};x=y\r\n${text}\r\n` : '');
  const coded =
    framing === 'chunked' ? `${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\nTrailer: t\r\n\r\n` : body;
  const connection = closes ? (version === '1.0' ? [] : ['Connection: close']) : ['Connection: keep-alive'];
  const head = [`HTTP/${version} ${status}`, ...headers, ...frame, ...connection, '', ''].join(newline);
  if (!socket.writable) return;
  socket.write(Buffer.from(before + head + coded, 'latin1'));
  if (closes) socket.end();
}

export const web =
  (manner: Manner, wire: Wire = {}): Device =>
  (socket, key, sight) => {
    const digest = wire.digest && digestOf(wire.digest);
    const withBasic = wire.basic ?? digest === undefined;
    const here = `${socket.localAddress}:${socket.localPort}`;
    const challenges = (stale: boolean) =>
      wire.challenges ?? [...(digest ? [digest.challenge(stale)] : []), ...(withBasic ? ['Basic realm="Device"'] : [])];
    requests(socket, asked => {
      const authorization = asked.headers.get('authorization');
      const pair = withBasic ? basicOf(authorization) : undefined;
      const stale = pair === undefined && authorization !== undefined && digest?.isStale(authorization) === true;
      const tried = authorization !== undefined && !stale;
      const user = pair?.[0] ?? userOf(authorization ?? '');
      const password = pair?.[1] ?? '';
      const right = pair
        ? key !== null && user === key.user && password === key.password
        : tried && digest?.isRight(authorization, key) === true;
      const unauthorized = {
        status: '401 Unauthorized',
        headers: challenges(stale).map(one => `WWW-Authenticate: ${one}`),
        body: '<title>401</title>',
      };
      const count = tried ? sight.tried(user, password) : 0;
      const answer = manner({ asked, key, sight, here, tried, right, count, user, password, unauthorized });
      const reply = () => {
        write(socket, answer, wire);
        if (answer.accepted && (tried || asked.method === 'POST')) sight.accepted();
      };
      if (wire.delayMs === undefined) reply();
      else setTimeout(reply, wire.delayMs);
    });
  };

/** Refuses all but the right pair, as it should be. */
export const guarded: Manner = ({ right, unauthorized }) => (right ? INSIDE : unauthorized);
/** As it should be, but for what a wrong pair gets. */
export const wrongGets =
  (answer: Answer): Manner =>
  ({ right, tried, unauthorized }) =>
    right ? INSIDE : tried ? answer : unauthorized;
/** Every pair gets this. */
export const anyGets =
  (answer: Answer): Manner =>
  ({ tried, unauthorized }) =>
    tried ? answer : unauthorized;
