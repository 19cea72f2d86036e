/**
 * The catalogue of pairs that may be tried, pinned by the mandate's hash. In: the file's text, the hash the mandate
 * names. Out: pairs with their ordinals and the rules they break, passwords wrapped; or a Fault. Never a password in a
 * message: a bad pair is named by its position.
 */
import { z } from 'zod';
import { sha256 } from '../../record/digest.ts';
import { Fault } from '../../record/fault.ts';
import { PROTOCOLS, type Protocol } from '../../record/glossary.ts';
import type { RuleCode } from '../../record/observation.ts';
import { rulesBroken } from './rules.ts';
import { Secret } from './secret.ts';

export const MOST_PAIRS = 1_000;

export interface Pair {
  /** Position in the file, from 0: what a finding remembers instead of the pair. */
  readonly ordinal: number;
  readonly user: string;
  readonly password: Secret;
  /** Makers that ship it; a preference, not a limit. */
  readonly vendors: readonly string[];
  readonly protocols: readonly Protocol[];
  readonly weight: number;
  readonly ruleCodes: readonly RuleCode[];
}

export interface Catalogue {
  readonly version: string;
  readonly sha256: string;
  readonly pairs: readonly Pair[];
  /** Whether any pair has this password; decoys ask. */
  holds(password: string): boolean;
}

/** Printable ASCII: what telnet and Basic can carry without a question of encoding, and no line end among it. */
const word = z.string().regex(/^[\x20-\x7e]{0,64}$/);
const shape = z.strictObject({
  format: z.literal('notice-catalogue/1'),
  version: z.string().regex(/^[\w.-]{1,64}$/),
  pairs: z
    .array(
      z.strictObject({
        user: word,
        password: word,
        vendors: z.array(z.string().min(1).max(64)).max(64),
        protocols: z.array(z.enum(PROTOCOLS)).min(1),
        weight: z.number().min(0).max(1_000_000),
      }),
    )
    .min(1),
});

const REMEDY = 'bring the catalogue that was signed for, or have the mandate signed for this one';

/** `file` is only for messages. Throws Fault('catalogue'). */
export function loadCatalogue(text: string, expectedSha256: string, file: string): Catalogue {
  const refuse = (what: string, remedy: string) => new Fault('catalogue', what, remedy, { where: file });
  const digest = sha256(text);
  if (digest !== expectedSha256)
    throw refuse(`its SHA-256 begins ${digest.slice(0, 12)}, the mandate names ${expectedSha256.slice(0, 12)}`, REMEDY);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('is not JSON', REMEDY);
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    // zod's message may quote the value; its path does not.
    const path = parsed.error.issues[0]?.path.join('.') || 'the whole';
    throw refuse(`${path} is not of the form notice-catalogue/1`, 'see the shape in survey/credential/catalogue.ts');
  }
  const { version, pairs } = parsed.data;
  if (pairs.length > MOST_PAIRS)
    throw refuse(`holds ${pairs.length} pairs, more than the ${MOST_PAIRS} that are allowed`, 'shorten it');
  const seen = new Set<string>();
  const loaded = pairs.map((pair, ordinal): Pair => {
    const ruleCodes = rulesBroken(pair.user, pair.password, pair.vendors);
    if (ruleCodes.length === 0)
      throw refuse(`pair ${ordinal} breaks no rule of the ordinance`, 'take it out: it may not be tried');
    const key = JSON.stringify([pair.user, pair.password]);
    if (seen.has(key)) throw refuse(`pair ${ordinal} stands there twice`, 'take one out');
    seen.add(key);
    return { ...pair, ordinal, password: new Secret(pair.password), ruleCodes };
  });
  const passwords = new Set(pairs.map(pair => pair.password));
  return { version, sha256: digest, pairs: loaded, holds: password => passwords.has(password) };
}
