/**
 * Kea's legal log. In: its lines. Out: events. It keeps every grant, renewal and release, but no expiry; a client that declined an
 * address is logged as one that released it, so that a release soon after a grant may mean that somebody else is there.
 */
import { type Instant, MINUTE } from '../../../record/instant.ts';
import type { Format, Holder, LogEvent, Parser } from '../event.ts';
import { type Entry, entryOf } from './kea-log-grammar.ts';
import { lineOf } from './line-name.ts';
import { dhcpOptions, type Key, type Options } from './options.ts';

/**
 * A file that begins no later after the last line that was read is taken for the next: servers with some thousand clients write a line
 * more often. Whoever gives every file to its end says so (journalSeconds: 0).
 */
const PAUSE_MS = 2 * MINUTE;
/** A client looks whether the address is in use at once. */
const DECLINES_WITHIN = MINUTE;
const MOST_RECENT = 10_000;

const NEVER = Number.POSITIVE_INFINITY;
const textOf = (h: Holder) => (h.family === 4 ? String(h.address) : `${h.prefix.toString(36)}/${h.length}`);
/** What the lines about commands say of a client. */
const TOLD: readonly (Key | undefined)[] = ['client-id', 'duid', 'hwaddr'];

function opened(file: string, given: Options): Parser {
  const options = dhcpOptions(given, file);
  const { exporter, journalMs = PAUSE_MS, partnerImported, subscriber: wanted } = options;
  let begins = journalMs > 0;
  /** When holders were last given, the latest at the end. */
  const recent = new Map<string, Instant>();

  function declines(holder: Holder, at: Instant): boolean {
    const given = recent.get(textOf(holder));
    return given !== undefined && at >= given && at - given <= DECLINES_WITHIN;
  }

  function remember(holder: Holder, at: Instant): void {
    const key = textOf(holder);
    recent.delete(key);
    recent.set(key, at);
    if (recent.size <= MOST_RECENT) return;
    for (const [old, when] of recent) {
      if (recent.size <= MOST_RECENT && at - when <= DECLINES_WITHIN) break;
      recent.delete(old);
    }
  }

  function eventsOf({ at, what, by, holder, lifetime, names }: Entry): LogEvent[] {
    const common = { at, errorMs: 0, exporter };
    if (!holder || (by === 'partner' && partnerImported)) return [{ ...common, what: 'heard' }];
    if (what === 'deleted') return [{ ...common, what: 'release', holder, session: '', subscriber: '' }];
    // These lines leave out what a relay added, so that they name nobody whom the others name by it.
    const told = by === 'client' || TOLD.includes(wanted);
    const line = lineOf(told ? names : { ...names, unreadable: true }, options, holder.family === 6);
    const one = { ...common, ...line, holder };
    if (what === 'released') {
      const events: LogEvent[] = [{ ...one, what: 'release' }];
      if (declines(holder, at)) events.unshift({ ...one, session: '', subscriber: '', what: 'held', from: at, to: at });
      return events;
    }
    remember(holder, at);
    const lease: LogEvent = { ...one, what: 'lease', until: at + (lifetime ?? NEVER) };
    // For how long is not said: it is proven at this instant alone.
    const known: LogEvent[] = lifetime === undefined ? [lease, { ...one, what: 'release' }] : [lease];
    if (!begins) return known;
    begins = false;
    return [{ ...common, what: 'heard' }, { ...common, what: 'reset', errorMs: journalMs }, ...known];
  }

  return {
    line(text) {
      if (text === '') return [];
      const entry = entryOf(text, options.zones);
      return typeof entry === 'string' ? { refused: entry } : eventsOf(entry);
    },
    end: () => [],
  };
}

export const keaLogFormat: Format = { name: 'kea-log', folds: 'leases', open: opened };
