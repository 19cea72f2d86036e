/**
 * Japanese text in the two encodings old devices use. Node only decodes them, so the table is turned round once. In: text.
 * Out: its bytes, one character a byte; a character the encoding lacks is a `?`.
 */
type Encoding = 'shift_jis' | 'euc-jp';

const TABLES = new Map<Encoding, ReadonlyMap<string, string>>();

function tableOf(encoding: Encoding): ReadonlyMap<string, string> {
  const made = TABLES.get(encoding);
  if (made) return made;
  const decoder = new TextDecoder(encoding);
  const table = new Map<string, string>();
  for (let lead = 0x81; lead <= 0xfc; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const text = decoder.decode(Uint8Array.of(lead, trail));
      if ([...text].length === 1 && text !== '\ufffd' && !table.has(text))
        table.set(text, String.fromCharCode(lead, trail));
    }
  TABLES.set(encoding, table);
  return table;
}

export const encodeJapanese = (text: string, encoding: Encoding): string =>
  Array.from(text, c => (c <= '\x7f' ? c : (tableOf(encoding).get(c) ?? '?'))).join('');

export const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
