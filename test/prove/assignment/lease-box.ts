/**
 * A DHCP server: what its journal says of stays, and what becomes of the stays, since the server keeps an address for a client until
 * the lease ends. Lines leave with a release (that may be lost), in silence, or have their lease deleted without a word of when.
 */
import { type Chance, oneOf } from './chance.ts';
import type { Clock } from './clock.ts';
import type { Written } from './faults.ts';
import type { Slot, Stay } from './truth.ts';

export interface Leased {
  readonly stays: readonly Stay[];
  readonly written: readonly Written[];
}

/** `wanted`: stays as lines would like them; those during which the server still keeps the address for another do not happen. */
export function leaseRecords(chance: Chance, wanted: readonly Stay[], slots: readonly Slot[], clock: Clock): Leased {
  const life = oneOf(chance, [120_000, 600_000, 3_600_000]);
  const stays: Stay[] = [];
  const written: Written[] = [];
  const kept = new Map<number, { readonly until: number; readonly line: string }>();
  for (const stay of wanted) {
    const before = kept.get(stay.slot);
    if (before && stay.from < before.until && stay.line !== before.line) continue;
    stays.push(stay);
    const common = {
      holder: (slots[stay.slot] as Slot).holder,
      session: stay.line,
      subscriber: stay.line,
      exporter: 'dhcp',
    };
    let renewed = stay.from;
    const lease = (at: number) => {
      renewed = at;
      const stamped = clock.stamp(at);
      const event = { ...common, what: 'lease' as const, at: stamped, errorMs: 0, until: stamped + life };
      // The server writes its leases before it gives them.
      written.push({ at, event, kept: true });
    };
    lease(stay.from);
    for (let at = stay.from + life * (0.4 + 0.1 * chance()); at < stay.to; at += life * (0.4 + 0.1 * chance()))
      lease(at);
    const way = chance();
    if (way < 0.4) {
      written.push({ at: stay.to, event: { ...common, what: 'release', at: clock.stamp(stay.to), errorMs: 0 } });
      kept.set(stay.slot, { until: stay.to, line: stay.line });
    } else if (way < 0.6) kept.set(stay.slot, { until: stay.to, line: stay.line });
    else kept.set(stay.slot, { until: renewed + life + 2_000, line: stay.line });
  }
  return { stays, written };
}
