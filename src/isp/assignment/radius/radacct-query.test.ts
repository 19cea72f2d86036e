import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../record/fault.ts';
import { copyCells } from './copy-text.ts';
import { STOCK_COLUMNS } from './radacct.ts';
import { copyLine, furtherMark, OVERLAP_MS, rowQuery } from './radacct-query.ts';

const T = Date.UTC(2026, 10, 23, 4, 0, 0);

test('the first time everything is read, afterwards what is new or was updated', () => {
  const first = rowQuery(STOCK_COLUMNS, '"radacct"', undefined, ['username']);
  assert.doesNotMatch(first.text, /where/);
  assert.deepEqual(first.values, []);
  const next = rowQuery(STOCK_COLUMNS, '"radacct"', { id: '77', at: T }, ['username']);
  assert.match(next.text, /radacctid > \$1 or "acctupdatetime" >= to_timestamp\(\$2\) or "acctstoptime"/);
  assert.deepEqual(next.values, ['77', (T - OVERLAP_MS) / 1000]);
});

test('only the column that names the line leaves the database', () => {
  const { columns } = rowQuery(STOCK_COLUMNS, '"radacct"', undefined, ['callingstationid']);
  assert.ok(columns.includes('callingstationid') && columns.includes('delegatedipv6prefix'));
  for (const name of ['username', 'class', 'calledstationid', 'acctinputoctets']) assert.ok(!columns.includes(name));
});

test('a table of something else is refused; one of an older version is read with what it has', () => {
  assert.throws(() => rowQuery(['a', 'b'], '"x"', undefined, ['username']), Fault);
  const old = STOCK_COLUMNS.filter(name => !/ipv6|acctupdatetime|class/.test(name));
  assert.ok(!rowQuery(old, '"radacct"', { id: '1', at: T }, ['username']).text.includes('acctupdatetime'));
});

test('the mark goes forward only, and not into the future', () => {
  const columns = ['radacctid', 'acctstarttime', 'acctupdatetime', 'acctstoptime'];
  const rows = [
    ['9007199254740993', '2026-11-23 04:00:00+00', '2026-11-23 04:10:00+00', null],
    ['12', '2026-11-23 03:00:00+00', null, '2031-01-01 00:00:00+00'],
  ];
  const mark = furtherMark({ id: '5', at: T }, columns, rows, T + 3_600_000);
  assert.deepEqual(mark, { id: '9007199254740993', at: T + 600_000 });
  assert.deepEqual(furtherMark(mark, columns, [['1', null, null, null]], T), mark);
  assert.equal(furtherMark(undefined, columns, [], T), undefined);
});

test('a row comes back from its line as it was', () => {
  const cell = fc.option(fc.oneof(fc.string(), fc.constantFrom('\\N', '\t', 'a\nb', '\\', '\r')), { nil: null });
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1 }), row => {
      const line = copyLine(row);
      assert.ok(!line.includes('\n'));
      assert.deepEqual(copyCells(line), row);
    }),
  );
});
