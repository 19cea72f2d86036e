/**
 * RFC 854 and 855 on the receiving side: bytes in any split to text, and what must be answered. Negotiation is refused
 * except for ECHO and SUPPRESS-GO-AHEAD, no option is answered twice (RFC 854 forbids the loop; some peers try), two-byte
 * commands and sub-negotiations are consumed (unless they never end), IAC IAC is one byte of data, NUL is nothing.
 */
import { textOf } from '../machine.ts';

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
/** END OF FILE, of RFC 1184; nothing below it is a command. */
const LEAST_COMMAND = 236;
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

/** Bit 2n is option n offered (WILL), bit 2n + 1 asked for (DO): answered already. */
const ANSWERED_BYTES = 64;
/** Sub-negotiations are short. One that is longer, or stops for another command or for silence, was text all along. */
const MOST_SUB = 512;
/** Text is taken out of it before the next chunk is read, so all streams share it. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024 + MOST_SUB);

/** A class, not closures: ten thousand of them may be held at once, and most see a dozen bytes of negotiation. */
export class TelnetStream {
  #state: 'data' | 'command' | 'option' | 'sub' | 'sub-command' = 'data';
  #verb = 0;
  #negotiations = 0;
  #replies = 0;
  #answered: Uint8Array | undefined;
  /** The option and what was said of it, until its end comes. */
  #sub = '';
  /** Whole commands seen: the peer has spoken telnet. */
  commands = 0;

  /** The peer negotiates without end. */
  get looping(): boolean {
    return this.#negotiations > MOST_NEGOTIATIONS;
  }

  /** A sub-negotiation has begun and not ended. */
  get within(): boolean {
    return this.#state === 'sub' || this.#state === 'sub-command';
  }

  read(chunk: Uint8Array): TelnetRead {
    // Nearly every chunk is plain text with no IAC in it.
    if (this.#state === 'data' && !chunk.includes(IAC) && !chunk.includes(0))
      return { text: textOf(chunk), reply: NO_BYTES };
    if (chunk.length + MOST_SUB > scratch.length) scratch = Buffer.allocUnsafeSlow(chunk.length + MOST_SUB);
    let length = 0;
    const reply: number[] = [];
    for (const byte of chunk) {
      switch (this.#state) {
        case 'data':
          if (byte === IAC) this.#state = 'command';
          else if (byte !== 0) scratch[length++] = byte;
          break;
        case 'command':
          this.#state = 'data';
          // An IAC before what is no command is a stray, and the byte is text.
          if (byte === IAC || (byte < LEAST_COMMAND && byte !== 0)) scratch[length++] = byte;
          else if (byte >= LEAST_COMMAND) this.#command(byte);
          break;
        case 'option':
          this.#state = 'data';
          this.#answer(byte, reply);
          break;
        case 'sub':
          if (byte === IAC) this.#state = 'sub-command';
          else this.#sub += String.fromCharCode(byte);
          if (this.#sub.length > MOST_SUB) length += scratch.write(this.breakOff(), length, 'latin1');
          break;
        case 'sub-command':
          this.#state = 'sub';
          if (byte === IAC || byte < LEAST_COMMAND) this.#sub += String.fromCharCode(byte);
          else {
            if (byte !== SE) length += scratch.write(this.breakOff(), length, 'latin1');
            this.#command(byte);
          }
      }
    }
    return {
      text: scratch.toString('latin1', 0, length),
      reply: reply.length === 0 ? NO_BYTES : Uint8Array.from(reply),
    };
  }

  /** Ends a sub-negotiation that will not end: what it held, but for the option, is text. */
  breakOff(): string {
    const text = this.#sub.slice(1).replaceAll('\0', '');
    this.#sub = '';
    this.#state = 'data';
    return text;
  }

  #command(byte: number): void {
    this.commands++;
    this.#verb = byte;
    this.#sub = '';
    this.#state = byte >= WILL ? 'option' : byte === SB ? 'sub' : 'data';
  }

  /** What to say to one negotiation, if anything. */
  #answer(option: number, reply: number[]): void {
    this.#negotiations++;
    const verb = this.#verb;
    if (verb !== WILL && verb !== DO) return;
    const bit = 2 * option + (verb === DO ? 1 : 0);
    this.#answered ??= new Uint8Array(ANSWERED_BYTES);
    const before = this.#answered[bit >> 3] as number;
    if ((before >> (bit & 7)) & 1 || this.#replies >= MOST_REPLIES) return;
    this.#answered[bit >> 3] = before | (1 << (bit & 7));
    this.#replies++;
    if (verb === DO) reply.push(IAC, WONT, option);
    else reply.push(IAC, option === ECHO || option === SUPPRESS_GO_AHEAD ? DO : DONT, option);
  }
}

export const telnetStream = (): TelnetStream => new TelnetStream();
