/**
 * Finds a file again after its name was given to another, or after it was copied away and emptied. In: where it was and how far it was
 * read. Out: the file beside it that begins with the very same bytes; nothing when it is gone.
 */
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { recognise } from './log-file.ts';
import type { ReadFile } from './manifest.ts';

/** Files in the folder that are looked into. */
const MOST = 2_000;

/** Whether a file begins with the bytes that were read of another. */
export function beginsSo(file: string, record: ReadFile): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const stat = fstatSync(fd);
    return stat.isFile() && recognise(fd, stat.size, [record]) !== undefined;
  } catch {
    // Gone in between, or not ours to read: then it is not the one.
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

export function rotatedFrom(file: string, record: ReadFile): string | undefined {
  const folder = dirname(file);
  let names: string[];
  try {
    names = readdirSync(folder).slice(0, MOST);
  } catch {
    return undefined;
  }
  return names
    .filter(name => name !== basename(file))
    .map(name => join(folder, name))
    .find(other => beginsSo(other, record));
}
