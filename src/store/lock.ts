/**
 * One process at a time on a data folder. The lock is a file with the holder's process id and when that process started,
 * so that a lock left behind by a killed process, or whose number another process has since got, is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';

/** Start of a process in clock ticks since boot (proc_pid_stat(5), field 22); undefined when there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(holder: string): boolean {
  const [pidText, start] = holder.split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const now = startOf(pid);
  if (now !== undefined) return start === undefined || start === 'unknown' || now === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as { code?: string }).code === 'EPERM';
  }
}

/** Takes the folder's lock, a file of this name. Throws Fault('locked') naming the holder. The result releases it. */
export function lockFolder(folder: string, name = 'store.lock'): () => void {
  const lock = join(folder, name);
  const mine = `${lock}.${process.pid}.${Math.trunc(performance.now() * 1_000)}`;
  const text = `${process.pid} ${startOf(process.pid) ?? 'unknown'}`;
  try {
    writeFileSync(mine, text, { mode: 0o600 });
    for (let tries = 0; tries < 5; tries++) {
      try {
        // A link either makes the name or fails: two processes cannot both succeed.
        linkSync(mine, lock);
        return () => rmSync(lock, { force: true });
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown;
      }
      const holder = read(lock);
      if (holder === undefined) continue;
      if (isAlive(holder))
        throw new Fault('locked', `process ${holder.split(' ')[0]} works on this folder`, 'stop it, or use another', {
          where: folder,
        });
      putAside(lock, `${mine}.stale`, holder);
    }
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, lock);
  } finally {
    rmSync(mine, { force: true });
  }
  throw new Fault('locked', 'several processes start on this folder at once', 'start one of them', { where: folder });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Of those who saw the stale lock one moves it away. Whoever moved a fresh one instead, taken in between by another, gives
 * it back; left open are the microseconds in between, for a third process, when a holder was killed and three start.
 */
function putAside(lock: string, aside: string, stale: string) {
  try {
    renameSync(lock, aside);
    if (read(aside) !== stale) linkSync(aside, lock);
  } catch {
    // Somebody else was first; the next try sees what they left.
  } finally {
    rmSync(aside, { force: true });
  }
}
