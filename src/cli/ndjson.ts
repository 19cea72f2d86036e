/**
 * NDJSON in, one record a line. A bad line is told on stderr with its number, counted, and passed over; whoever reads
 * throws `badLines` at the end, so that the command exits with 4 after the good ones are done.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { Fault } from '../record/fault.ts';

export interface LineReader<T> {
  readonly records: AsyncIterable<{ readonly line: number; readonly value: T }>;
  readonly bad: () => number;
}

const LONGEST = 256 * 1024;

export function readNdjson<T>(input: Readable, name: string, schema: z.ZodType<T>): LineReader<T> {
  let bad = 0;
  const tell = (line: number, why: string) => {
    bad++;
    process.stderr.write(`notice: ${name}:${line}: ${why}; the other lines are done\n`);
  };
  async function* records() {
    let line = 0;
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      if (text.length > LONGEST) {
        tell(line, `is longer than ${LONGEST} characters`);
        continue;
      }
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        tell(line, 'is not JSON');
        continue;
      }
      const parsed = schema.safeParse(json);
      if (parsed.success) yield { line, value: parsed.data };
      else {
        const issue = parsed.error.issues[0];
        tell(line, `${issue?.path.join('.') || 'the record'}: ${issue?.message ?? 'is malformed'}`);
      }
    }
  }
  return { records: records(), bad: () => bad };
}

export function failOnBad(name: string, bad: number): void {
  if (bad === 0) return;
  throw new Fault('input', `${bad} ${bad === 1 ? 'line was' : 'lines were'} malformed`, 'mend the lines named above', {
    where: name,
  });
}
