/** Peak memory of processes, from the kernel's own accounting (proc(5), VmHWM). */
import { readFileSync } from 'node:fs';

/** The sum of the peaks of these processes in megabytes; one that has ended counts nothing. */
export function peakMegabytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      kilobytes += Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended, or this system has no /proc: then nothing is claimed.
    }
  }
  return Math.round(kilobytes / 1024);
}
