/**
 * The lines of `notice probe`. A finding replaces its observation: a positive in clear is not for any output. References
 * are keyed, so that they cannot be matched with the lines of the input. In: what a check left. Out: NDJSON text.
 */
import type { Reported, SpoolRecord } from '../record/observation.ts';

export function printable(records: readonly SpoolRecord[], reported: Reported): object[] {
  // Nobody is responsible for an address outside every consent, so there is no observation either: only this.
  if (records.length === 0) return [{ ref: null, reported }];
  return records.flatMap((record): object[] => {
    if (record.type === 'finding') {
      const { id, kind, sealed } = record.finding;
      return [{ ref: id, kind, sealed }];
    }
    if (record.type !== 'observation' || reported === 'positive') return [];
    // All but line key, shard and round, member by member: nothing that may be added to an observation comes out by itself.
    const { id, port, protocol, at, reported: own, prompt, vendor, model, firmwareState } = record.observation;
    const { catalogueVersion, clears, isp } = record.observation;
    const device = { vendor, model, firmwareState };
    return [{ ref: id, port, protocol, at, reported: own, prompt, ...device, catalogueVersion, clears, isp }];
  });
}

export const rowsOf = (records: readonly SpoolRecord[], reported: Reported): string =>
  printable(records, reported)
    .map(row => `${JSON.stringify(row)}\n`)
    .join('');
