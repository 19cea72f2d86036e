/**
 * Which logs speak for a pool, and whether they are complete around an instant. In: the logs and a pool. Out: every (source,
 * exporter) that could have served it; all of them must cover the window, or a hold that nobody told us of could be missing.
 */
import type { Instant } from '../../record/instant.ts';
import type { Coverage } from './coverage.ts';
import type { Logs } from './hold.ts';
import type { Pool } from './pool.ts';

/** Logs of delegated prefixes are of either format. */
const FORMATS_OF: Readonly<Partial<Record<string, readonly string[]>>> = { pd: ['pd', 'kea6', 'csv'] };

export interface Serving {
  readonly sources: ReadonlySet<string>;
  readonly boxes: readonly { readonly source: string; readonly exporter: string }[];
  /** Exporters the pool names of which no source has heard. */
  readonly unheard: readonly string[];
}

function servingOf(logs: Logs, pool: Pool): Serving {
  const formats = FORMATS_OF[pool.log] ?? [pool.log];
  const speaking = logs.sources.filter(s =>
    pool.source === undefined ? formats.includes(s.format) : s.name === pool.source,
  );
  const boxes = speaking.flatMap(s =>
    s.exporters
      .filter(({ exporter }) => pool.exporters?.includes(exporter) ?? true)
      .map(({ exporter }) => ({ source: s.name, exporter })),
  );
  const unheard = (pool.exporters ?? []).filter(name => !boxes.some(box => box.exporter === name));
  return { sources: new Set(speaking.map(s => s.name)), boxes, unheard };
}

const KNOWN = new WeakMap<Logs, Map<Pool, Serving>>();

/** The same index always gives the same answer, so it is worked out once a pool. */
export function serving(logs: Logs, pool: Pool): Serving {
  let known = KNOWN.get(logs);
  if (!known) {
    known = new Map();
    KNOWN.set(logs, known);
  }
  let found = known.get(pool);
  if (!found) {
    found = servingOf(logs, pool);
    known.set(pool, found);
  }
  return found;
}

export interface Covered {
  readonly source: string;
  readonly exporter: string;
  readonly cover: Coverage;
}

/** The worst of the boxes: a gap stays one, what is only late is worth waiting for. Undefined when all cover the window. */
export function lacking(logs: Logs, { boxes }: Serving, from: Instant, to: Instant): Covered | undefined {
  let late: Covered | undefined;
  for (const { source, exporter } of boxes) {
    const cover = logs.covers(source, from, to, exporter);
    if (cover === 'gap' || cover === 'before') return { source, exporter, cover };
    if (cover === 'pending') late ??= { source, exporter, cover };
  }
  return late;
}
