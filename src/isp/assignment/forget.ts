/**
 * Forgets whose line it was longer ago than an instant. In: the folder, the instant. Out: how many holds went. A window goes whole as
 * soon as its first day is that old, with the names that were kept for it: nothing is kept longer, and what is in it is dropped up
 * to sixteen days sooner. From then on the index is silent about that time, and no proof of nobody.
 */
import type { Instant } from '../../record/instant.ts';
import { changeIndex, readManifest } from './manifest.ts';
import { OPEN, windowStart } from './window.ts';

const isOld = (window: number, before: Instant): boolean => window !== OPEN && windowStart(window) <= before;

export function forgetAssignments(dir: string, before: Instant): number {
  const { segments, names } = readManifest(dir);
  if (![...segments, ...names].some(one => isOld(one.window, before))) return 0;
  let gone = 0;
  changeIndex(dir, ({ manifest }) => {
    const old = manifest.segments.filter(s => isOld(s.window, before));
    gone = old.reduce((sum, s) => sum + s.rows, 0);
    return {
      segments: manifest.segments.filter(s => !old.includes(s)),
      names: manifest.names.filter(n => !isOld(n.window, before)),
      sources: manifest.sources.map(source => {
        const windows = old.filter(s => s.source === source.name).map(s => s.window);
        if (windows.length === 0) return source;
        const keptFrom = Math.max(source.heard.keptFrom ?? 0, windowStart(Math.max(...windows) + 1));
        return { ...source, heard: { ...source.heard, keptFrom } };
      }),
    };
  });
  return gone;
}
