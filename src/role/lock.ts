/** One process a folder: a lock file with the process id. A lock whose process is gone is taken over. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Locks FOLDER for this process and returns what releases it. Throws Fault('locked') when another process has it. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  for (let tries = 0; tries < 3; tries++) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const fd = openSync(file, 'wx', 0o600);
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return () => rmSync(file, { force: true });
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'EEXIST') throw fileFault(thrown, file);
      const pid = Number(readFileSync(file, 'utf8')) || 0;
      if (pid > 0 && pid !== process.pid && alive(pid))
        throw new Fault('locked', `process ${pid} works on this folder`, 'wait for it, or use another folder', {
          where: folder,
        });
      rmSync(file, { force: true });
    }
  }
  throw new Fault('locked', 'the lock cannot be taken', 'try again', { where: folder });
}
