/**
 * The receiving half of a small telnet server (RFC 854): commands and sub-negotiations are swallowed however they are
 * split, CR LF, CR NUL and bare LF end a line. In: chunks. Out: lines, and printable bytes to echo.
 */
const IAC = 255;
const SB = 250;
const SE = 240;
const WILL = 251;
const LONGEST_LINE = 256;

export function telnetLines(onLine: (line: string) => void, onText: (text: string) => void): (chunk: Buffer) => void {
  let state: 'data' | 'iac' | 'option' | 'sub' | 'sub-iac' = 'data';
  let line = '';
  let afterCr = false;
  return chunk => {
    let echo = '';
    for (const byte of chunk) {
      if (state === 'iac') state = byte === SB ? 'sub' : byte >= WILL && byte < IAC ? 'option' : 'data';
      else if (state === 'option') state = 'data';
      else if (state === 'sub') state = byte === IAC ? 'sub-iac' : 'sub';
      else if (state === 'sub-iac') state = byte === SE ? 'data' : 'sub';
      else if (byte === IAC) state = 'iac';
      else if (afterCr && (byte === 10 || byte === 0)) afterCr = false;
      else if (byte === 13 || byte === 10) {
        afterCr = byte === 13;
        if (echo !== '') onText(echo);
        echo = '';
        const whole = line;
        line = '';
        onLine(whole);
      } else {
        afterCr = false;
        if (line.length < LONGEST_LINE) line += String.fromCharCode(byte);
        echo += String.fromCharCode(byte);
      }
    }
    if (echo !== '') onText(echo);
  };
}
