/** What a repair makes of a device's condition. Undefined when there was nothing to do, or nobody to do it to. */
import { TN_FIXED, TN_VULNERABLE } from './models.ts';
import type { Condition } from './personality.ts';
import { strongPair } from './population.ts';
import { makeRandom } from './random.ts';

/** Whether the programme would have something to say about it. */
export const isWeak = (is: Condition): boolean =>
  is.online && (is.guessable || !is.asks || is.firmware === TN_VULNERABLE);

/** `words` make the new password this device's own. */
export function mend(
  is: Condition,
  how: 'password' | 'firmware' | 'unplug',
  seed: string,
  words: string,
): Condition | undefined {
  if (!is.online) return undefined;
  if (how === 'unplug') return { ...is, online: false };
  if (how === 'firmware') return is.firmware === TN_VULNERABLE ? { ...is, firmware: TN_FIXED } : undefined;
  const pair = strongPair(makeRandom(seed, 'chosen', words));
  return { ...is, pair, guessable: false, asks: true };
}
