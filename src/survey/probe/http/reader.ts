/**
 * A bounded HTTP/1.x response reader (RFC 9112): bytes in any split to one response at a time. Body by chunked coding,
 * by Content-Length, or to the close. Lenient where cheap devices are sloppy, strict about size. No decompression.
 */
export interface HttpResponse {
  readonly status: number;
  readonly http11: boolean;
  /** Names in lower case; values of a repeated name in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** One character a byte; cut at the body cap. */
  readonly body: string;
  /** Another request may follow on this connection. */
  readonly keepAlive: boolean;
}

export type HttpProblem = 'not-http' | 'too-big' | 'loop';

const MOST_HEAD = 16 * 1024;
const MOST_BODY = 64 * 1024;
const MOST_FIELDS = 128;
const MOST_INTERIM = 8;
const EMPTY_LINE = /\r?\n\r?\n/g;

export interface HttpReader {
  /** A finished response, a problem, or undefined while more is needed. What follows a response is kept for the next. */
  read(chunk: string): HttpResponse | HttpProblem | undefined;
  /** The peer closed: a body that runs to the close, or is cut short, ends here. */
  end(): HttpResponse | undefined;
  /** Anything at all arrived. */
  readonly started: boolean;
}

interface Head {
  readonly status: number;
  readonly http11: boolean;
  readonly headers: Map<string, string[]>;
}

function parseHead(text: string): Head | HttpProblem {
  const lines = text.split(/\r?\n/);
  const status = /^HTTP\/1\.([01])[ \t]{1,4}(\d{3})(?:[ \t]|$)/.exec(lines[0] ?? '');
  if (!status) return 'not-http';
  if (lines.length > MOST_FIELDS) return 'too-big';
  const headers = new Map<string, string[]>();
  for (let i = 1; i < lines.length; i++) {
    const field = lines[i] as string;
    const colon = field.indexOf(':');
    if (colon <= 0) continue;
    const name = field.slice(0, colon).trim().toLowerCase();
    const value = field.slice(colon + 1).trim();
    const values = headers.get(name);
    if (values) values.push(value);
    else headers.set(name, [value]);
  }
  return { status: Number(status[2]), http11: status[1] === '1', headers };
}

export function httpReader(): HttpReader {
  let buffer = '';
  let looked = 0;
  let state: 'head' | 'length' | 'close' | 'chunk-size' | 'chunk-data' | 'trailer' = 'head';
  let head: Head | undefined;
  let body = '';
  let left = 0;
  let interim = 0;
  let trailers = 0;
  let started = false;

  const done = (keepAlive: boolean): HttpResponse => {
    const { status, http11, headers } = head as Head;
    const connection = headers.get('connection')?.join(',').toLowerCase() ?? '';
    const persists = http11 ? !connection.includes('close') : connection.includes('keep-alive');
    const response = { status, http11, headers, body, keepAlive: keepAlive && persists };
    head = undefined;
    body = '';
    trailers = 0;
    state = 'head';
    return response;
  };

  /** The head is complete: how long is the body? */
  const framing = (h: Head): HttpResponse | HttpProblem | undefined => {
    if (h.status < 200) {
      if (++interim > MOST_INTERIM || h.status === 101) return 'loop';
      return undefined;
    }
    head = h;
    if (h.status === 204 || h.status === 304) return done(true);
    const coding = h.headers.get('transfer-encoding');
    if (coding) {
      state = coding.join(',').toLowerCase().includes('chunked') ? 'chunk-size' : 'close';
      return undefined;
    }
    const lengths = new Set(h.headers.get('content-length') ?? []);
    const [length] = lengths;
    if (lengths.size !== 1 || length === undefined || !/^\d{1,12}$/.test(length)) {
      state = 'close';
      return undefined;
    }
    left = Number(length);
    state = 'length';
    return left === 0 ? done(true) : undefined;
  };

  /** A line of a chunked body, or undefined when it is not there yet. */
  const line = (): string | HttpProblem | undefined => {
    const at = buffer.indexOf('\n');
    if (at < 0) return buffer.length > 1024 ? 'too-big' : undefined;
    if (at > 1024) return 'too-big';
    const text = buffer.slice(0, at).replace(/\r$/, '');
    buffer = buffer.slice(at + 1);
    return text;
  };

  const step = (): HttpResponse | HttpProblem | 'more' | undefined => {
    if (state === 'head') {
      // RFC 9112 §2.2: an empty line or two before the status line is read over.
      buffer = buffer.replace(/^[\r\n]{1,4}/, '');
      if (buffer.length === 0) return 'more';
      if (!'HTTP/1.'.startsWith(buffer.slice(0, 7))) return 'not-http';
      // Looks only at what is new, so that a head in single bytes costs no more than one in a piece.
      EMPTY_LINE.lastIndex = Math.max(0, Math.min(looked, buffer.length) - 3);
      const at = EMPTY_LINE.exec(buffer)?.index ?? -1;
      looked = at < 0 ? buffer.length : 0;
      if (at < 0 || at > MOST_HEAD) return buffer.length > MOST_HEAD ? 'too-big' : 'more';
      const text = buffer.slice(0, at);
      buffer = buffer.slice(at).replace(/^\r?\n\r?\n/, '');
      const parsed = parseHead(text);
      return typeof parsed === 'string' ? parsed : framing(parsed);
    }
    if (state === 'length' || state === 'chunk-data') {
      const taken = buffer.slice(0, left);
      buffer = buffer.slice(taken.length);
      left -= taken.length;
      body += taken.slice(0, MOST_BODY - body.length);
      if (body.length >= MOST_BODY) return done(false);
      if (left > 0) return 'more';
      if (state === 'length') return done(true);
      state = 'trailer';
      return undefined;
    }
    if (state === 'close') {
      body += buffer.slice(0, MOST_BODY - body.length);
      buffer = '';
      return body.length >= MOST_BODY ? done(false) : 'more';
    }
    const text = line();
    if (text === undefined) return 'more';
    if (text === 'too-big') return 'too-big';
    if (state === 'trailer') {
      // After a chunk's data an empty line, after the last chunk the trailer section; both end with an empty line.
      if (text !== '') return ++trailers > MOST_FIELDS ? 'too-big' : undefined;
      if (left === -1) return done(true);
      state = 'chunk-size';
      return undefined;
    }
    const size = /^([0-9a-f]{1,8})[ \t]{0,8}(?:;|$)/i.exec(text);
    if (!size) return 'not-http';
    left = Number.parseInt(size[1] as string, 16);
    if (left === 0) {
      left = -1;
      state = 'trailer';
    } else state = 'chunk-data';
    return undefined;
  };

  return {
    get started() {
      return started;
    },
    read(chunk) {
      if (chunk.length > 0) started = true;
      buffer += chunk;
      for (;;) {
        const next = step();
        if (next === 'more') return undefined;
        if (next !== undefined) return next;
      }
    },
    end: () => (head === undefined ? undefined : done(false)),
  };
}
