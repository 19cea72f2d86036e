/**
 * The lease file of ISC dhcpd. In: its lines. Out: events. The file is a journal in which the last declaration of an address counts;
 * from time to time it is written anew, each lease once, and then goes on as a journal. So the first declaration of an address in
 * a file is an entry of a list: where it says something new, what came before it was not read.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Format, LogEvent, Parser, Refused } from '../event.ts';
import { type DhcpdLease, dhcpdLease } from './dhcpd-lease.ts';
import { makeCutter } from './dhcpd-tokens.ts';
import { lineOf } from './line-name.ts';
import { dhcpOptions, type Options } from './options.ts';
import { MOST_ERROR_MS } from './stay.ts';

/** What the server writes besides leases. */
const OTHERS: ReadonlySet<string> = new Set([
  ...['authoring-byte-order', 'server-duid', 'failover', 'host', 'group', 'class', 'subclass', 'vendor-class'],
  ...['user-class', 'ia-na', 'ia-ta', 'ia-pd'],
]);
const NEVER = Number.POSITIVE_INFINITY;

/**
 * How far the clocks in a declaration disagree, ms. The last transaction is the grant or later, where answers are reused; what a
 * partner told is by the partner's clock, so that both ways count.
 */
function disagreement({ starts, ends, cltt, failover }: DhcpdLease): number {
  if (ends < starts) return starts - ends + MOST_ERROR_MS + 1;
  if (cltt === undefined || cltt === NEVER) return 0;
  return failover ? Math.abs(cltt - starts) : Math.max(0, starts - cltt);
}

function opened(file: string, given: Options): Parser {
  const options = dhcpOptions(given, file);
  const cutter = makeCutter();
  const seen = new Set<number>();

  function eventsOf(lease: DhcpdLease): readonly LogEvent[] {
    const { address, starts, state, names } = lease;
    const ends = Math.max(starts, lease.ends);
    const { subscriber, session } = lineOf(names, options, false);
    const holder = { family: 4 as const, address, portFrom: 0, portTo: 65_535 };
    const base = { exporter: options.exporter, errorMs: disagreement(lease), holder };
    const common = { ...base, at: starts, session, subscriber };
    const first = !seen.has(address);
    seen.add(address);
    const list: LogEvent[] = first ? [{ ...common, what: 'ended-by' }] : [];
    if (state === 'abandoned') {
      const from: Instant =
        lease.cltt !== undefined && lease.cltt > starts && lease.cltt !== NEVER ? lease.cltt : starts;
      const unknown = { ...base, at: from, session: '', subscriber: '' };
      return [{ ...unknown, what: 'held', from, to: ends === NEVER ? null : Math.max(from, ends) }];
    }
    const granted: LogEvent = { ...common, what: 'lease', until: ends };
    if (state === 'active' || state === 'bootp' || state === 'reserved') return [...list, granted];
    // Nobody ever had it, or nobody says who: it is over for whoever has it.
    if (session === '?') return [{ ...base, at: starts, session: '', subscriber: '', what: 'release' }];
    return [...list, granted, ...(ends === NEVER ? [] : [{ ...common, at: ends, what: 'release' as const }])];
  }

  const resultOf = (text: string, line: number): (LogEvent | Refused)[] =>
    cutter.line(text, line).flatMap((one): readonly (LogEvent | Refused)[] => {
      if ('wrong' in one) return [{ refused: one.wrong, line: one.line }];
      const [kind, , brace] = one.tokens;
      if (kind && OTHERS.has(kind.text)) return [];
      if (kind?.text !== 'lease' || brace?.text !== '{')
        return [{ refused: 'is no declaration of a lease file', line: one.line }];
      const lease = dhcpdLease(one.tokens);
      return typeof lease === 'string' ? [{ refused: lease, line: one.line }] : eventsOf(lease);
    });
  let waiting: Refused[] = [];

  return {
    line(text, line) {
      const all = resultOf(text, line);
      const refused = all.filter((one): one is Refused => 'refused' in one);
      const events = all.filter((one): one is LogEvent => 'what' in one);
      // A line that ends two declarations is rare; both are told, the second at the end.
      if (refused.length > 0 && events.length === 0) {
        waiting.push(...refused.slice(1));
        return refused[0] as Refused;
      }
      waiting.push(...refused);
      return events;
    },
    end(final) {
      const all = waiting;
      waiting = [];
      const line = final ? cutter.unfinished : undefined;
      return line === undefined ? all : [...all, { refused: 'the declaration does not end', line }];
    },
  };
}

export const dhcpdFormat: Format = { name: 'dhcpd', folds: 'leases', open: opened };
