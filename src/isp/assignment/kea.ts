/**
 * Kea's lease journal. In: memfile lease4 files, oldest first, as the server rotated them. Out: intervals in the builder, and
 * how far the journal reaches: to its last event unless the caller knows that it was complete for longer.
 */
import { Fault } from '../../record/fault.ts';
import type { Builder } from './builder.ts';
import { foldLeases } from './kea-fold.ts';
import { type KeaEvent, type KeaHeader, keaHeader, keaRow } from './kea-row.ts';
import { linesOf } from './lines.ts';
import { makeReading, type Reading, reach, reject } from './reading.ts';

export async function readKea(
  files: readonly string[],
  builder: Builder,
  fed: (chunk: Uint8Array) => void,
): Promise<Reading> {
  const reading = makeReading();
  const byAddress = new Map<number, KeaEvent[]>();
  for (const file of files) {
    let header: KeaHeader | undefined;
    for await (const [line, text] of linesOf(file, fed)) {
      if (text === '') continue;
      if (text === undefined) {
        reject(reading, file, line, 'the line is longer than 65,536 characters');
        continue;
      }
      if (!header) {
        header = keaHeader(text);
        if (!header)
          throw new Fault(
            'input',
            'is no lease4 file of Kea: the first line is not its header',
            'name the memfile itself',
            {
              where: `${file}:1`,
            },
          );
        continue;
      }
      // Files put one after the other keep their headers.
      if (text.startsWith('address,')) continue;
      const event = keaRow(header, text);
      if (typeof event === 'string') {
        reject(reading, file, line, event);
        continue;
      }
      reading.used++;
      reach(reading, event.at * 1000);
      const events = byAddress.get(event.address);
      if (events) events.push(event);
      else byAddress.set(event.address, [event]);
    }
  }
  for (const [address, events] of byAddress) {
    // Stable: rows of one instant keep the order of the journal.
    events.sort((a, b) => a.at - b.at);
    for (const held of foldLeases(events))
      builder.add(address, 0, 65_535, held.subscriber === '' ? 0 : builder.intern(held.subscriber), held);
  }
  return reading;
}
