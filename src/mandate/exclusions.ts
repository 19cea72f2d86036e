/**
 * Exclusions: prefixes nothing may be sent to, whoever signed what. One prefix a line, a reason after it if you like, `#`
 * begins a comment. In: the file. Out: exclusions, or a Fault; and a watch that applies new lines to a running gate.
 */
import { readFileSync } from 'node:fs';
import type { Prefix } from '../record/address.ts';
import { parsePrefix } from '../record/address.ts';
import { errorOf, Fault } from '../record/fault.ts';
import type { Clocks, Instant } from '../record/instant.ts';
import { readText } from './json-file.ts';

export interface Exclusion {
  readonly prefix: Prefix;
  readonly reason?: string;
  /** In the file, from 1. */
  readonly line: number;
}

export function parseExclusions(text: string, file: string): Exclusion[] {
  const found: Exclusion[] = [];
  for (const [n, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.replace(/#.*$/, '').trim();
    if (content === '') continue;
    const [first, ...rest] = content.split(/\s+/);
    const prefix = parsePrefix(first ?? '');
    if (!prefix)
      throw new Fault('exclusions', `"${first}" is no prefix`, 'write it without host bits, such as 192.0.2.0/24', {
        where: `${file}:${n + 1}`,
      });
    found.push({ prefix, line: n + 1, ...(rest.length > 0 ? { reason: rest.join(' ') } : {}) });
  }
  return found;
}

export const loadExclusions = (file: string): Exclusion[] =>
  parseExclusions(readText(file, 'exclusions', 'make the file; it may be empty'), file);

export type ExclusionsChange =
  | { readonly type: 'excluded'; readonly at: Instant; readonly prefixes: readonly Prefix[] }
  | { readonly type: 'stopped'; readonly at: Instant; readonly fault: Error };

const POLL_MS = 200;

/**
 * Applies new lines of the file to the gate within one second. Polls, because file notices are lost on some file systems.
 * A line taken away stays excluded until the gate is compiled again: a running round only ever shrinks. A file that is
 * gone or malformed at two polls in a row stops the gate for good; once is how editors replace a file. What the file held
 * at the first look is applied without a report, because the gate was compiled with it.
 */
export function watchExclusions(
  file: string,
  gate: { exclude(prefixes: readonly Prefix[]): void; stop(): void },
  clocks: Clocks,
  onChange: (change: ExclusionsChange) => void,
): { close(): void } {
  const keyOf = (p: Prefix) => `${p.family} ${p.base}/${p.length}`;
  const known = new Set<string>();
  let text: string | undefined;
  let bad = false;
  let first = true;
  const look = () => {
    try {
      const now = readFileSync(file, 'utf8');
      if (now === text && !bad) return;
      const fresh = parseExclusions(now, file).filter(e => !known.has(keyOf(e.prefix)));
      text = now;
      bad = false;
      if (fresh.length === 0) return;
      const prefixes = fresh.map(e => e.prefix);
      gate.exclude(prefixes);
      for (const p of prefixes) known.add(keyOf(p));
      if (!first) onChange({ type: 'excluded', at: clocks.calendar(), prefixes });
    } catch (thrown) {
      if (!bad) {
        bad = true;
        return;
      }
      gate.stop();
      clearInterval(timer);
      const fault =
        thrown instanceof Fault
          ? thrown
          : new Fault('exclusions', `cannot be read (${errorOf(thrown).message})`, 'mend the file and start again', {
              where: file,
              cause: thrown,
            });
      onChange({ type: 'stopped', at: clocks.calendar(), fault });
    }
  };
  const timer = setInterval(look, POLL_MS);
  timer.unref();
  look();
  first = false;
  return { close: () => clearInterval(timer) };
}
