import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OUTCOMES } from '../../record/incident.ts';
import { casesSheet, type HandedCase, readOutcomes } from './by-hand.ts';
import { csvLine, csvRecords } from './csv.ts';

const ID = `alert-${'0'.repeat(32)}`;
const one = (over: Partial<HandedCase> = {}): HandedCase => ({
  alert: ID,
  do: 'send',
  case: 'case-1',
  line: 'A-0005',
  channel: 'mail',
  kind: 'guessable',
  device: 'Aoba Cam-120',
  code: '1234-5678-00010',
  subject: '件名',
  text: 'first line\n"second", line',
  ...over,
});

test('the sheet comes back as it went, with what was filled in', () => {
  const sheet = casesSheet([one(), one({ alert: `${ID}.1`, device: '=HYPERLINK("x")' })]);
  assert.ok(sheet.startsWith('\ufeff'));
  assert.ok(sheet.includes(`"'=HYPERLINK(""x"")"`), 'no cell is a formula');
  const filled = sheet.replace(/,,\r\n/, ',sent-mail,2026/11/5\r\n');
  assert.deepEqual(readOutcomes(filled), {
    rows: [{ line: 2, alert: ID, outcome: 'sent-mail', day: '2026-11-05' }],
    rejected: [],
    empty: 1,
  });
});

test('bad rows are named by line and the rest is used', () => {
  const sheet = [
    'outcome,alert,day,remark',
    `called,${ID},2026-11-24,spoke to her`,
    `phoned,${ID},,`,
    `sent-letter,${ID}.2,2026-02-30,`,
    `wrong-person,nobody,,`,
    `NOT-REACHED,${ID}.1,,`,
    `called,${ID},2026-11-24,a,b`,
    `called,"${ID},`,
    `called,${ID},,`,
  ].join('\n');
  const { rows, rejected } = readOutcomes(sheet);
  assert.deepEqual(
    rows.map(r => [r.line, r.outcome, r.day]),
    [
      [2, 'called', '2026-11-24'],
      [6, 'not-reached', null],
    ],
  );
  assert.deepEqual(
    rejected.map(r => r.line),
    [3, 4, 5, 7, 8],
  );
  assert.match(rejected.at(-1)?.why ?? '', /nothing after it was read/);
  assert.match(readOutcomes('').rejected[0]?.why ?? '', /empty/);
  assert.match(readOutcomes('case,outcome\n').rejected[0]?.why ?? '', /lacks alert/);
});

test('any cells survive writing and reading but for the apostrophe that defuses a formula', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ maxLength: 12 }), { minLength: 2, maxLength: 5 }), { maxLength: 6 }),
      lines => {
        const text = lines.map(csvLine).join('');
        const read = [...csvRecords(text)].map(record => ('open' in record ? [] : record.cells));
        assert.deepEqual(
          read,
          lines.map(cells => cells.map(c => (/^[=+\-@\t\r\n＝＋－＠]/.test(c) ? `'${c}` : c))),
        );
      },
    ),
  );
});

test('whatever a sheet says, reading ends, and only known words and real days come out', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'called', ID, '2026-11-24', 'x'), maxLength: 60 }),
      text => {
        const { rows } = readOutcomes(`alert,outcome,day\n${text}`);
        for (const row of rows) {
          assert.ok(OUTCOMES.includes(row.outcome));
          assert.ok(row.day === null || /^\d{4}-\d{2}-\d{2}$/.test(row.day));
        }
      },
    ),
  );
});
