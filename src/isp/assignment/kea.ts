/**
 * Kea's lease journal. In: memfile lease4 files, oldest first, as the server rotated them. Out: intervals in the builder, and
 * how far the journal reaches: to its last event unless the caller knows that it was complete for longer.
 */
import { Fault } from '../../record/fault.ts';
import type { Folder, Format, Held, LogEvent } from './event.ts';
import { foldLeases } from './kea-fold.ts';
import { type KeaEvent, type KeaHeader, keaHeader, keaRow } from './kea-row.ts';

export const keaFormat: Format = {
  name: 'kea',
  folds: 'leases',
  open(file) {
    let header: KeaHeader | undefined;
    return {
      line(text) {
        if (text === '') return [];
        if (!header) {
          header = keaHeader(text);
          if (!header)
            throw new Fault(
              'input',
              'is no lease4 file of Kea: the first line is not its header',
              'name the memfile itself',
              { where: `${file}:1` },
            );
          return [];
        }
        // Files put one after the other keep their headers.
        if (text.startsWith('address,')) return [];
        const row = keaRow(header, text);
        return typeof row === 'string' ? { refused: row } : [eventOf(row)];
      },
      end: () => [],
    };
  },
};

function eventOf({ address, at, expire, what, subscriber }: KeaEvent): LogEvent {
  const holder = { family: 4 as const, address, portFrom: 0, portTo: 65_535 };
  const common = { at: at * 1000, errorMs: 0, exporter: '', session: subscriber, holder, subscriber };
  if (what === 'lease') return { ...common, what, until: expire * 1000 };
  if (what === 'gone') return { ...common, what: 'release' };
  return { ...common, what: 'held', from: at * 1000, to: expire * 1000 };
}

/** Keeps the whole journal and folds it anew each time: right, and enough until leases are folded as they come. */
export function makeJournalFolder(saved?: unknown): Folder {
  const seen = new Map<string, KeaEvent & { readonly exporter: string }>();
  const keep = (event: KeaEvent & { readonly exporter: string }) => seen.set(JSON.stringify(event), event);
  for (const event of (saved as (KeaEvent & { readonly exporter: string })[] | undefined) ?? []) keep(event);
  return {
    take(event) {
      if (!('holder' in event) || event.holder.family !== 4) return;
      const { holder, subscriber, exporter } = event;
      const base = { address: holder.address, at: event.at / 1000, subscriber, exporter };
      if (event.what === 'lease') keep({ ...base, expire: event.until / 1000, what: 'lease' });
      if (event.what === 'release') keep({ ...base, expire: event.at / 1000, what: 'gone' });
      if (event.what === 'held' && event.to !== null) keep({ ...base, expire: event.to / 1000, what: 'declined' });
    },
    closed: () => [],
    open() {
      const held: Held[] = [];
      for (const [address, events] of Map.groupBy(seen.values(), event => event.address)) {
        const holder = { family: 4 as const, address, portFrom: 0, portTo: 65_535 };
        // Stable: rows of one instant keep the order of the journal.
        for (const one of foldLeases(events.sort((a, b) => a.at - b.at)))
          held.push({ holder, exporter: events[0]?.exporter ?? '', ...one });
      }
      return held;
    },
    save: () => [...seen.values()],
  };
}
