/**
 * A bounded HTTP/1.x response reader (RFC 9112): bytes in any split to one response at a time. Body by chunked coding,
 * by Content-Length, or to the close. Lenient where cheap devices are sloppy, strict about size; each byte is looked at
 * a fixed number of times, however it arrives. Nothing is ever decompressed.
 */
import { addField, framingOf, type Head, headOf, type Stays, staysOf } from './head.ts';

export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** One character a byte; cut at the body cap. */
  readonly body: string;
  readonly stays: Stays;
}

export type HttpProblem = 'not-http' | 'too-big' | 'loop';

const MOST_HEAD = 16 * 1024;
export const MOST_BODY = 64 * 1024;
const MOST_FIELDS = 128;
const MOST_INTERIM = 8;
const MOST_CHUNK_LINE = 1024;
/** RFC 9112 §2.2: an empty line or two before the status line is read over. */
const MOST_BLANK = 2;

const BEGINS = 'HTTP/1.';
const CHUNK = /^([0-9a-f]{1,12})[ \t]{0,8}(?:;|$)/i;

export interface HttpReader {
  /** A finished response, a problem, or undefined while more is needed. What follows a response is kept for the next. */
  read(chunk: string): HttpResponse | HttpProblem | undefined;
  /** The peer closed: a body that runs to the close, or is cut short, ends here. */
  end(): HttpResponse | undefined;
  /** Anything at all arrived. */
  readonly started: boolean;
  /** A head has come whose body runs to the close. */
  readonly openEnded: boolean;
  /** Bytes came after the last response that nobody asked for. An empty line does not count. */
  readonly ahead: boolean;
}

export function httpReader(): HttpReader {
  let input = '';
  let at = 0;
  /** A line whose end has not come. */
  let partial = '';
  /** Bytes that the head, the chunk line or the trailer may still have. */
  let room = MOST_HEAD;
  let state: 'status' | 'field' | 'length' | 'close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer' = 'status';
  let head: Head | undefined;
  let last: string[] | undefined;
  let lines = 0;
  let blank = 0;
  let interim = 0;
  let body = '';
  let left = 0;
  let started = false;
  /** The line that has begun begins like a status line. */
  let greeted = false;

  const expect = (next: typeof state, bytes = room) => {
    state = next;
    room = bytes;
    lines = 0;
    greeted = false;
  };
  const done = (mayStay: boolean): HttpResponse => {
    const { status, fields } = head as Head;
    const response = { status, headers: fields, body, stays: mayStay ? staysOf(head as Head) : 'no' } as const;
    head = undefined;
    body = '';
    partial = '';
    blank = interim = 0;
    expect('status', MOST_HEAD);
    return response;
  };

  /** The next line without its end; undefined while it is not whole, 'too-big' when it may not be so long. */
  const line = (): string | undefined => {
    const end = input.indexOf('\n', at);
    const piece = end < 0 ? input.slice(at) : input.slice(at, end);
    at = end < 0 ? input.length : end + 1;
    room -= piece.length + 1;
    const text = partial === '' ? piece : partial + piece;
    partial = end < 0 ? text : '';
    if (end < 0) {
      // Nothing but the pieces that came is counted, whatever the split.
      room++;
      return undefined;
    }
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  };

  const takeBody = (): HttpResponse | 'more' | undefined => {
    const taken = Math.min(left, input.length - at);
    body += input.slice(at, at + Math.min(taken, MOST_BODY - body.length));
    at += taken;
    left -= taken;
    if (left === 0 && state === 'length') return done(true);
    if (body.length >= MOST_BODY) return done(false);
    if (left > 0) return 'more';
    if (state === 'chunk-data') expect('chunk-end', MOST_CHUNK_LINE);
    return undefined;
  };

  /** The head is complete. */
  const frame = (): HttpResponse | HttpProblem | undefined => {
    const { status } = head as Head;
    if (status < 200) {
      head = undefined;
      if (status === 101) return 'not-http';
      expect('status', MOST_HEAD);
      return ++interim > MOST_INTERIM ? 'loop' : undefined;
    }
    const framing = framingOf(head as Head);
    if (framing === 'chunked') expect('chunk-size', MOST_CHUNK_LINE);
    else expect(framing === 'close' ? 'close' : 'length');
    left = framing === 'close' ? Number.POSITIVE_INFINITY : framing === 'chunked' ? 0 : framing;
    return left === 0 && state === 'length' ? done(true) : undefined;
  };

  const takeLine = (text: string): HttpResponse | HttpProblem | undefined => {
    switch (state) {
      case 'status':
        if (text === '') return ++blank > MOST_BLANK ? 'not-http' : undefined;
        head = headOf(text);
        if (!head) return 'not-http';
        last = undefined;
        expect('field');
        return undefined;
      case 'field':
        if (text === '') return frame();
        last = addField(head as Head, text, last);
        return ++lines > MOST_FIELDS ? 'too-big' : undefined;
      case 'chunk-end':
        expect('chunk-size', MOST_CHUNK_LINE);
        return text === '' ? undefined : 'not-http';
      case 'trailer':
        if (text === '') return done(true);
        return ++lines > MOST_FIELDS ? 'too-big' : undefined;
      default: {
        const size = CHUNK.exec(text);
        if (!size) return 'not-http';
        left = Number.parseInt(size[1] as string, 16);
        if (left === 0) expect('trailer', MOST_HEAD);
        else expect('chunk-data');
        return undefined;
      }
    }
  };

  const step = (): HttpResponse | HttpProblem | 'more' | undefined => {
    if (state === 'length' || state === 'close' || state === 'chunk-data') return takeBody();
    const text = line();
    if (room < 0) return 'too-big';
    if (text !== undefined) return takeLine(text);
    // Who does not speak HTTP is known by the first bytes, not at the first line's end.
    if (state !== 'status' || greeted || partial === '' || partial === '\r') return 'more';
    greeted = partial.length >= BEGINS.length;
    return BEGINS.startsWith(partial.slice(0, BEGINS.length)) ? 'more' : 'not-http';
  };

  return {
    get started() {
      return started;
    },
    get openEnded() {
      return state === 'close';
    },
    get ahead() {
      return head === undefined && (partial + input.slice(at)).trim() !== '';
    },
    read(chunk) {
      if (chunk.length > 0) started = true;
      input = at < input.length ? input.slice(at) + chunk : chunk;
      at = 0;
      for (;;) {
        const next = step();
        if (next === 'more') return undefined;
        if (next !== undefined) return next;
      }
    },
    end: () => (head !== undefined && state !== 'field' ? done(false) : undefined),
  };
}
