/**
 * What a verdict rested on, as a digest: the pools, windows, logs and holds that were looked at. In: a key of the audit file, the
 * question, the steps. Out: hex. The key keeps addresses and line numbers from being guessed out of the file; the same index
 * gives the same digest again.
 */
import { keyedHash } from '../../record/digest.ts';
import type { Hold } from './hold.ts';
import type { Step } from './identify.ts';
import type { Question } from './refusals.ts';

/** JSON has no infinity; an open end is null. */
const finite = (n: number): number | null => (Number.isFinite(n) ? n : null);

const holdText = (h: Hold): string =>
  JSON.stringify([
    h.source,
    h.exporter,
    h.subscriber,
    finite(h.possibleFrom),
    finite(h.sureFrom),
    finite(h.sureTo),
    finite(h.possibleTo),
    h.length ?? null,
  ]);

/** Neither the order in which holds lie in the index nor what else they carry matters. */
export const inputsDigest = (key: Uint8Array, steps: readonly Step[]): string =>
  keyedHash(
    key,
    'inputs',
    ...steps.map(s =>
      JSON.stringify([
        s.place,
        s.pool,
        s.kind,
        s.from,
        s.to,
        s.lacking,
        [...s.sources].sort(),
        s.holds.map(holdText).sort(),
      ]),
    ),
  );

export const questionDigest = (key: Uint8Array, { address, port, at, clockErrorMs }: Question): string =>
  keyedHash(key, 'question', address, String(port), String(at), String(clockErrorMs));
