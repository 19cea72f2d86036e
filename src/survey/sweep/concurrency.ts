/** How many attempts may be pending at once: what this process may still open, with room left for everything else it does. */
import { readdirSync, readFileSync } from 'node:fs';

const DEFAULT = 1_000;
const ROOM = 64;

/** Soft limit of open files from /proc/self/limits; undefined where there is no such file, Infinity for `unlimited`. */
export function openFilesLimit(text: string): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  return soft === undefined ? undefined : soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** At least 1; `wanted` and the default are lowered to what the limit leaves. */
export function concurrencyFor(wanted: number | undefined, limit: number | undefined, inUse: number): number {
  const free = (limit ?? DEFAULT) - inUse - ROOM;
  return Math.max(1, Math.min(wanted ?? DEFAULT, Math.floor(free)));
}

/** Reads both from this process; machines without /proc get the default. */
export function concurrencyHere(wanted?: number): number {
  try {
    const limit = openFilesLimit(readFileSync('/proc/self/limits', 'utf8'));
    return concurrencyFor(wanted, limit, readdirSync('/proc/self/fd').length);
  } catch {
    return concurrencyFor(wanted, undefined, ROOM);
  }
}
