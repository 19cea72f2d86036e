/**
 * Which rule of the ordinance a pair breaks (2018 Ordinance 61 art. 1: eight characters or more, and not one used in
 * known attacks, of one character, or of consecutive characters). Pure. In: a pair and its makers. Out: rule codes; none
 * means that nobody may try it.
 */
import type { RuleCode } from '../../record/observation.ts';

/** Words every published attack list holds and that are long enough to pass the length rule, or famous anyway. */
const ATTACKED: ReadonlySet<string> = new Set([
  '1111',
  '1234',
  '12345',
  '123456',
  '12345678',
  '123456789',
  'admin',
  'administrator',
  'default',
  'guest',
  'pass',
  'password',
  'qwerty',
  'qwertyuiop',
  'root',
  'support',
  'system',
  'user',
]);

const codes = (text: string) => [...text].map(c => c.codePointAt(0) as number);

export const isOneCharacter = (text: string): boolean => text.length > 1 && new Set(text).size === 1;

/** `1234`, `abcd`, `9876`: every step is one up, or every step one down. */
export function isConsecutive(text: string): boolean {
  const points = codes(text);
  if (points.length < 3) return false;
  const step = (points[1] as number) - (points[0] as number);
  if (Math.abs(step) !== 1) return false;
  return points.every((point, i) => i === 0 || point - (points[i - 1] as number) === step);
}

export function rulesBroken(user: string, password: string, vendors: readonly string[]): RuleCode[] {
  const word = password.toLowerCase();
  const broken: RuleCode[] = [];
  if (vendors.length > 0) broken.push('VENDOR_DEFAULT');
  if ([...password].length < 8) broken.push('LT8');
  if (isOneCharacter(password)) broken.push('SAME_CHAR');
  if (isConsecutive(password)) broken.push('SEQUENTIAL');
  if (ATTACKED.has(word)) broken.push('KNOWN_ATTACKED');
  if (word !== '' && (word === user.toLowerCase() || vendors.some(v => v.toLowerCase() === word)))
    broken.push('EQ_USER');
  return broken;
}
