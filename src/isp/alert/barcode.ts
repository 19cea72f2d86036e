/**
 * Japan Post's customer bar code (郵便番号・バーコードマニュアル, pp. 12-13, 20): 23 symbols, 67 bars of four states. In: a
 * postcode and an address number. Out: the symbols, the check symbol and the bars. Of a letter cut at the thirteenth
 * place only its control half stays; a check of 0 is as good as any.
 */

/** Values 0 to 18. A capital is CC1, CC2 or CC3 and a digit. */
const ALPHABET = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-'];
const CC1 = 11;
const CC4 = 14;

/** Bars by value: 1 long, 2 upper half, 3 lower half, 4 timing. */
const BARS = [
  '144',
  '114',
  '132',
  '312',
  '123',
  '141',
  '321',
  '213',
  '231',
  '411',
  '414',
  '324',
  '342',
  '234',
  '432',
  '243',
  '423',
  '441',
  '111',
]; // prettier-ignore
const START = '13';
const STOP = '31';
const DIGITS = 13;

export interface CustomerBarcode {
  /** Seven of the postcode, then thirteen; values 0 to 18. */
  readonly values: readonly number[];
  readonly check: number;
  /** 67 characters 1-4, from left to right. */
  readonly bars: string;
}

function valuesOf(text: string): number[] | undefined {
  const values: number[] = [];
  for (const c of text) {
    const plain = ALPHABET.indexOf(c);
    const letter = c.charCodeAt(0) - 65;
    if (plain >= 0) values.push(plain);
    else if (c.length === 1 && letter >= 0 && letter < 26) values.push(CC1 + Math.floor(letter / 10), letter % 10);
    else return undefined;
  }
  return values;
}

/** `postcode` is seven digits with or without its hyphen; undefined when either part holds what the code cannot. */
export function customerBarcode(postcode: string, addressNumber: string): CustomerBarcode | undefined {
  const seven = postcode.replace('-', '');
  const rest = valuesOf(addressNumber);
  if (!/^\d{7}$/.test(seven) || !rest) return undefined;
  const filled = [...rest, ...Array<number>(DIGITS).fill(CC4)].slice(0, DIGITS);
  const values = [...[...seven].map(Number), ...filled];
  const sum = values.reduce((a, b) => a + b, 0);
  const check = (19 - (sum % 19)) % 19;
  const bars = START + [...values, check].map(v => BARS[v] as string).join('') + STOP;
  return { values, check, bars };
}

/** One path in millimetres; `points` is the size a of the manual, 8 to 11.5. */
export function barcodeSvg(bars: string, points: number): { svg: string; width: number; height: number } {
  const unit = (0.6 * points) / 10;
  const top = { '1': 0, '2': 0, '3': 2, '4': 2 } as Record<string, number>;
  const length = { '1': 6, '2': 4, '3': 4, '4': 2 } as Record<string, number>;
  const path = [...bars].map((bar, i) => `M${i * 2} ${top[bar]}h1v${length[bar]}h-1z`).join('');
  const units = bars.length * 2 - 1;
  const width = units * unit;
  const height = 6 * unit;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${units} 6"><path d="${path}"/></svg>`;
  return { svg, width, height };
}
