import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressNumber } from './address-number.ts';
import { barcodeSvg, customerBarcode } from './barcode.ts';

const NAMES = [...'0123456789-', 'CC1', 'CC2', 'CC3', 'CC4', 'CC5', 'CC6', 'CC7', 'CC8'];
const printed = (postcode: string, number: string) =>
  customerBarcode(postcode, number)
    ?.values.map(v => NAMES[v])
    .join(' ');
const spaced = (text: string) => [...text].join(' ');

test("the manual's four addresses", () => {
  const all = [
    [
      '100-0013',
      '東京都千代田区霞が関1丁目3番2号 郵便プラザ503室',
      '1-3-2-503',
      `${spaced('10000131-3-2-503')} CC4 CC4 CC4 CC4`,
    ],
    [
      '317-0055',
      '茨城県日立市宮田町6丁目7-14 ABCビル2F',
      '6-7-14-2',
      `${spaced('31700556-7-14-2')} CC4 CC4 CC4 CC4 CC4`,
    ],
    [
      '064-0804',
      '札幌市中央区南四条西29丁目1524-23 第2郵便ハウス501',
      '29-1524-23-2-501',
      spaced('064080429-1524-23-2-'),
    ],
    [
      '910-0067',
      '福井県福井市新田塚3丁目80-25 J1ビル2-B',
      '3-80-25J1-2B',
      `${spaced('91000673-80-25')} CC1 9 1 - 2 CC1`,
    ],
  ] as const;
  for (const [postcode, address, number, symbols] of all) {
    assert.equal(addressNumber(address), number);
    assert.equal(printed(postcode, number), symbols);
  }
  assert.equal(customerBarcode('100-0013', '1-3-2-503')?.check, 9);
});

test('addresses as people write them', () => {
  const all: readonly (readonly [string, string])[] = [
    ['千葉市稲毛区緑町3丁目30-8 郵便ビル403号', '3-30-8-403'],
    ['秋田県大仙市堀見内 南田茂木 添60-1', '60-1'],
    ['東京都台東区台東5-6-3 ABCビル10F', '5-6-3-10'],
    ['北海道札幌市東区北六条東4丁目 郵便センター6号館', '4-6'],
    ['北海道札幌市東区北六条東8丁目 郵便センター10号館', '8-10'],
    ['千葉県鎌ケ谷市右京塚 東3丁目-20-5 郵便・A&bコーポB604号', '3-20-5B604'],
    ['訓練県みなと市汐見町二丁目十五番地の三', '2-15-3'],
    ['訓練県みなと市三の丸１－２－３', '1-2-3'],
    ['訓練県みなと市一番町百一番地', '101'],
    ['3-12-5 Shiomi, Minato-shi, Kunren-ken Room 203', '3-12-5-203'],
    ['訓練県みなと市大字浜', ''],
  ];
  for (const [address, number] of all) assert.equal(addressNumber(address), number, address);
});

test('all nineteen check values occur and every code sums to a multiple of nineteen', () => {
  const seen = new Set<number>();
  for (let n = 0; n < 1_000_000; n += 997) {
    const code = customerBarcode('1000001', `${n}`);
    assert.ok(code);
    assert.equal((code.values.reduce((a, b) => a + b, 0) + code.check) % 19, 0);
    assert.equal(code.bars.length, 67);
    assert.match(code.bars, /^13[1-4]{63}31$/);
    seen.add(code.check);
  }
  assert.equal(seen.size, 19);
});

test('the bars read back as what was put in', () => {
  // Written out again from the published table, so that a slip in one copy is found by the other.
  const table = 'FTT FFT FDA DFA FAD FTF DAF AFD ADF TFF TFT DAT DTA ADT TDA';
  const state: Record<string, string> = { '1': 'F', '2': 'A', '3': 'D', '4': 'T' };
  const known = table.split(' ');
  fc.assert(
    fc.property(fc.stringMatching(/^\d{7}$/), fc.stringMatching(/^[0-9A-Z-]{0,16}$/), (postcode, number) => {
      const code = customerBarcode(postcode, number);
      assert.ok(code);
      const letters = [...code.bars].map(b => state[b]).join('');
      code.values.forEach((v, i) => {
        assert.equal(letters.slice(2 + i * 3, 5 + i * 3), known[v]);
      });
    }),
  );
});

test('what the code cannot hold is refused, and its size is the one of the manual', () => {
  assert.equal(customerBarcode('100-001', '1'), undefined);
  assert.equal(customerBarcode('1000013', '一'), undefined);
  const bars = customerBarcode('1000013', '1')?.bars as string;
  assert.equal(barcodeSvg(bars, 10).width.toFixed(1), '79.8');
  assert.equal(barcodeSvg(bars, 8).width.toFixed(1), '63.8');
});
