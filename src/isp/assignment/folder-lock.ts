/**
 * One process at a time changes an index, or reads one source into it. In: a folder and the name of the lock. Out: what gives it
 * back. A lock that a killed process left is taken over: it holds the process's number and when that process began.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../../record/fault.ts';

/** Ticks from boot to the start of a process (proc_pid_stat(5), field 22); undefined when there is none. */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

const isAlive = (holder: string): boolean => {
  const [pid = '', start] = holder.split(' ');
  return /^\d+$/.test(pid) && startOf(pid) !== undefined && startOf(pid) === start;
};

/** Whether a killed process left this file while it took a lock. */
export function isLeftOver(name: string): boolean {
  const pid = /\.lock\.(\d+)\.\d+(?:\.dead)?$/.exec(name)?.[1];
  return pid !== undefined && startOf(pid) === undefined;
}

/** Of those who see a dead lock one moves it away; whoever moved a fresh one instead gives it back. */
function putAside(lock: string, dead: string, aside: string): void {
  try {
    renameSync(lock, aside);
    if (read(aside) !== dead) linkSync(aside, lock);
  } catch {
    // Somebody else was first; the next try sees what they left.
  } finally {
    rmSync(aside, { force: true });
  }
}

let made = 0;
const STEP_MS = 20;
const still = new Int32Array(new SharedArrayBuffer(4));

/** Waits up to `patienceMs`, then Fault(locked) naming the holder. The folder is made when absent. */
export function lockFolder(dir: string, name: string, patienceMs: number): () => void {
  const lock = join(dir, name);
  const mine = `${lock}.${process.pid}.${++made}`;
  const text = `${process.pid} ${startOf(String(process.pid)) ?? ''}`;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(mine, text, { mode: 0o600 });
    for (let left = patienceMs; ; left -= STEP_MS) {
      try {
        // A link either makes the name or fails: two cannot both succeed.
        linkSync(mine, lock);
        return () => rmSync(lock, { force: true });
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown;
      }
      const holder = read(lock);
      if (holder === undefined) continue;
      if (!isAlive(holder)) putAside(lock, holder, `${mine}.dead`);
      else if (left <= 0)
        throw new Fault('locked', `process ${holder.split(' ')[0]} works on this index`, 'wait for it, or stop it', {
          where: lock,
        });
      else Atomics.wait(still, 0, 0, STEP_MS);
    }
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, lock);
  } finally {
    rmSync(mine, { force: true });
  }
}
