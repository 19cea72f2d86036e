/**
 * A decoy: seven random characters, so that it breaks the length rule of the ordinance like every pair that may be tried,
 * and is in no catalogue. A device that takes it takes anything. In: random bytes. Out: the wrapped password.
 */
import type { Catalogue } from './catalogue.ts';
import { Secret } from './secret.ts';

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const LENGTH = 7;

/** 32 letters, so a byte's low five bits choose evenly. Drawn again in the one case in 10^10 that it is in the catalogue. */
export function makeDecoy(catalogue: Catalogue, random: (bytes: number) => Uint8Array): Secret {
  for (let tries = 0; tries < 16; tries++) {
    const text = Array.from(random(LENGTH), byte => ALPHABET[byte & 31]).join('');
    if (text.length === LENGTH && !catalogue.holds(text)) return new Secret(text);
  }
  throw new RangeError('the source of chance gives nothing but catalogue passwords');
}
