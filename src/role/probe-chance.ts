/**
 * Chance for a check: a few random bytes for each conversation, drawn 4 KB at a time, because asking for eight costs as much
 * as asking for all of them. In: a source. Out: bytes that nobody else gets.
 */
const DRAWN = 4_096;

export function chanceFrom(source: (bytes: number) => Uint8Array): (bytes: number) => Uint8Array {
  let pool = new Uint8Array(0);
  let used = 0;
  return length => {
    if (length > DRAWN / 8) return source(length);
    if (used + length > pool.length) {
      pool = Uint8Array.from(source(DRAWN));
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}
