import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOVEMBER } from '../../test/statistics/sample-month.ts';
import { csvCell, figuresCsv } from './csv.ts';
import { readRelease, releaseOf } from './release.ts';
import { suppress } from './suppress.ts';

/** RFC 4180, read by other code than it is written with. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  let row: string[] = [];
  for (const [, cell = '', end] of text.matchAll(cells)) {
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('any text survives writing and reading, and none begins like a formula', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('=1+1', '@SUM(A1)', '+1', '-1', '\t=1', '\n=1', '＝1', 'a,"b"\r\nc'),
  );
  fc.assert(
    fc.property(text, value => {
      const [[read = ''] = []] = readCsv(`${csvCell(value)}\r\n`);
      assert.doesNotMatch(read, /^[=+\-@\t\r\n＝＋－＠]/);
      assert.equal(read, /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value);
    }),
  );
});

test('a month has five columns in every row, units beside the numbers, nothing where a cell is hidden', () => {
  const rows = readCsv(figuresCsv(suppress(NOVEMBER)));
  assert.deepEqual(rows[0], ['month', 'figure', 'label', 'value', 'unit']);
  for (const row of rows) assert.equal(row.length, 5, row.join('|'));
  const value = (figure: string) => rows.filter(row => row[1] === figure).map(row => row.slice(2));
  assert.deepEqual(value('guessable'), [['Guessable ID and password', '110', 'detections a month']]);
  assert.deepEqual(value('returned'), [['Returned', '', 'cases']]);
  assert.deepEqual(value('model'), [
    ['Aoba Cam-120', '81', 'detections a month'],
    ['other', '', 'detections a month'],
  ]);
  assert.ok(!figuresCsv(suppress(NOVEMBER)).includes('HYPERLINK'), 'a model under ten is not named');
});

test('a release keeps its digest, and one changed byte is noticed', () => {
  const release = releaseOf(NOVEMBER);
  assert.match(release.digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(readRelease(release), suppress(NOVEMBER));
  assert.equal(readRelease({ ...release, figures: release.figures.replace('"isps":5', '"isps":6') }), undefined);
  assert.deepEqual(releaseOf(structuredClone(NOVEMBER)), release);
});
