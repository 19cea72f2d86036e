/**
 * Exclusions: prefixes nothing may be sent to, whoever signed what. One prefix a line, a reason after it if you like, `#`
 * begins a comment. In: the file. Out: exclusions, or a Fault; and a watch that applies new lines to a running gate.
 */
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

export interface ExclusionsChange {
  readonly at: Instant;
  /** New prefixes now closed. */
  readonly added: number;
  /** The file could not be trusted any more and the gate is closed for good. */
  readonly stopped: boolean;
  /** One line for the operator. */
  readonly message: string;
}

export interface ExclusionsWatch {
  close(): void;
}

const POLL_MS = 200;
const keyOf = (p: Prefix): string => `${p.family} ${p.base}/${p.length}`;

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
): ExclusionsWatch {
  const known = new Set<string>();
  let text: string | undefined;
  let strikes = 0;

  /** Undefined while the file reads as it did. */
  const fresh = (): Exclusion[] | undefined => {
    const now = readText(file, 'exclusions', 'put it back and start again');
    if (now === text) return undefined;
    const found = parseExclusions(now, file).filter(e => !known.has(keyOf(e.prefix)));
    text = now;
    return found;
  };
  const look = (): Omit<ExclusionsChange, 'at'> | undefined => {
    let added: Exclusion[] | undefined;
    try {
      added = fresh();
      strikes = 0;
    } catch (thrown) {
      if (++strikes < 2) return undefined;
      gate.stop();
      clearInterval(timer);
      return { added: 0, stopped: true, message: `${errorOf(thrown).message}; nothing more is sent` };
    }
    if (!added || added.length === 0) return undefined;
    gate.exclude(added.map(e => e.prefix));
    for (const e of added) known.add(keyOf(e.prefix));
    return { added: added.length, stopped: false, message: `${file}: ${added.length} new, applied` };
  };
  const timer = setInterval(() => {
    const change = look();
    if (!change) return;
    try {
      onChange({ at: clocks.calendar(), ...change });
    } catch (thrown) {
      // Whoever listens could not record it: then nothing may go on either.
      gate.stop();
      throw thrown;
    }
  }, POLL_MS);
  timer.unref();
  look();
  return { close: () => clearInterval(timer) };
}
