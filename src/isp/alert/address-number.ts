/**
 * The address number that goes into the customer bar code (郵便番号・バーコードマニュアル, pp. 17-21). In: the address as people
 * write it, from prefecture to room. Out: digits, single capitals and hyphens, such as `1-3-2-503`. Numbers in town names
 * (北六条, 三の丸, 一番町) are no address numbers and stay out.
 */

const KANJI: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const UNITS: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
const NUMERAL = '[〇零一二三四五六七八九十百千]+';

/** 百一 is 101, 二五 is 25. */
function arabic(kanji: string): string {
  if (![...kanji].some(c => c in UNITS)) return [...kanji].map(c => KANJI[c] as number).join('');
  let total = 0;
  let digit = 0;
  for (const c of kanji) {
    const unit = UNITS[c];
    if (unit === undefined) digit = KANJI[c] as number;
    else {
      total += (digit || 1) * unit;
      digit = 0;
    }
  }
  return String(total + digit);
}

/** A kanji numeral counts only before one of the manual's words, and not inside a town's name. */
const COUNTED = new RegExp(
  `${NUMERAL}(?=丁目|丁(?![目町])|番地|番(?![町地])|号|地割|線(?=[0-9一二三四五六七八九十])|[のノ](?=[0-9〇一二三四五六七八九十百千]))|(?<=(?:[0-9一二三四五六七八九十百千]|番地|番|号)[のノ])${NUMERAL}`,
  'gu',
);

export function addressNumber(address: string): string {
  return (
    address
      .normalize('NFKC')
      .toUpperCase()
      .replace(COUNTED, arabic)
      .replace(/[&/・.]/gu, '')
      // A floor: 10F is 10.
      .replace(/(?<=\d)F(?![A-Z\d])/g, '-')
      .replace(/[A-Z]{2,}/g, '-')
      .replace(/[^0-9A-Z]+/gu, '-')
      .replace(/-*([A-Z])-*/g, '$1')
      .replace(/^-+|-+$/g, '')
  );
}
