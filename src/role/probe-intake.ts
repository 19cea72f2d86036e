/**
 * From lines to targets: names the protocol, passes over what is a duplicate, was done before, or is refused by the
 * mandate, and counts each. In: lines. Out: targets that are to be checked, and those refused whose line is to be printed.
 */
import type { Gate, Refusal } from '../mandate/authority.ts';
import { parseIpv4 } from '../record/address.ts';
import { PROTOCOLS, type Protocol } from '../record/glossary.ts';
import type { Target } from '../survey/credential/check.ts';
import type { Journal } from './probe-journal.ts';
import { numberSet, placeOf } from './probe-sets.ts';
import { FOR_ALL } from './probe-unit.ts';

export interface ProbeLine {
  /** Where it was read, for messages: a file, or `stdin`. */
  readonly file: string;
  readonly line: number;
  readonly address: string;
  readonly port: number;
  /** Absent: the one that the mandate names for the port. */
  readonly protocol?: Protocol | undefined;
}

export interface ProbeTarget extends Target {
  /** For the journal's key, which is made when it is wanted: ten thousand targets may be under way. */
  readonly place: number;
  readonly mark: 'done' | 'told';
}

export interface IntakeCounts {
  /** Well-formed lines. */
  read: number;
  duplicates: number;
  /** Done by an earlier start. */
  skipped: number;
  /** By the mandate or an exclusion, before anything was sent. */
  refused: number;
  /** Lines whose target lies outside the mandate. */
  outside: number;
  readonly refusals: Map<Refusal, number>;
}

export interface IntakeDeps {
  readonly gate: Gate;
  readonly journal: Journal;
  /** Names a line that is passed over. Resolves when more may be told. */
  readonly tell: (line: ProbeLine, why: string) => void | Promise<void>;
  /** The gate is closed for everybody: no more targets. */
  readonly onClosed: (refusal: Refusal) => void;
}

const NUMBER_OF = new Map(PROTOCOLS.map((protocol, n) => [protocol, n]));

export const noIntake = (): IntakeCounts => ({
  read: 0,
  duplicates: 0,
  skipped: 0,
  refused: 0,
  outside: 0,
  refusals: new Map(),
});

export async function* intake(
  lines: AsyncIterable<ProbeLine>,
  { gate, journal, tell, onClosed }: IntakeDeps,
  counts: IntakeCounts,
): AsyncGenerator<ProbeTarget> {
  const seen = numberSet();
  const known = (place: number, mark: ProbeTarget['mark']) =>
    journal.before > 0 && journal.has(journal.keyOf(place, mark));
  for await (const line of lines) {
    counts.read++;
    const { address, port } = line;
    const number = parseIpv4(address) ?? -1;
    const named = gate.protocolOf(port);
    const protocol = line.protocol ?? named ?? 'telnet';
    const place = placeOf(number, port, NUMBER_OF.get(protocol) ?? 0);
    if (!seen.add(place)) {
      counts.duplicates++;
      await tell(line, 'the same service stands in an earlier line');
      continue;
    }
    if (known(place, 'done')) {
      counts.skipped++;
      continue;
    }
    const refusal = gate.refuses(number, port, 'identify') ?? (named === protocol ? undefined : 'port-not-named');
    if (refusal === undefined) {
      yield { address, port, protocol, place, mark: 'done' };
      continue;
    }
    if (FOR_ALL.has(refusal)) return onClosed(refusal);
    counts.refused++;
    counts.refusals.set(refusal, (counts.refusals.get(refusal) ?? 0) + 1);
    // An exclusion that came after the sweep is no fault of the input.
    if (refusal !== 'excluded') {
      counts.outside++;
      await tell(line, `is outside the mandate (${refusal})`);
    }
    if (!known(place, 'told')) yield { address, port, protocol, place, mark: 'told' };
  }
}
