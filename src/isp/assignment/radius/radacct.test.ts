import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../record/fault.ts';
import { type Held, isRefused, type LogEvent, type Refused } from '../event.ts';
import { makeSessionFolder } from '../sessions/fold.ts';
import { radacctFormat, STOCK_COLUMNS } from './radacct.ts';
import { rowInstant } from './radacct-row.ts';

type Result = LogEvent | Refused;
type Row = Readonly<Record<string, string | null>>;

function read(lines: readonly string[], options: Readonly<Record<string, unknown>> = {}): Result[] {
  const parser = radacctFormat.open('radacct', options);
  const out: Result[] = [];
  for (const [i, line] of lines.entries()) {
    const given = parser.line?.(line, i + 1) ?? [];
    out.push(...('refused' in given ? [{ line: i + 1, ...given }] : given));
  }
  return [...out, ...parser.end(true)];
}
const refused = (results: readonly Result[]) => results.flatMap(r => (isRefused(r) ? [[r.line, r.refused]] : []));
const events = (results: readonly Result[]) => results.flatMap(r => (isRefused(r) ? [] : [r]));

const T = Date.UTC(2026, 10, 23, 4, 0, 0);
const S = 1_000;
const pg = (seconds: number) => `${new Date(T + seconds * S).toISOString().slice(0, 19).replace('T', ' ')}+00`;

const OPEN: Row = {
  ...{ radacctid: '1', acctsessionid: 's1', acctuniqueid: 'u1', username: 'line-1', nasipaddress: '192.0.2.1' },
  ...{ acctstarttime: pg(0), acctupdatetime: pg(0), acctstoptime: null, acctsessiontime: '0' },
  ...{ connectinfo_start: '', connectinfo_stop: null, framedipaddress: '198.51.100.7', acctterminatecause: null },
};
const UPDATED: Row = { ...OPEN, acctupdatetime: pg(300), acctsessiontime: '300', acctinterval: '300' };
const STOPPED: Row = {
  ...UPDATED,
  ...{ acctupdatetime: pg(500), acctstoptime: pg(500), acctsessiontime: '500', connectinfo_stop: '' },
};
const REBOOTED: Row = {
  ...UPDATED,
  ...{ acctupdatetime: pg(900), acctstoptime: pg(900), acctsessiontime: '900', acctterminatecause: 'NAS-Reboot' },
};

const copyLine = (row: Row, columns = STOCK_COLUMNS) =>
  columns.map(name => row[name]?.replaceAll('\\', '\\\\').replaceAll('\t', '\\t') ?? '\\N').join('\t');
const csvLine = (row: Row, columns = STOCK_COLUMNS) =>
  columns
    .map(name => {
      const value = row[name];
      return value === null || value === undefined
        ? ''
        : /^[\w.:+ -]+$/.test(value)
          ? value
          : `"${value.replaceAll('"', '""')}"`;
    })
    .join(',');

function held(rows: readonly Row[]): (string | number)[][] {
  const folder = makeSessionFolder();
  for (const e of events(read(rows.map(row => copyLine(row))))) folder.take(e);
  const all: Held[] = [...folder.closed(), ...folder.open()];
  const at = (t: number) => (Number.isFinite(t) ? (t - T) / S : t);
  return all
    .map(h => [h.subscriber, at(h.possibleFrom), at(h.sureFrom), at(h.sureTo), at(h.possibleTo)])
    .sort((a, b) => Number(a[1]) - Number(b[1]));
}

test('a row that was open, updated and closed is one hold, read once or three times', () => {
  const whole = [['line-1', 0, 0, 500, 500]];
  assert.deepEqual(held([STOPPED]), whole);
  assert.deepEqual(held([OPEN, UPDATED, STOPPED]), whole);
  assert.deepEqual(held([STOPPED, STOPPED, UPDATED]), whole);
  assert.deepEqual(held([UPDATED]), [['line-1', 0, 0, 300, Number.POSITIVE_INFINITY]]);
});

test('Accounting-On overwrites the last update: sure only at the start, unless an interim was read in time', () => {
  assert.deepEqual(held([REBOOTED]), [['line-1', 0, 0, 0, 900]]);
  assert.deepEqual(held([UPDATED, REBOOTED]), [['line-1', 0, 0, 300, 900]]);
});

test('a row that another hand closed is sure up to its last update', () => {
  const stale = { ...UPDATED, acctstoptime: pg(4_000), acctterminatecause: 'Admin-Reset' };
  assert.deepEqual(held([stale]), [['line-1', 0, 0, 300, 4_000]]);
});

test('a row that a Stop or an Interim made is possible since its session time, sure from the packet', () => {
  const lone = { ...STOPPED, connectinfo_stop: null };
  assert.deepEqual(held([lone]), [['line-1', 0, 500, 500, 500]]);
  const late = { ...OPEN, acctstarttime: pg(1_000), acctupdatetime: pg(1_300), acctsessiontime: '1300' };
  assert.deepEqual(held([late]), [['line-1', 0, 1_000, 1_300, Number.POSITIVE_INFINITY]]);
});

test('a stop before the start is a session id used again', () => {
  const again = { ...STOPPED, acctstarttime: pg(2_000) };
  assert.deepEqual(held([again]), [
    ['line-1', 0, 500, 500, 500],
    ['line-1', 2_000, 2_000, 2_000, Number.POSITIVE_INFINITY],
  ]);
});

test('COPY with and without a header, a dump, and CSV say the same', () => {
  const expected = read([copyLine(STOPPED)]);
  assert.equal(events(expected).length, 2);
  assert.deepEqual(read([STOCK_COLUMNS.join('\t'), copyLine(STOPPED), '\\.']), expected);
  assert.deepEqual(read([STOCK_COLUMNS.join(','), csvLine(STOPPED)]), expected);
  const some = STOCK_COLUMNS.filter(name => !name.startsWith('acctoutput'));
  const dump = [
    '--',
    'SET x = y;',
    `COPY public.radacct (${some.join(', ')}) FROM stdin;`,
    copyLine(STOPPED, some),
    '\\.',
    'x',
  ];
  assert.deepEqual(read(dump), expected);
  assert.deepEqual(read([copyLine(STOPPED, some)], { columns: some }), expected);
});

test('a CSV that cannot tell empty from null does not pretend that the Start was lost', () => {
  const columns = STOCK_COLUMNS.filter(name => name !== 'connectinfo_start');
  const line = csvLine({ ...STOPPED, connectinfo_stop: null }, columns);
  assert.ok(!line.includes('""'));
  assert.deepEqual(
    events(read([columns.join(','), line])).map(e => e.what),
    ['begin', 'end'],
  );
});

test('instants without a zone are refused unless one is declared, and where clocks are turned back they are none', () => {
  const row = { ...OPEN, acctstarttime: '2026-11-23 13:00:00', acctupdatetime: '0000-00-00 00:00:00' };
  assert.deepEqual(refused(read([copyLine(row)])), [[1, '"2026-11-23 13:00:00" names no zone, and none is declared']]);
  assert.equal(events(read([copyLine(row)], { zone: 'Asia/Tokyo' }))[0]?.at, T);
  const turned = { ...OPEN, acctstarttime: '2026-10-25 02:30:00', acctupdatetime: null };
  assert.match(String(refused(read([copyLine(turned)], { zone: 'Europe/Berlin' }))[0]?.[1]), /twice/);
  assert.equal(rowInstant('2026-11-23 09:30:00.25+05:30', undefined), T + 250);
  assert.equal(typeof rowInstant('2026-02-30 00:00:00+00', undefined), 'string');
});

test('a table without what is needed is refused as a whole; a bad row by its line', () => {
  assert.throws(() => read(['username,acctstarttime']), Fault);
  const rows = [
    copyLine(OPEN),
    'a\tb',
    copyLine({ ...OPEN, framedipaddress: 'x' }),
    copyLine({ ...OPEN, acctstarttime: 'now' }),
  ];
  assert.deepEqual(refused(read(rows)), [
    [2, '2 columns where the header has 29'],
    [3, '"x" is no IPv4 address'],
    [4, '"now" is no instant'],
  ]);
});

test('without an address the server is only heard; prefixes are held', () => {
  const bare = { ...OPEN, framedipaddress: null };
  assert.deepEqual(
    events(read([copyLine(bare)])).map(e => e.what),
    ['heard'],
  );
  const six = { ...bare, delegatedipv6prefix: '2001:db8:1::/56', framedipv6prefix: '2001:db8:2:3::/64' };
  assert.equal(events(read([copyLine(six)])).length, 2);
});

test('any lines are read without an exception but that the table is none of ours', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('\\N', '', '"', '""', '198.51.100.7', pg(0), pg(9), '17', '\\', 'NAS-Reboot'),
  );
  const row = fc.array(cell, { minLength: STOCK_COLUMNS.length, maxLength: STOCK_COLUMNS.length });
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          row.map(r => r.join('\t')),
        ),
      ),
      fc.boolean(),
      (lines, csv) => {
        const head = csv ? STOCK_COLUMNS.join(',') : STOCK_COLUMNS.join('\t');
        for (const e of events(read([head, ...lines, ...lines.map(l => l.replaceAll('\t', ','))])))
          assert.ok(Number.isFinite(e.at));
      },
    ),
    { numRuns: 1_000 },
  );
});
