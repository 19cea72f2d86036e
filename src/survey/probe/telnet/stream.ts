/**
 * RFC 854 and 855 on the receiving side: bytes in any split to text, and what must be answered. Negotiation is refused
 * except for ECHO and SUPPRESS-GO-AHEAD, no option is answered twice (RFC 854 forbids the loop; some peers try), two-byte
 * commands and sub-negotiations are consumed, IAC IAC is one byte of data, NUL is nothing.
 */
import { textOf } from '../machine.ts';

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;

/** A peer that negotiates more often than there are options is not going to stop. */
const MOST_NEGOTIATIONS = 512;
const MOST_REPLIES = 96;

export interface TelnetRead {
  /** One character a byte. */
  readonly text: string;
  /** Whole IAC triples to send, or empty. */
  readonly reply: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export interface TelnetStream {
  read(chunk: Uint8Array): TelnetRead;
  /** The peer negotiates without end. */
  readonly looping: boolean;
  /** The peer has spoken telnet: at least one whole command was seen. */
  readonly commands: number;
}

export function telnetStream(): TelnetStream {
  let state: 'data' | 'command' | 'option' | 'sub' | 'sub-command' = 'data';
  let verb = 0;
  let commands = 0;
  let negotiations = 0;
  let replies = 0;
  const answeredWill = new Uint8Array(256);
  const answeredDo = new Uint8Array(256);

  /** What to say to one negotiation, if anything. */
  const answer = (option: number): readonly number[] => {
    negotiations++;
    if (verb !== WILL && verb !== DO) return [];
    const answered = verb === WILL ? answeredWill : answeredDo;
    if (answered[option] || replies >= MOST_REPLIES) return [];
    answered[option] = 1;
    replies++;
    if (verb === DO) return [IAC, WONT, option];
    return [IAC, option === ECHO || option === SUPPRESS_GO_AHEAD ? DO : DONT, option];
  };

  return {
    get looping() {
      return negotiations > MOST_NEGOTIATIONS;
    },
    get commands() {
      return commands;
    },
    read(chunk) {
      // Nearly every chunk is plain text with no IAC in it.
      if (state === 'data' && !chunk.includes(IAC) && !chunk.includes(0))
        return { text: textOf(chunk), reply: NO_BYTES };
      const data = Buffer.allocUnsafe(chunk.length);
      let length = 0;
      const reply: number[] = [];
      for (const byte of chunk) {
        switch (state) {
          case 'data':
            if (byte === IAC) state = 'command';
            else if (byte !== 0) data[length++] = byte;
            break;
          case 'command':
            state = 'data';
            if (byte === IAC) data[length++] = byte;
            else {
              commands++;
              if (byte >= WILL) {
                verb = byte;
                state = 'option';
              } else if (byte === SB) state = 'sub';
            }
            break;
          case 'option':
            state = 'data';
            for (const b of answer(byte)) reply.push(b);
            break;
          case 'sub':
            if (byte === IAC) state = 'sub-command';
            break;
          case 'sub-command':
            // Only SE ends it; IAC IAC is data inside, and anything else is a peer's mistake that is read over.
            state = byte === SE ? 'data' : 'sub';
            break;
        }
      }
      return {
        text: data.toString('latin1', 0, length),
        reply: reply.length === 0 ? NO_BYTES : Uint8Array.from(reply),
      };
    },
  };
}
