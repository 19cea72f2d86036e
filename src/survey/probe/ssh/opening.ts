/**
 * How an SSH server opens: lines before the identification, the identification (RFC 4253 section 4.2), its KEXINIT. In:
 * bytes in any pieces. Out: what they were, as soon as that is sure. Bounded by lines and bytes; it forgets the lines.
 */
import { textOf } from '../machine.ts';
import { type KexInit, MESSAGE, packetLength, payloadOf, readDisconnect, readKexInit } from './kexinit.ts';

/** An identification with its CR and LF. */
const MOST_IDENT = 255;
const MOST_LINE = 1024;
const MOST_LINES = 64;
const MOST_BEFORE = 8 * 1024;
/** IGNORE, UNIMPLEMENTED and DEBUG may come before KEXINIT; nobody needs many. */
const MOST_PACKETS = 8;
export const MOST_OPENING = 64 * 1024;

export interface Opening {
  /** The identification without its line end. */
  readonly ident: string | undefined;
  readonly kexInit: KexInit | undefined;
  /** Bytes were seen that no SSH server sends. */
  readonly foreign: boolean;
  /** Why it turned us away, lower case: a line in place of an identification, or the words of a DISCONNECT. */
  readonly refusal: string;
  /** Nothing is learned from more bytes. */
  readonly done: boolean;
}

export interface OpeningReader {
  read(chunk: Uint8Array): void;
  readonly opening: Opening;
}

const LF = 10;
/** Text lines have no control character but tab, escape and the line ends, and no 255, which is telnet's IAC. */
const isText = (byte: number) => (byte >= 0x20 && byte < 0xff) || byte === 9 || byte === 13 || byte === 27;

export function openingReader(): OpeningReader {
  let ident: string | undefined;
  let kexInit: KexInit | undefined;
  let foreign = false;
  let done = false;
  let refusal = '';
  const line = Buffer.alloc(MOST_LINE);
  let lineLength = 0;
  let lines = 0;
  let before = 0;
  /** The length field, then the packet. */
  const head = Buffer.alloc(4);
  let headLength = 0;
  let packet: Buffer | undefined;
  let packetFilled = 0;
  let packets = 0;

  const end = (strange: boolean) => {
    foreign = strange;
    done = true;
  };

  const endLine = () => {
    const text = textOf(line.subarray(0, lineLength)).replace(/[\r\n]+$/, '');
    if (text.startsWith('SSH-')) {
      if (lineLength > MOST_IDENT) return end(true);
      ident = text;
      if (!speaksTwo(text)) end(false);
    } else {
      if (++lines > MOST_LINES) return end(true);
      if (text !== '') refusal = text.toLowerCase().slice(0, 200);
    }
    lineLength = 0;
  };

  const endPacket = (whole: Buffer) => {
    const payload = payloadOf(whole);
    const type = payload?.[0] ?? 0;
    headLength = 0;
    packet = undefined;
    packetFilled = 0;
    if (!payload || ++packets > MOST_PACKETS) return end(true);
    if (type === MESSAGE.disconnect) {
      const { reason, words } = readDisconnect(payload);
      refusal = reason === TOO_MANY_CONNECTIONS ? 'too many connections' : words.toLowerCase();
      return end(false);
    }
    if (type === MESSAGE.kexInit) {
      kexInit = readKexInit(payload);
      return end(kexInit === undefined);
    }
    if (type > MESSAGE.debug) end(true);
  };

  return {
    get opening() {
      return { ident, kexInit, foreign, refusal: ident === undefined || !kexInit ? refusal : '', done };
    },
    read(chunk) {
      let at = 0;
      while (at < chunk.length && !done) {
        if (ident === undefined) {
          const byte = chunk[at++] as number;
          if (++before > MOST_BEFORE || lineLength === MOST_LINE) end(true);
          else if (byte !== LF && !isText(byte)) end(true);
          else {
            line[lineLength++] = byte;
            if (byte === LF) endLine();
          }
        } else if (headLength < 4) {
          head[headLength++] = chunk[at++] as number;
          if (headLength < 4) continue;
          const length = packetLength(head, 0);
          if (length === undefined) end(true);
          else packet = Buffer.alloc(length);
        } else if (packet) {
          const part = chunk.subarray(at, at + packet.length - packetFilled);
          packet.set(part, packetFilled);
          at += part.length;
          packetFilled += part.length;
          if (packetFilled === packet.length) endPacket(packet);
        }
      }
    },
  };
}

/** RFC 4253 section 11.1. */
export const TOO_MANY_CONNECTIONS = 12;

/** Section 5.1: 1.99 is a server of both versions. */
export const speaksTwo = (ident: string): boolean => /^SSH-(?:2\.0|1\.99)-/.test(ident);
