/**
 * Decides whether a pattern certainly matches in linear time: no repetition inside a repeated group, no back-reference,
 * no look-around, and every repetition bounded. Sufficient, not necessary: a pattern it refuses is rewritten.
 */
const MOST_REPEAT = 512;

export function isLinear(pattern: RegExp): boolean {
  const source = pattern.source;
  /** For each open group: whether a repetition was seen inside it. */
  const groups: boolean[] = [];
  let repeats = false;
  let closedWithRepeat = false;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string;
    if (c === '\\') {
      if (/[1-9k]/.test(source[i + 1] ?? '')) return false;
      i++;
      closedWithRepeat = false;
      continue;
    }
    if (inClass) {
      if (c === ']') inClass = false;
      continue;
    }
    if (c === '[') {
      inClass = true;
      closedWithRepeat = false;
    } else if (c === '(') {
      if (/^\(\?(?:[=!]|<[=!])/.test(source.slice(i))) return false;
      const name = /^\?(?::|<\w{1,32}>)/.exec(source.slice(i + 1));
      if (name) i += name[0].length;
      groups.push(repeats);
      repeats = false;
      closedWithRepeat = false;
    } else if (c === ')') {
      closedWithRepeat = repeats;
      repeats = (groups.pop() ?? false) || repeats;
    } else if (c === '*' || c === '+') return false;
    else if (c === '{') {
      const bound = /^\{\d{1,4}(?:,(\d{1,4}))?\}/.exec(source.slice(i));
      if (!bound || Number(bound[1] ?? 0) > MOST_REPEAT || closedWithRepeat) return false;
      i += bound[0].length - 1;
      repeats = true;
      closedWithRepeat = false;
    } else closedWithRepeat = c === '?' ? closedWithRepeat : false;
  }
  return true;
}
