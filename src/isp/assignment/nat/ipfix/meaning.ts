/**
 * What a record of a NAT event says. In: its values and the vocabulary that the exporter uses. Out: mappings (several where a
 * range has a step), or why it cannot be used. A value that another vocabulary would read otherwise is refused, not guessed.
 */
import type { Instant } from '../../../../record/instant.ts';
import type { Mapping } from '../mapping.ts';
import type { Vocabulary } from '../options.ts';
import { MEANINGS } from './elements.ts';
import type { Values } from './record.ts';

/** Ranges that a stepped range is taken apart into. */
export const MOST_PARTS = 1_024;
/** Records wait in the exporter until a message is full; none waits longer without being distrusted. */
const MOST_WAIT_MS = 600_000;
/** What a record is off that says no time of its own, so that only that of its message is known. */
const UNSTAMPED_MS = 10_000;
const SECOND = 1_000;

type Said = Omit<Mapping, 'exporter' | 'numbered'>;

/** An empty list: the record gives nobody a port. */
export function mappingsOf(values: Values, exported: Instant, vocabulary: Vocabulary): readonly Said[] | string {
  const { number, inside6 } = values;
  const meaning = MEANINGS[vocabulary][number.natEvent as number];
  if (!meaning) return `natEvent has a value that the vocabulary ${vocabulary} does not have`;
  const { what } = meaning;
  if (what === 'heard') {
    return number.rangeFrom === undefined
      ? []
      : 'an event without ports has a port range: the exporter uses another vocabulary (option "natEvents")';
  }
  const inside =
    number.inside4 !== undefined
      ? { family: 4 as const, value: BigInt(number.inside4) }
      : inside6 === undefined
        ? undefined
        : { family: 6 as const, value: inside6 };
  if (!inside) return 'the record has no inside address';
  if (number.outside === undefined) return 'the record has no outside address';
  const isBlock = meaning.of === 'block' || (vocabulary === 'nel' && number.rangeFrom !== undefined);
  if (!isBlock && number.port === undefined)
    return 'an event of one port has none: the exporter uses another vocabulary (option "natEvents")';
  const ranges = isBlock ? rangesOf(number) : [[number.port as number, number.port as number] as const];
  if (typeof ranges === 'string') return ranges;
  const common = {
    ...{ what, inside, outside: number.outside, ...stamped(number, exported) },
    // VRF 0 is the box's own routing table.
    realm: number.realm ? String(number.realm) : undefined,
    protocol: number.protocol || undefined,
    tie: isBlock || number.tie === undefined ? undefined : String(number.tie),
  };
  return ranges.map(([first, last]) => ({ ...common, first, last }));
}

function stamped(number: Values['number'], exported: Instant): { readonly at: Instant; readonly errorMs: number } {
  const at = number.atMs ?? (number.atSeconds === undefined ? undefined : number.atSeconds * SECOND);
  if (at === undefined) return { at: exported, errorMs: UNSTAMPED_MS };
  const waited = exported - at;
  // The message itself is stamped in whole seconds.
  if (waited >= -SECOND && waited <= MOST_WAIT_MS) return { at, errorMs: 0 };
  return { at, errorMs: Math.min(Math.abs(waited), Number.MAX_SAFE_INTEGER) };
}

type Range = readonly [first: number, last: number];

/** RFC 8158 §5.6: start, and end or number, and a step that is 1 when it is not there. */
function rangesOf({ rangeFrom, rangeTo, rangeStep = 1, rangePorts }: Values['number']): readonly Range[] | string {
  if (rangeFrom === undefined)
    return 'a block has no first port: the exporter uses another vocabulary (option "natEvents")';
  if (rangeTo === undefined && rangePorts === undefined) return 'a block has neither a last port nor a number of ports';
  if (rangeStep < 1) return 'the step of a block is 0';
  if (rangePorts === 0) return 'a block has no ports';
  const last = rangeTo ?? rangeFrom + ((rangePorts as number) - 1) * rangeStep;
  const ports = Math.floor((last - rangeFrom) / rangeStep) + 1;
  if (rangePorts !== undefined && rangePorts !== ports)
    return 'the last port and the number of ports of a block disagree';
  if (rangeStep === 1) return [[rangeFrom, last]];
  if (last < rangeFrom || last > 65_535) return 'the ports are no range';
  if (ports > MOST_PARTS) return `a block with a step has more than ${MOST_PARTS} ports`;
  return Array.from({ length: ports }, (_, i) => {
    const port = rangeFrom + i * rangeStep;
    return [port, port] as const;
  });
}
