/**
 * Alert codes of cases. In: the code key, cases with their generation. Out: for each case a code no other case has; on a
 * collision the generation is raised, which is written down, so that sealing again gives the same code. The centre holds
 * no code: they are recomputed, and leave it only inside a bundle or as a keyed hash.
 */
import { alertCodeFor, alertCodeHash } from '../record/alert-code.ts';

export interface CodeKeys {
  readonly codeKey: Uint8Array;
  readonly codeHashKey: Uint8Array;
  /** For tests of collisions only: how a case's code is computed. */
  readonly codeFor?: typeof alertCodeFor;
}

/** What the public edge looks a typed code up by. */
export interface CodeRow {
  readonly codeHash: string;
  readonly caseId: string;
}

export interface Coded {
  readonly id: string;
  readonly generation: number;
}

/** Generations tried for one case. A collision has a chance of one in 10^12 a pair: more than a few is a defect. */
const GENERATIONS = 100;

export interface CodeBook {
  /** The code of a case that was handed over before: as it is. Of a new one: the first generation that is free. */
  give(one: Coded, isNew: boolean): { readonly code: string; readonly generation: number };
  hashed(code: string, caseId: string): CodeRow;
}

/** `taken` are the cases whose codes are out already. */
export function openCodeBook(keys: CodeKeys, taken: Iterable<Coded>): CodeBook {
  const codeFor = keys.codeFor ?? alertCodeFor;
  const owners = new Map<string, string>();
  for (const { id, generation } of taken) owners.set(codeFor(keys.codeKey, id, generation), id);
  return {
    give: ({ id, generation: from }, isNew) => {
      const last = isNew ? from + GENERATIONS : from;
      for (let generation = from; generation <= last; generation++) {
        const code = codeFor(keys.codeKey, id, generation);
        const owner = owners.get(code);
        if (owner !== undefined && owner !== id) continue;
        owners.set(code, id);
        return { code, generation };
      }
      throw new Error('no free alert code in a hundred tries: the code key or the cases are damaged');
    },
    hashed: (code, caseId) => ({ codeHash: alertCodeHash(keys.codeHashKey, code), caseId }),
  };
}
