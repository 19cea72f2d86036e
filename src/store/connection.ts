/**
 * One client's connection to the multiplexer, from the first byte: start-up, password, then batches cut at Sync or at a
 * simple Query, handed to `submit`. Speaks to a byte sink, not to a socket, so that a test can drive it byte by byte.
 */
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../record/digest.ts';
import type { Seat } from './seat.ts';
import type { Client, Turns } from './turn.ts';
import { cutMessages, failure, int32, LARGEST, type Message, message, ready, textAt, wantedBytes } from './wire.ts';

/** A login of the embedded store: what it is to the engine, and the password that proves it. */
export interface Login extends Seat {
  readonly password: string;
}

export interface Wire {
  write(bytes: Buffer): void;
  /** Writes and closes. */
  end(bytes?: Buffer): void;
}

export interface Connection {
  take(bytes: Buffer): void;
  closed(): void;
}

const PROTOCOL_3_0 = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const LARGEST_BEFORE_ADMISSION = 10_000;
const SETTINGS = {
  server_version: '18.6',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
};
const FORWARDED = new Set(['Q', 'P', 'B', 'D', 'E', 'C', 'S', 'F']);

const same = (a: string, b: string) => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

export function makeConnection(wire: Wire, loginOf: (role: string) => Login | undefined, turns: Turns): Connection {
  let state: 'start' | 'password' | 'open' | 'over' = 'start';
  let pending: Buffer = Buffer.alloc(0);
  /** What came since, not joined to `pending` before it completes a message: joining each time would be quadratic. */
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 0;
  let role = '';
  let client: Client | undefined;
  let batch: Message[] = [];
  let batchSize = 0;

  function end(bytes?: Buffer) {
    if (state === 'over') return;
    state = 'over';
    if (client) turns.leave(client);
    wire.end(bytes);
  }

  /** The start-up packet has no type letter. True when it was whole. */
  function start(): boolean {
    if (pending.length < 8) return false;
    const length = pending.readInt32BE(0);
    if (length < 8 || length > LARGEST_BEFORE_ADMISSION) {
      end(failure('FATAL', '08P01', 'this is not a PostgreSQL client'));
      return false;
    }
    if (pending.length < length) return false;
    const packet = pending.subarray(0, length);
    pending = pending.subarray(length);
    const version = packet.readInt32BE(4);
    if (version === SSL_REQUEST || version === GSS_REQUEST) {
      wire.write(Buffer.from('N'));
      return true;
    }
    if (version !== PROTOCOL_3_0) {
      end(failure('FATAL', '0A000', 'the embedded store speaks protocol 3.0 only, and cancels nothing'));
      return false;
    }
    for (let at = 8; at < length - 1; ) {
      const name = textAt(packet, at);
      const value = textAt(packet, name.end);
      if (name.text === 'user') role = value.text;
      at = value.end;
    }
    state = 'password';
    wire.write(message('R', int32(3)));
    return true;
  }

  function admit(given: Message) {
    const login = loginOf(role);
    // The comparison is made in either case, so that time does not tell which logins exist.
    const right = same(textAt(given.bytes, 5).text, login?.password ?? '');
    if (given.type !== 'p' || !login || !right)
      return end(failure('FATAL', '28P01', `password authentication failed for "${role}"`));
    client = { seat: { role: login.role, schema: login.schema }, send: bytes => wire.write(bytes), end };
    state = 'open';
    wire.write(
      Buffer.concat([
        message('R', int32(0)),
        ...Object.entries(SETTINGS).map(([name, value]) => message('S', name, value)),
        message('K', int32(0), int32(0)),
        ready('I'),
      ]),
    );
  }

  function collect(one: Message, client: Client) {
    if (one.type === 'X') return end();
    if (!FORWARDED.has(one.type)) {
      // Flush would leave a batch half forwarded; COPY never comes back from this engine.
      return end(failure('FATAL', '0A000', `the embedded store does not take the message "${one.type}"`));
    }
    batchSize += one.bytes.length;
    if (batchSize > LARGEST) return end(failure('FATAL', '54000', 'the batch is too large'));
    batch.push(one);
    if (one.type !== 'Q' && one.type !== 'S' && one.type !== 'F') return;
    turns.submit(client, batch);
    batch = [];
    batchSize = 0;
  }

  return {
    take(bytes) {
      chunks.push(bytes);
      held += bytes.length;
      if (held < wanted) return;
      pending = Buffer.concat([pending, ...chunks]);
      chunks = [];
      while (state === 'start') if (!start()) break;
      held = pending.length;
      if (state === 'over' || state === 'start') return;
      const cut = cutMessages(pending, state === 'open' ? LARGEST : LARGEST_BEFORE_ADMISSION);
      for (const one of cut.messages) {
        if (state === 'password') admit(one);
        else if (state === 'open' && client) collect(one, client);
      }
      if ('malformed' in cut) return end(failure('FATAL', '08P01', cut.malformed));
      pending = cut.rest;
      held = pending.length;
      wanted = wantedBytes(pending);
    },
    closed: () => end(),
  };
}
