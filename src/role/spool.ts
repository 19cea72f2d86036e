/**
 * A prober's spool: append-only lines of what may leave it. Positive verdicts are in it only sealed. The ids of the
 * observations already in it are what a resumed round need not check again.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';
import { REPORTED, type Reported, type SpoolRecord } from '../record/observation.ts';

/** Where a round's spool lies; the centre reads it there and removes it when it has committed it. */
export const spoolFile = (state: string, round: string): string => join(roundFolder(state, round), 'spool.ndjson');

export const roundFolder = (state: string, round: string): string => join(state, 'rounds', round);

export interface Spool {
  readonly file: string;
  has(observationId: string): boolean;
  /** Of everything in it, whichever run wrote it. */
  readonly sums: { readonly reported: Record<Reported, number>; prompts: number; findings: number };
  /**
   * The records of one service, or of one shard. Its observation, by which a resumed round knows that the service was
   * checked, goes last: what a crash or a full disk leaves of it without that line is cut at the next opening.
   */
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

export const noneReported = (): Record<Reported, number> =>
  Object.fromEntries(REPORTED.map(name => [name, 0])) as Record<Reported, number>;

/** A line that ends what belongs together. */
const closes = (record: SpoolRecord): boolean => record.type === 'observation' || record.type === 'sweep';

export function openSpool(file: string): Spool {
  const seen = new Set<string>();
  const shards = new Set<number>();
  const sums: Spool['sums'] = { reported: noneReported(), prompts: 0, findings: 0 };
  const count = (record: SpoolRecord): void => {
    if (record.type === 'sweep') shards.add(record.sweep.shard);
    if (record.type === 'finding') sums.findings++;
    if (record.type !== 'observation') return;
    const { id, reported, prompt } = record.observation;
    seen.add(id);
    sums.reported[reported]++;
    sums.prompts += Number(prompt);
  };
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8');
    let whole = 0;
    let at = 0;
    let open: SpoolRecord[] = [];
    // A torn last line ends the reading; what precedes it without a closing line belongs to it.
    for (const record of readSpool(file)) {
      at = text.indexOf('\n', at) + 1;
      open.push(record);
      if (!closes(record)) continue;
      for (const one of open) count(one);
      open = [];
      whole = at;
    }
    if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
  }
  return {
    file,
    sums,
    has: id => seen.has(id),
    append: records => {
      // A resumed sweep tells its finished shards again.
      const news = records.filter(record => record.type !== 'sweep' || !shards.has(record.sweep.shard));
      const ordered = [...news.filter(record => !closes(record)), ...news.filter(closes)];
      if (ordered.length === 0) return;
      try {
        appendFileSync(file, ordered.map(record => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600 });
      } catch (thrown) {
        throw fileFault(thrown, file);
      }
      for (const record of ordered) count(record);
    },
  };
}
