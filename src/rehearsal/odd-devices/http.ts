/** Nine HTTP devices that mislead password testers, and three more, as real listening sockets. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Key, POST_LOGIN, type Sight } from './telnet.ts';

export type HttpDevice = (socket: Socket, key: Key | null, sight: Sight) => void;

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
}

interface Answer {
  readonly status: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly accepted?: boolean;
}

const UNAUTHORIZED: Answer = {
  status: '401 Unauthorized',
  headers: ['WWW-Authenticate: Basic realm="Device"'],
  body: '<title>401</title>',
};
const INSIDE: Answer = { status: '200 OK', body: `<title>Setup</title>${POST_LOGIN}`, accepted: true };
const LOGIN_PAGE: Answer = {
  status: '200 OK',
  body: '<title>Login</title><form><input type="password" name="p"></form>',
};

type Manner = (asked: Asked, right: boolean, tried: boolean) => Answer;

interface Wire {
  readonly chunked?: boolean;
  readonly keepAlive?: boolean;
  readonly digest?: boolean;
}

const basicOf = (authorization: string | undefined): [string, string] | undefined => {
  const text = authorization?.startsWith('Basic ')
    ? Buffer.from(authorization.slice(6), 'base64').toString()
    : undefined;
  const at = text?.indexOf(':') ?? -1;
  return text === undefined || at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
};

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const NONCE = 'c0ffee00c0ffee00';

/** Recomputes RFC 7616 with qop=auth, apart from the code under test. */
function digestRight(authorization: string, key: Key | null): boolean {
  const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
  if (!key || field('username') !== key.user || field('nonce') !== NONCE) return false;
  const a1 = md5(`${key.user}:Device:${key.password}`);
  const middle = [field('nonce'), field('nc'), field('cnonce'), 'auth'].join(':');
  return field('response') === md5(`${a1}:${middle}:${md5(`GET:${field('uri')}`)}`);
}

const device =
  (manner: Manner, { chunked = false, keepAlive = true, digest = false }: Wire = {}): HttpDevice =>
  (socket, key, sight) => {
    let buffer = '';
    socket.on('data', chunk => {
      buffer += chunk.toString('latin1');
      for (let at = buffer.indexOf('\r\n\r\n'); at >= 0; at = buffer.indexOf('\r\n\r\n')) {
        const head = buffer.slice(0, at);
        buffer = buffer.slice(at + 4);
        const authorization = /^authorization: (.*)$/im.exec(head)?.[1];
        const pair = basicOf(authorization);
        if (authorization) sight.tried(pair?.[0] ?? 'digest', pair?.[1] ?? '');
        const right = digest
          ? authorization !== undefined && digestRight(authorization, key)
          : pair !== undefined && key !== null && pair[0] === key.user && pair[1] === key.password;
        const path = head.split(' ')[1] ?? '';
        const {
          status,
          headers = [],
          body = '',
          accepted = false,
        } = manner({ path, authorization }, right, authorization !== undefined);
        const framing = chunked
          ? 'Transfer-Encoding: chunked'
          : keepAlive
            ? `Content-Length: ${body.length}`
            : 'X-Close: yes';
        const coded = chunked ? `${body.length.toString(16)};x=y\r\n${body}\r\n0\r\nTrailer: t\r\n\r\n` : body;
        const connection = keepAlive ? 'keep-alive' : 'close';
        socket.write(
          `HTTP/1.1 ${status}\r\n${[...headers, framing, `Connection: ${connection}`].join('\r\n')}\r\n\r\n${coded}`,
        );
        if (accepted && authorization) sight.accepted();
        if (!keepAlive) socket.end();
      }
    });
  };

const basic: Manner = (_, right) => (right ? INSIDE : UNAUTHORIZED);
const wrong =
  (answer: Answer): Manner =>
  (_, right, tried) =>
    right ? INSIDE : tried ? answer : UNAUTHORIZED;

export const HTTP_DEVICES: Readonly<Record<string, HttpDevice>> = {
  '1 normal Basic': device(basic),
  '2 no login at all': device(() => ({ status: '200 OK', body: '<title>Status</title>' })),
  '3 any pair': device((_, __, tried) => (tried ? INSIDE : UNAUTHORIZED)),
  '4 portal': device(() => ({ status: '302 Found', headers: ['Location: http://portal.invalid/'] })),
  '5 forbids after a wrong pair': device(wrong({ status: '403 Forbidden' })),
  '6 wrong pair gets the login page': device(wrong(LOGIN_PAGE)),
  '7 fails on any credential': device((_, __, tried) =>
    tried ? { status: '500 Internal Server Error' } : UNAUTHORIZED,
  ),
  '8 Digest only': device(
    (_, right) =>
      right
        ? INSIDE
        : {
            status: '401 Unauthorized',
            headers: [`WWW-Authenticate: Digest realm="Device", nonce="${NONCE}", qop="auth", algorithm=MD5`],
          },
    { digest: true },
  ),
  '9 wrong pair is sent to /login': device(wrong({ status: '302 Found', headers: ['Location: /login'] })),
  '10 closes every connection': device(basic, { keepAlive: false }),
  '11 chunked': device(basic, { chunked: true }),
  '12 any pair gets the same page': device((_, __, tried) => (tried ? { status: '200 OK', body: 'ok' } : UNAUTHORIZED)),
};
