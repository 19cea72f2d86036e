/**
 * Seals the names that a commit needs. In: its tables. Out: the names files of the index. The name of a line is kept in the last
 * window in which a hold of it ended, and goes with that window; names of open holds are kept beside them and replaced with them.
 */
import { isBehind } from './chain.ts';
import { NUMBER } from './gathering.ts';
import type { Interning } from './interning.ts';
import { publicOf } from './keys.ts';
import type { NamesInfo, Writing } from './manifest.ts';
import { type Named, sealSection } from './names.ts';
import { HOLD, type Table } from './table.ts';
import { OPEN } from './window.ts';

/** Of each number, one more than the last window of `tables` it occurs in. */
function lastWindows(tables: readonly Table[], numbers: number): Uint32Array {
  const last = new Uint32Array(numbers + 1);
  for (const { holds, window } of tables)
    for (let at = 2; at < holds.length; at += HOLD) {
      const number = holds[at]! & NUMBER;
      if (window >= last[number]!) last[number] = window + 1;
    }
  return last;
}

export interface NamesOf {
  readonly source: string;
  readonly closed: readonly Table[];
  /** Undefined: those of before stay. */
  readonly open: readonly Table[] | undefined;
  /** Last number that was given. */
  readonly numbers: number;
  readonly sealedTo: string;
}

/** Also gives the names of open holds as text: what the next import must know of a list. */
export function writeNames(
  interning: Interning,
  writing: Writing,
  { source, closed, open, numbers, sealedTo }: NamesOf,
): { names: NamesInfo[]; openNames: string[] } {
  const localOf = new Uint32Array(numbers + 1);
  for (let local = 1; local <= interning.size; local++) localOf[interning.numbers[local]!] = local;
  const groups = new Map<number, Named[]>();
  const put = (number: number, window: number) => {
    const local = localOf[number]!;
    if (local === 0) return;
    const group = groups.get(window);
    const named = { number, mark: interning.markOf(local), name: interning.nameOf(local) };
    if (group) group.push(named);
    else groups.set(window, [named]);
  };
  const last = lastWindows(closed, numbers);
  for (let number = 1; number <= numbers; number++)
    if (last[number]! > 0 && !interning.isSealed(number, last[number]! - 1)) put(number, last[number]! - 1);
  if (open) {
    const isOpen = lastWindows(open, numbers);
    for (let number = 1; number <= numbers; number++) if (isOpen[number]! > 0) put(number, OPEN);
  }
  const names = writing.manifest.names.filter(n => !(open && n.window === OPEN && n.source === source));
  for (const [window, group] of groups) {
    const behind = group.filter(n => isBehind(textOf(n.name)));
    const lines = behind.length === 0 ? group : group.filter(n => !isBehind(textOf(n.name)));
    const where = window === OPEN ? { window, source } : { window };
    if (lines.length > 0) names.push({ ...where, ...writing.keep('names', [sealSection(lines, publicOf(sealedTo))]) });
    if (behind.length > 0)
      names.push({ ...where, behind: true, ...writing.keep('names', [sealSection(behind, null)]) });
  }
  return { names, openNames: (groups.get(OPEN) ?? []).map(n => textOf(n.name)) };
}

const textOf = (name: Uint8Array): string => Buffer.from(name.buffer, name.byteOffset, name.length).toString('utf8');
