/**
 * The catalogue file as the mandate sees it: the very bytes that were signed for, and not too many pairs. What the pairs
 * are is for survey/credential to read. In: file, mandate. Out: its text, or a Fault.
 */
import { sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import type { MandateBody } from '../record/mandate.ts';
import { CEILINGS } from './ceilings.ts';
import { readText } from './json-file.ts';
import { isOwnScope } from './rules.ts';

const REMEDY = 'bring the file that was signed for, or have the mandate signed for this one';

export function loadCatalogueText(file: string, body: MandateBody): string {
  const text = readText(file, 'catalogue', 'put the catalogue that the mandate names there');
  if (sha256(text) !== body.identifiers.catalogueSha256)
    throw new Fault('catalogue', `is not catalogue ${body.identifiers.catalogueVersion} of the mandate`, REMEDY, {
      where: file,
    });
  const pairs = pairsIn(text);
  if (pairs > CEILINGS.cataloguePairs && !isOwnScope(body))
    throw new Fault('catalogue', `has ${pairs} pairs, above the ceiling of ${CEILINGS.cataloguePairs}`, 'shorten it', {
      where: file,
    });
  return text;
}

/** Length of the longest list in the file; a file whose pairs cannot be counted counts as endless. */
function pairsIn(text: string): number {
  try {
    const longest = (value: unknown): number => {
      if (value === null || typeof value !== 'object') return 0;
      const inside = Object.values(value).map(longest);
      return inside.reduce((a, b) => Math.max(a, b), Array.isArray(value) ? value.length : 0);
    };
    return longest(JSON.parse(text));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
