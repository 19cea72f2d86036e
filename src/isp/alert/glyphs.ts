/**
 * Which characters a TrueType font can draw, read from its cmap table (OpenType 1.9, cmap formats 4 and 12). In: font
 * bytes. Out: a test for a code point. A letter with a character no font has is refused: never a box instead of a name.
 */
export interface Glyphs {
  has(codePoint: number): boolean;
}

function cmapOf(font: Buffer): number | undefined {
  const tables = font.readUInt16BE(4);
  for (let i = 0; i < tables; i++) {
    const at = 12 + i * 16;
    if (font.toString('latin1', at, at + 4) === 'cmap') return font.readUInt32BE(at + 8);
  }
  return undefined;
}

function format12(font: Buffer, at: number): Glyphs {
  const groups = font.readUInt32BE(at + 12);
  return {
    has: codePoint => {
      let low = 0;
      let high = groups;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const group = at + 16 + middle * 12;
        if (codePoint > font.readUInt32BE(group + 4)) low = middle + 1;
        else if (codePoint < font.readUInt32BE(group)) high = middle;
        else return font.readUInt32BE(group + 8) + codePoint - font.readUInt32BE(group) !== 0;
      }
      return false;
    },
  };
}

function format4(font: Buffer, at: number): Glyphs {
  const doubled = font.readUInt16BE(at + 6);
  return {
    has: codePoint => {
      for (let i = 0; i < doubled; i += 2) {
        if (font.readUInt16BE(at + 14 + i) < codePoint) continue;
        const start = font.readUInt16BE(at + 16 + doubled + i);
        if (start > codePoint) return false;
        const delta = font.readUInt16BE(at + 16 + doubled * 2 + i);
        const offsetAt = at + 16 + doubled * 3 + i;
        const offset = font.readUInt16BE(offsetAt);
        if (offset === 0) return ((codePoint + delta) & 0xffff) !== 0;
        return font.readUInt16BE(offsetAt + offset + (codePoint - start) * 2) !== 0;
      }
      return false;
    },
  };
}

/** Throws RangeError when the font has no Unicode cmap of format 4 or 12. */
export function readGlyphs(font: Buffer): Glyphs {
  const cmap = cmapOf(font);
  if (cmap === undefined) throw new RangeError('the font has no cmap table');
  let best: { format: number; at: number } | undefined;
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const record = cmap + 4 + i * 8;
    const at = cmap + font.readUInt32BE(record + 4);
    const format = font.readUInt16BE(at);
    if ((format === 4 || format === 12) && format > (best?.format ?? 0)) best = { format, at };
  }
  if (!best) throw new RangeError('the font has no Unicode cmap that can be read');
  return best.format === 12 ? format12(font, best.at) : format4(font, best.at);
}

/** The characters of `texts` that none of the fonts has, each once. */
export function missingGlyphs(texts: Iterable<string>, fonts: readonly Glyphs[]): string[] {
  const missing = new Set<string>();
  for (const text of texts)
    for (const c of text) if (!fonts.some(font => font.has(c.codePointAt(0) as number))) missing.add(c);
  return [...missing];
}
