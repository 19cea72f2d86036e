/**
 * Feeds a parser with the bytes of one file: cuts them into lines for a parser of lines, hands them on to a parser of bytes. Out:
 * events and refusals, one by one. What a parser of lines has not got to the end of waits for more.
 */
import type { LogEvent, Parser, Refused } from './event.ts';
import { isRefused } from './event.ts';
import { type Feeder, LONGEST_LINE } from './feeder.ts';

const NEWLINE = 10;
const RETURN = 13;

export interface Told {
  event(event: LogEvent, line: number): void;
  refuse(line: number, why: string): void;
}

export function makeParserFeeder(parser: Parser, told: Told): Feeder {
  let lines = 0;
  let skipping = false;

  const give = (result: readonly (LogEvent | Refused)[] | Refused) => {
    if ('refused' in result) return told.refuse(result.line ?? lines, result.refused);
    for (const one of result) {
      if (!isRefused(one)) told.event(one, lines);
      else told.refuse(one.line ?? lines, one.refused);
    }
  };

  function feedLines(bytes: Uint8Array, length: number, line: NonNullable<Parser['line']>): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    let from = 0;
    for (;;) {
      const at = text.indexOf(NEWLINE, from);
      if (at < 0) break;
      lines++;
      const to = at > from && text[at - 1] === RETURN ? at - 1 : at;
      if (skipping || to - from > LONGEST_LINE) told.refuse(lines, 'the line is longer than 65,536 bytes');
      else give(line.call(parser, text.toString('utf8', from, to), lines));
      skipping = false;
      from = at + 1;
    }
    if (length - from <= LONGEST_LINE) return from;
    skipping = true;
    return length;
  }

  function feedBytes(bytes: Uint8Array, length: number, take: NonNullable<Parser['bytes']>): number {
    // The buffer is used again for what follows; a parser may keep what it was given.
    const results = take.call(parser, bytes.slice(0, length));
    lines += results.length;
    give(results);
    return length;
  }

  const feed = (bytes: Uint8Array, length: number): number => {
    if (parser.line) return feedLines(bytes, length, parser.line);
    return parser.bytes ? feedBytes(bytes, length, parser.bytes) : length;
  };

  return {
    get lines() {
      return lines;
    },
    get cut() {
      return skipping;
    },
    feed,
    end(bytes, length, final) {
      const used = final && (length > 0 || skipping) && parser.line ? length : 0;
      if (used > 0 || (final && skipping)) {
        const whole = new Uint8Array(length + 1);
        whole.set(bytes.subarray(0, length));
        whole[length] = NEWLINE;
        feed(whole, length + 1);
      }
      give(parser.end(final));
      return used;
    },
  };
}
