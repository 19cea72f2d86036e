/**
 * A prober's spool: append-only lines of what may leave it. Positive verdicts are in it only sealed. The ids of the
 * observations already in it are what a resumed round need not check again.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';
import type { SpoolRecord } from '../record/observation.ts';

/** Where a round's spool lies; the centre reads it there and removes it when it has committed it. */
export const spoolFile = (state: string, round: string): string => join(roundFolder(state, round), 'spool.ndjson');

export const roundFolder = (state: string, round: string): string => join(state, 'rounds', round);

export interface Spool {
  readonly file: string;
  has(observationId: string): boolean;
  /** One write for all of them: a crash leaves either none or, torn, a last line that the next opening cuts. */
  append(records: readonly SpoolRecord[]): void;
}

/** Whole lines of a spool; a torn last line (no newline, after kill -9) is not one. */
export function* readSpool(file: string): Generator<SpoolRecord> {
  const text = readFileSync(file, 'utf8');
  let from = 0;
  let line = 0;
  for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
    line++;
    const raw = text.slice(from, to);
    from = to + 1;
    try {
      yield JSON.parse(raw) as SpoolRecord;
    } catch (cause) {
      throw new Fault('input', 'is not a line of a spool', 'keep the file and ask the prober to send the round again', {
        where: `${file}:${line}`,
        cause,
      });
    }
  }
}

export function openSpool(file: string): Spool {
  const seen = new Set<string>();
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8');
    const whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
    for (const record of readSpool(file)) if (record.type === 'observation') seen.add(record.observation.id);
  }
  return {
    file,
    has: id => seen.has(id),
    append: records => {
      try {
        appendFileSync(file, records.map(record => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600 });
      } catch (thrown) {
        throw fileFault(thrown, file);
      }
      for (const record of records) if (record.type === 'observation') seen.add(record.observation.id);
    },
  };
}
