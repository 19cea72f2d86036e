/**
 * Versions as makers write them, as tokens that compare. `dotted` is two to five numbers (1.04.12, and 1.4.12 is the same);
 * `letter-suffix` allows one letter behind the last number (2.10b, later than 2.10). Anything else is undefined.
 */
export type Tokens = readonly number[];

const SHAPES = {
  dotted: /^[vV]?(\d{1,9}(?:\.\d{1,9}){1,4})()$/,
  'letter-suffix': /^[vV]?(\d{1,9}(?:\.\d{1,9}){1,4})([a-z])?$/,
} as const;
export type VersionShape = keyof typeof SHAPES;

/** Numbers, then 0 for no letter or 1 to 26. */
export function tokensOf(shape: VersionShape, text: string): Tokens | undefined {
  const m = SHAPES[shape].exec(text);
  if (!m) return undefined;
  const numbers = (m[1] as string).split('.').map(Number);
  while (numbers.length < 5) numbers.push(0);
  return [...numbers, m[2] ? m[2].charCodeAt(0) - 96 : 0];
}

/** Negative, zero or positive; both of one shape, so of one length. */
export function compareTokens(a: Tokens, b: Tokens): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
