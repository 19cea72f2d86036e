/**
 * The summary of a rehearsal that is over, kept beside its journal. Shown again it must be the same: what a visitor does at
 * the doors afterwards, a re-check at the home line for one, is no part of the months that were judged.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileFault } from '../record/fault.ts';

interface Kept<T> {
  /** Which run it is of: the journal's own count of seconds, which no other run shares. */
  readonly seconds: number;
  readonly summary: T;
}

/** What lies there; a file half written by a crash is none. */
function read<T>(file: string): Kept<T> | undefined {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept<T>) : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw fileFault(thrown, file);
  }
}

/** The kept summary of the run whose journal says `seconds`; else what `make` returns, which is kept. */
export async function keptSummary<T>(folder: string, seconds: number, make: () => Promise<T>): Promise<T> {
  const file = join(folder, 'summary.json');
  const kept = read<T>(file);
  if (kept?.seconds === seconds) return kept.summary;
  const summary = await make();
  try {
    writeFileSync(file, `${JSON.stringify({ seconds, summary } satisfies Kept<T>)}\n`, { mode: 0o600 });
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return summary;
}
