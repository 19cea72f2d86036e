/**
 * The look at an SSH service: read its identification, say ours, read what it offers, leave. No key is exchanged and no
 * name is said. A server that offers what we speak asks for a login; what it asks for only an attempt learns. One that
 * speaks only version 1, or nothing in common with us, is a login we cannot try: KEX_UNSUPPORTED, never NOT_A_LOGIN.
 */
import { sha256 } from '../../../record/digest.ts';
import type { Outcome } from '../../../record/observation.ts';
import type { Facts } from '../driver.ts';
import { type Action, finish, type Leaving, type Machine, NOTHING, send } from '../machine.ts';
import { type Algorithms, algorithmsFor } from './algorithms.ts';
import { IDENT_LINE } from './grammar.ts';
import { MOST_OPENING, type Opening, openingReader, speaksTwo } from './opening.ts';

/** What the attempt learns from the look; undefined when there is nothing in common. */
export interface SshMemory {
  readonly algorithms: Algorithms;
}

export type SshLook = Machine & { facts(): Facts };

/** The same server opens the same way. */
export const identityOf = ({ ident, kexInit }: Opening): string =>
  kexInit ? JSON.stringify([ident, sha256(JSON.stringify(kexInit))]) : '';

/** A server that turns us away instead of opening: it is full (both RFC 4253 section 11.1 and plain lines), or it is angry. */
export function turnedAway(words: string): Outcome | undefined {
  if (/not allowed at this time|locked|banned|blocked|try again/.test(words)) return 'LOCKOUT';
  if (/too many|max ?startups|maximum|limit|busy/.test(words)) return 'BUSY';
  return undefined;
}

/** How it ended when the server left, or time was up, before its opening was read. */
export function unopened({ ident, foreign, refusal }: Opening, bytes: number, how: Leaving | 'deadline'): Outcome {
  if (foreign) return 'NOT_PROTOCOL';
  const why = turnedAway(refusal);
  if (why) return why;
  // SSH servers speak first: one that takes a connection and leaves without a word has as many as it wants.
  if (bytes === 0) return how === 'deadline' ? 'SILENT' : 'BUSY';
  if (ident === undefined) return how === 'reset' ? 'CLOSED_EARLY' : 'NOT_PROTOCOL';
  return how === 'deadline' ? 'DEADLINE' : 'CLOSED_EARLY';
}

export function sshLook(): SshLook {
  const reader = openingReader();
  let bytes = 0;
  let greeted = false;
  let asks: Facts['asks'] = null;
  let algorithms: Algorithms | undefined;

  const judge = (opening: Opening): readonly Action[] => {
    const { ident, kexInit, done } = opening;
    if (!done) return NOTHING;
    if (ident !== undefined && !speaksTwo(ident)) return finish('KEX_UNSUPPORTED');
    if (!kexInit) return finish(unopened(opening, bytes, 'end'));
    algorithms = algorithmsFor(kexInit);
    if (!algorithms) return finish('KEX_UNSUPPORTED');
    asks = 'pair';
    return finish('LOGIN_PROMPT');
  };

  return {
    maxBytes: MOST_OPENING,
    facts: () => ({
      said: { ssh: reader.opening.ident },
      asks,
      identity: identityOf(reader.opening),
      shape: '',
      ...(algorithms ? { memory: { algorithms } satisfies SshMemory } : {}),
    }),
    start: () => NOTHING,
    onData(chunk) {
      bytes += chunk.length;
      reader.read(chunk);
      const { opening } = reader;
      const decision = judge(opening);
      // Not a byte to a service that has not said it speaks SSH.
      if (greeted || opening.ident === undefined || !speaksTwo(opening.ident)) return decision;
      greeted = true;
      return [send(IDENT_LINE), ...decision];
    },
    onQuiet: () => NOTHING,
    onCredential: () => finish('LOGIN_PROMPT'),
    onClose: how => finish(unopened(reader.opening, bytes, how)),
    onDeadline: () => finish(unopened(reader.opening, bytes, 'deadline')),
  };
}
