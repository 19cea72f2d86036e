/**
 * Kea's memfiles: the journal of leases as the server writes it, and the list that is left when it compacts one (LFC). In: lines of one
 * file. Out: events. What a compaction dropped is gone: where a file may not be what follows the one read before, the parser
 * says so, and the folder believes no lease across it.
 */
import { Fault } from '../../../record/fault.ts';
import { HOUR, type Instant } from '../../../record/instant.ts';
import type { Format, LogEvent, Parser } from '../event.ts';
import { type KeaHeader, type KeaRow, keaHeader, keaRow, type Version } from './kea-row.ts';
import { dhcpOptions, type Options } from './options.ts';

/** Kea's default lfc-interval. */
const JOURNAL_MS = HOUR;
/** Names that Kea gives lists (ARM, "Why Is Lease File Cleanup Necessary?"): every lease once, by its last row. */
const LISTS = /\.(?:2|output|completed)$/;
/** A journal that is waiting to be compacted: nothing is written to it any more. */
const ENDED = /\.1$/;

function opened(version: Version, file: string, given: Options): Parser {
  const options = dhcpOptions(given, file);
  const { exporter, journalMs = JOURNAL_MS } = options;
  const isList = options.compacted ?? LISTS.test(file);
  let header: KeaHeader | undefined;
  /** No client has spoken since the header. */
  let begins = true;
  let last: Instant | undefined;

  function eventsOf({ holder, at, expire, what, subscriber, session, fresh }: KeaRow): LogEvent[] {
    const common = { at, errorMs: 0, exporter, session, holder, subscriber };
    const starting = begins && !isList && journalMs > 0;
    // The instant of a row that tidies up says nothing about when the journal begins.
    const spanMs = fresh ? journalMs : 1;
    const start: LogEvent[] = starting ? [{ what: 'reset', at, errorMs: spanMs, exporter }] : [];
    if (what === 'gone') return [...start, { ...common, what: 'release' }];
    if (what === 'declined') start.push({ ...common, what: 'held', from: at, to: expire });
    else {
      last = Math.max(last ?? at, at);
      // A row that tidies up may be of a lease that nobody read of: until a client has spoken, it is taken as from a list.
      if (isList || (starting && !fresh)) start.push({ ...common, what: 'ended-by' });
      start.push({ ...common, what, until: expire });
    }
    if (fresh) begins = false;
    return start;
  }

  return {
    line(text) {
      if (text === '') return [];
      // Files put one after the other keep their headers.
      if (!header || text.startsWith('address,')) {
        const found = keaHeader(text, version);
        if (!found && header) return { refused: 'the header lacks columns that it needs' };
        if (!found)
          throw new Fault(
            'input',
            `is no lease${version} file of Kea: the first line is not its header`,
            'name the memfile itself',
            { where: `${file}:1` },
          );
        header = found;
        begins = true;
        return [];
      }
      const row = keaRow(header, text, version, options);
      return typeof row === 'string' ? { refused: row } : eventsOf(row);
    },
    end() {
      if (last === undefined) return [];
      const at = last;
      last = undefined;
      const common = { at, errorMs: 0, exporter };
      return isList ? [{ ...common, what: 'reset' }] : ENDED.test(file) ? [{ ...common, what: 'heard' }] : [];
    },
  };
}

export const keaFormat: Format = {
  name: 'kea',
  folds: 'leases',
  open: (file, options) => opened(4, file, options),
};

/** Addresses (IA_NA, IA_TA) and delegated prefixes (IA_PD) alike. */
export const kea6Format: Format = {
  name: 'kea6',
  folds: 'leases',
  open: (file, options) => opened(6, file, options),
};
