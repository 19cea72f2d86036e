/**
 * Which acts a mandate allows on which port. In: its body. Out: bits, one of each act, for all 65,536 ports. Absent permission
 * is denial, even where a port names the act; and on a port that is never touched the one act that can be allowed, by
 * naming the port with a reason, is to see whether it answers.
 */
import type { Act } from '../record/glossary.ts';
import { ACTS } from '../record/glossary.ts';
import type { MandateBody } from '../record/mandate.ts';
import { neverTouch } from './ceilings.ts';

export const ACT_BIT = Object.fromEntries(ACTS.map((act, n) => [act, 1 << n])) as Record<Act, number>;

export function actsByPort(body: MandateBody): Uint8Array {
  const allowed = new Uint8Array(65_536);
  const named = new Set((body.neverTouch ?? []).map(exception => exception.port));
  for (const { port, acts } of body.ports) {
    const mask = neverTouch(port) === undefined ? -1 : named.has(port) ? ACT_BIT.sweep : 0;
    for (const act of acts) {
      if (act === 'decoy' && !body.decoys.permitted) continue;
      if (act === 'no-login' && !body.noLoginChecks.permitted) continue;
      allowed[port] = (allowed[port] as number) | (ACT_BIT[act] & mask);
    }
  }
  return allowed;
}
