/** RFC 8785 (JSON Canonicalization Scheme): one byte sequence for one JSON value, so that it can be hashed and signed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Nearly all objects have their members in order already, and to see that costs less than to sort. */
function sorted(names: string[]): string[] {
  for (let n = 1; n < names.length; n++) if ((names[n - 1] as string) > (names[n] as string)) return names.sort();
  return names;
}

/** Serialises per RFC 8785. Throws TypeError on what JSON cannot hold (NaN, Infinity, lone surrogates, functions). */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that JSON cannot hold');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    let text = '[';
    for (let n = 0; n < value.length; n++) text += `${n > 0 ? ',' : ''}${canonical(value[n] ?? null)}`;
    return `${text}]`;
  }
  if (typeof value === 'object') {
    // Section 3.2.3: members sorted by UTF-16 code units, which is what the default sort compares.
    const members = value as Record<string, unknown>;
    let text = '{';
    for (const name of sorted(Object.keys(members))) {
      const member = members[name];
      if (member === undefined) continue;
      text += `${text.length > 1 ? ',' : ''}${JSON.stringify(name)}:${canonical(member)}`;
    }
    return `${text}}`;
  }
  throw new TypeError(`a ${typeof value} is not JSON`);
}
