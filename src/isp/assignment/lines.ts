/**
 * Reads a text file line by line with bounded memory: a line longer than 64 KiB is given as undefined, not kept. In: a file
 * and a digest to feed. Out: [line number from 1, text]. Bytes that are not UTF-8 come as U+FFFD and are refused later.
 */
import { createReadStream } from 'node:fs';
import { fileFault } from '../../record/fault.ts';

const LONGEST = 65_536;

export async function* linesOf(
  file: string,
  fed: (chunk: Uint8Array) => void,
): AsyncGenerator<readonly [number, string | undefined]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: false });
  let rest = '';
  let tooLong = false;
  let line = 0;
  const take = (text: string): readonly [number, string | undefined] => {
    line++;
    const whole = tooLong || text.length > LONGEST ? undefined : text.endsWith('\r') ? text.slice(0, -1) : text;
    tooLong = false;
    return [line, whole];
  };
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>) {
      fed(chunk);
      const parts = decoder.decode(chunk, { stream: true }).split('\n');
      parts[0] = rest + parts[0];
      rest = parts.pop() as string;
      for (const part of parts) yield take(part);
      if (rest.length > LONGEST) {
        tooLong = true;
        rest = '';
      }
    }
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  rest += decoder.decode();
  if (rest !== '' || tooLong) yield take(rest);
}
