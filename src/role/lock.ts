/**
 * One process a folder. The rules are the store's: a lock of a process that is gone, or whose number another process has
 * since got, is taken over.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileFault } from '../record/fault.ts';
import { lockFolder as lock } from '../store/lock.ts';

/** One level after the other: Node's own `recursive` never returns where the system says that a parent is missing, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'EEXIST') throw fileFault(thrown, folder);
  }
}

/** Makes and locks FOLDER for this process and returns what releases it. Throws Fault('locked') when another has it. */
export function lockFolder(folder: string): () => void {
  makeFolder(resolve(folder));
  return lock(folder, 'lock');
}
