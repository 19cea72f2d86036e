/**
 * The PostgreSQL wire protocol 3.0, as far as the multiplexer speaks it: cuts bytes into messages, builds the few it
 * sends itself. PostgreSQL documentation, chapter "Frontend/Backend Protocol", section "Message Formats".
 */

/** One message from or to the server: its type letter, and the whole of its bytes with type and length. */
export interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A client asking for more than this in one message, or one batch, is cut off: memory stays bounded. */
export const LARGEST = 64 * 1024 * 1024;

export type Cut =
  | { readonly messages: readonly Message[]; readonly rest: Buffer }
  | { readonly malformed: string; readonly messages: readonly Message[] };

/** Cuts whole messages off the front; what is not yet whole stays in `rest`. */
export function cutMessages(bytes: Buffer, largest = LARGEST): Cut {
  const messages: Message[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const length = bytes.readInt32BE(at + 1);
    if (length < 4 || length > largest) return { malformed: `a message of ${length} bytes`, messages };
    if (bytes.length - at < length + 1) break;
    messages.push({ type: String.fromCharCode(bytes[at] as number), bytes: bytes.subarray(at, at + 1 + length) });
    at += 1 + length;
  }
  return { messages, rest: bytes.subarray(at) };
}

/** How many bytes there must be before cutting `rest` again can give a message. */
export const wantedBytes = (rest: Buffer): number => (rest.length < 5 ? 5 : rest.readInt32BE(1) + 1);

/** A message: type letter, then text parts (each ended by a zero byte) and raw parts as they are. */
export function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const int32 = (n: number): Buffer => {
  const b = Buffer.alloc(4);
  b.writeInt32BE(n);
  return b;
};

export const query = (sql: string): Buffer => message('Q', sql);
export const SYNC = message('S');
export const CLOSE_UNNAMED = message('C', Buffer.from('S'), '');

/** Transaction status in ReadyForQuery: idle, in a transaction, in one that failed. */
export type Status = 'I' | 'T' | 'E';
export const ready = (status: Status): Buffer => message('Z', Buffer.from(status));

/** ErrorResponse. `code` is an SQLSTATE of PostgreSQL's appendix A. */
export const failure = (severity: 'ERROR' | 'FATAL', code: string, text: string, hint = ''): Buffer =>
  message('E', `S${severity}`, `V${severity}`, `C${code}`, `M${text}`, ...(hint ? [`H${hint}`] : []), Buffer.from([0]));

/** The zero-ended text that starts at `from` in a message's bytes, one character a byte. */
export function textAt(bytes: Buffer, from: number): { readonly text: string; readonly end: number } {
  const zero = bytes.indexOf(0, from);
  const end = zero < 0 ? bytes.length : zero;
  return { text: bytes.toString('latin1', from, end), end: end + 1 };
}

/** First column of every DataRow in a reply, and whether it holds an error: for what the multiplexer asks itself. */
export function readReply(reply: Buffer): { readonly values: readonly string[]; readonly error?: string } {
  const cut = cutMessages(reply);
  const values: string[] = [];
  let error: string | undefined;
  for (const { type, bytes } of cut.messages) {
    if (type === 'D') {
      const length = bytes.readInt32BE(7);
      values.push(length < 0 ? '' : bytes.toString('utf8', 11, 11 + length));
    } else if (type === 'E' && error === undefined) {
      error = bytes.toString('utf8', 5).replaceAll('\0', ' ').trim();
    }
  }
  return error === undefined ? { values } : { values, error };
}

/** Status of the last ReadyForQuery in a reply; undefined when the reply does not end with one. */
export function statusOf(reply: Buffer): Status | undefined {
  if (reply.length < 6 || reply[reply.length - 6] !== 0x5a) return undefined;
  const status = String.fromCharCode(reply[reply.length - 1] as number);
  return status === 'I' || status === 'T' || status === 'E' ? status : undefined;
}
