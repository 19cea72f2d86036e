/** How cheap devices speak HTTP with Basic authentication. In: wire and placement. Out: what hears the peer. */
import { MODELS, serverHeader } from '../models.ts';
import { LOCKOUT_AFTER } from '../personality.ts';
import type { Placement } from '../world.ts';
import type { Talk, Wire } from './wire.ts';

const LONGEST_HEAD = 16_384;

interface Reply {
  readonly status: string;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function render(reply: Reply, device: Placement, keepAlive: boolean): string {
  const body = `<html><head><title>${reply.title}</title></head><body><h1>${reply.title}</h1></body></html>\n`;
  const headers = {
    Server: serverHeader(MODELS[device.model], device.condition.firmware),
    ...reply.headers,
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: keepAlive ? 'keep-alive' : 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status}\r\n${lines.join('')}\r\n${body}`;
}

/** The pair of a Basic header (RFC 7617); undefined when there is none or it cannot be read. */
function credentialsOf(head: string): { user: string; password: string } | undefined {
  const token = /^authorization:[ \t]*basic[ \t]+([A-Za-z0-9+/=]+)[ \t]*$/im.exec(head)?.[1];
  if (token === undefined) return undefined;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function answer(wire: Wire, device: Placement, head: string): Reply {
  const model = MODELS[device.model];
  const { personality } = device.service;
  const challenge = { 'WWW-Authenticate': `Basic realm="${model.realm}"` };
  const unauthorised: Reply = { status: '401 Unauthorized', title: '401 Unauthorized', headers: challenge };
  const locked: Reply = { status: '403 Forbidden', title: 'Too many failures' };
  const isLocked = () => personality === 'lockout-403' && wire.wrongTries() >= LOCKOUT_AFTER;
  if (personality === 'portal')
    return { status: '302 Found', title: 'Moved', headers: { Location: 'http://portal.rehearsal.example/' } };
  const given = credentialsOf(head);
  if (isLocked()) return locked;
  if (!given) return unauthorised;
  const right = wire.tries(given.user, given.password);
  if (personality === 'error-500') return { status: '500 Internal Server Error', title: '500 Internal Server Error' };
  if (right) return { status: '200 OK', title: model.title };
  if (personality === 'login-page') return { status: '200 OK', title: 'Please sign in' };
  return isLocked() ? locked : unauthorised;
}

export const http: Talk = (wire, device) => {
  let text = '';
  // Half of these devices close after every answer, as small web servers do.
  const keepAlive = Number(device.device.slice(-1)) % 2 === 0;
  return chunk => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      const reply = render(answer(wire, device, head), device, keepAlive);
      if (!keepAlive) return wire.end(reply);
      wire.send(reply);
      if (wire.isInside()) return wire.intruded(text.length);
    }
    if (text.length > LONGEST_HEAD) wire.end();
  };
};
