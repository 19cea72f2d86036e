/** How many conversations this process has descriptors for. Each in flight holds one; files, pipes and workers need some. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kept free for everything else: the audit log, the budget, the spool, workers, standard streams. */
const ROOM = 64;

/** Soft limit of open files; undefined where the machine has no such file, Infinity for `unlimited`. */
export function openFileLimit(limits = readOr('/proc/self/limits', '')): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  return soft === undefined ? undefined : soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function inUseNow(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return ROOM;
  }
}

export interface Fit {
  /** At least 1. */
  readonly concurrency: number;
  /** Set when it is fewer than asked for: one sentence with the remedy. */
  readonly why?: string;
}

export function conversationsThatFit(asked: number, limit = openFileLimit(), inUse = inUseNow()): Fit {
  if (limit === undefined) return { concurrency: asked };
  const free = Math.max(1, limit - inUse - ROOM);
  if (asked <= free) return { concurrency: asked };
  return {
    concurrency: free,
    why: `${limit} open files are allowed, enough for ${free} conversations at once; ulimit -n ${asked + inUse + ROOM} gives more`,
  };
}
