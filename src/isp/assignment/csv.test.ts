import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../record/fault.ts';
import { isoOf } from '../../record/instant.ts';
import { csvColumnsOf } from './csv-columns.ts';
import { csvFormat } from './csv-format.ts';
import { isRefused, type LogEvent, type Refused } from './event.ts';
import { localTimeOf } from './local-time.ts';

type Options = Readonly<Record<string, unknown>>;

/** Everything the format says of these bytes, cut into pieces of `size`. */
function said(text: string | Buffer, options: Options = {}, size = 1 << 20): (LogEvent | Refused)[] {
  const parser = csvFormat.open('list.csv', options);
  const bytes = Buffer.from(text as string);
  const all: (LogEvent | Refused)[] = [];
  for (let at = 0; at < bytes.length; at += size) all.push(...(parser.bytes?.(bytes.subarray(at, at + size)) ?? []));
  return [...all, ...parser.end(true)];
}
const HEADER = 'address,subscriber,from,to\n';
/** The instant of `from`, or why it was refused. */
const instant = (field: string, zone?: string) => {
  const [one] = said(`${HEADER}10.0.0.1,a,${field},\n`, zone === undefined ? {} : { zone });
  return one && isRefused(one) ? one.refused : (one as { from: number }).from;
};
const T = Date.UTC(2026, 10, 22, 1, 30, 15);

test('instants: ISO with a zone, with a declared zone, epoch seconds and milliseconds', () => {
  for (const [field, zone] of [
    ['2026-11-22T01:30:15Z'],
    ['2026-11-22T10:30:15+09:00'],
    ['2026-11-22T10:30:15+0900'],
    ['2026-11-22T10:30:15+09'],
    ['2026-11-22 10:30:15', 'Asia/Tokyo'],
    ['2026-11-22T10:30:15', '+09:00'],
    ['2026-11-22 01:30:15', 'UTC'],
    ['2026-11-21 20:30:15', '-05:00'],
    ['2026-11-22T01:30:15Z', 'Asia/Tokyo'],
    [String(T / 1000)],
    [String(T)],
    [`${T / 1000}.0`],
  ] as const)
    assert.equal(instant(field, zone), T, `${field} ${zone}`);
  assert.equal(instant('2026-11-22T01:30Z'), T - 15_000);
  assert.equal(instant('2026-11-22T01:30:15.250Z'), T + 250);
  assert.equal(instant('1795311015.25'), T + 250);
  for (const field of [
    ...['', 'x', '2026-11-31T00:00:00Z', '2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-22T24:00:00Z'],
    ...['2026-11-22T01:60:00Z', '2026-11-22T01:30:15', '2026-11-22T01:30:15JST', '2026-11-22T01:30:15+9', '-5'],
    ...[
      '2026-11-22T01:30:15.Z',
      '123456789012345',
      '2026/11/22 01:30:15',
      '2026-11-22T01:30:15Zx',
      '2026-1a-22T01:30:15Z',
    ],
  ])
    assert.match(String(instant(field)), /^"from" (is no instant|has no zone)/, field);
});

test('a local time that occurs twice or never is refused by its line; all others are exact', () => {
  assert.equal(instant('2026-10-25 02:30:00', 'Europe/Berlin'), '"from" occurs twice in the declared zone');
  assert.equal(instant('2026-03-29 02:30:00', 'Europe/Berlin'), '"from" occurs never in the declared zone');
  assert.equal(instant('2026-10-25 01:59:59', 'Europe/Berlin'), Date.UTC(2026, 9, 24, 23, 59, 59));
  assert.equal(instant('2026-10-25 03:00:00', 'Europe/Berlin'), Date.UTC(2026, 9, 25, 2));
  assert.equal(instant('2011-12-30 12:00:00', 'Pacific/Apia'), '"from" occurs never in the declared zone');
  for (const zone of ['Asia/Tokyo', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', '+05:45']) {
    const local = localTimeOf(zone);
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }), at => {
        const second = Math.floor(at / 1000) * 1000;
        const wall = Date.parse(`${clock.format(second).replace(' ', 'T')}Z`);
        const found = local(wall);
        const same = [-3_600_000, -1_800_000, 1_800_000, 3_600_000].some(
          d => clock.format(second + d) === clock.format(second),
        );
        assert.equal(found, same ? 'twice' : second);
      }),
      { numRuns: 200 },
    );
  }
  for (const zone of ['JST', 'IST', 'Mars/Olympus', '+25:00', '9', '+09:75'])
    assert.throws(() => localTimeOf(zone), Fault, zone);
});

test('columns are found by their declared names, and a declaration that makes no sense is refused', () => {
  const columns = csvColumnsOf('address=ip, subscriber=user,from=start,to=stop,portFrom=lo,portTo=hi,exporter=nat');
  const [one] = said('stop,nat,user,hi,ip,lo,start,more\n20,cgn-1,u7,2047,10.0.0.9,1024,10,x\n', { columns });
  assert.deepEqual(one, {
    ...{
      at: 10_000,
      errorMs: 0,
      exporter: 'cgn-1',
      session: '',
      subscriber: 'u7',
      what: 'held',
      from: 10_000,
      to: 20_000,
    },
    holder: { family: 4, address: 0x0a000009, portFrom: 1024, portTo: 2047 },
  });
  assert.throws(
    () => said('ip,user,from,to\n', { columns: { address: 'ip' } }),
    /list\.csv:1: the header lacks subscriber/,
  );
  assert.throws(() => said(HEADER, { columns: { exporter: 'box' } }), /the header lacks box/);
  for (const text of ['address', 'address=', 'addr=ip', 'address=a=b'])
    assert.throws(() => csvColumnsOf(text), Fault, text);
  for (const options of [{ zone: 7 }, { columns: ['a'].map(() => 7) }, { zone: 'JST' }])
    assert.throws(() => said(HEADER, options), Fault, JSON.stringify(options));
});

test('a malformed line is named with its number, and the rest is used', () => {
  const lines = [
    ...['10.0.0.1,a,10,20', '', '10.0.0.01,a,10,20', '10.0.0.256,a,10,20', '10.0.0,a,10,20', '10.0.0.1.2,a,10,20'],
    ...['10.0.0.1,a,10', '10.0.0.1,a,10,20,30', '10.0.0.1,,10,20', '10.0.0.1,  ,10,20', '10.0.0.1,@10.0.0.1,10,20'],
    ...[
      `10.0.0.1,${'x'.repeat(257)},10,20`,
      '10.0.0.1,a,20,10',
      '10.0.0.1,a,,20',
      '10.0.0.1,"a,10,20',
      'x'.repeat(70_000),
    ],
    ...['2001:db8::1/56,a,10,20', 'zz:,a,10,20', '10.0.0.2,"a ""b"", c",10,20', '2001:db8::/56, d ,10,'],
  ];
  const all = said(`${HEADER}${lines.join('\n')}\n`);
  const bad = all.filter(isRefused).map(r => r.line);
  assert.deepEqual(bad, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const good = all.filter(x => !isRefused(x)) as Extract<LogEvent, { what: 'held' }>[];
  assert.deepEqual(
    good.map(g => [g.subscriber, g.holder.family, g.to]),
    [
      ['a', 4, 20_000],
      ['a "b", c', 4, 20_000],
      ['d', 6, null],
    ],
  );
  const broken = said(
    Buffer.concat([Buffer.from(`${HEADER}10.0.0.1,a`), Buffer.from([0xff, 0xfe]), Buffer.from(',10,20\n')]),
  );
  assert.deepEqual(broken.filter(isRefused), [{ line: 2, refused: 'there is no readable subscriber' }]);
  const ports = (cells: string) => said(`address,port_from,port_to,subscriber,from,to\n10.0.0.1,${cells},a,10,20\n`)[0];
  for (const cells of ['9,8', '-1,5', '0,65536', 'a,b', '1 ,2']) assert.ok(isRefused(ports(cells)!), cells);
  assert.deepEqual((ports(',') as { holder: unknown }).holder, {
    family: 4,
    address: 0x0a000001,
    portFrom: 0,
    portTo: 65_535,
  });
});

test('however the bytes are cut, the same is said; whatever they are, nothing is thrown', () => {
  const field = fc.oneof(
    fc.constantFrom('10.0.0.1', 'a', '10', '20', '', '"q"', '"', '2026-11-22T01:30:15Z', '\r', '2001:db8::/64'),
    fc.string({ maxLength: 6 }),
  );
  const text = fc
    .array(
      fc.array(field, { maxLength: 6 }).map(f => f.join(',')),
      { maxLength: 8 },
    )
    .map(l => l.join('\n'));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), fc.boolean(), (body, size, ended) => {
      const whole = `${HEADER.trimEnd()}${ended ? '\r\n' : '\n'}${body}${ended ? '\n' : ''}`;
      assert.deepEqual(said(whole, {}, size), said(whole));
    }),
    { numRuns: 500 },
  );
  const long = `${HEADER}${'y'.repeat(200_000)}\n10.0.0.1,a,10,20\n`;
  assert.deepEqual(said(long, {}, 1_000), said(long));
});

test('quoted, with a carriage return, without a last end: the same hold', () => {
  const plain = said(`${HEADER}10.0.0.1,a,${isoOf(T)},\n`);
  for (const text of [
    `${HEADER}"10.0.0.1","a","${isoOf(T)}",""\n`,
    `\ufeff${HEADER}10.0.0.1,a,${isoOf(T)},`,
    `${HEADER.trimEnd()}\r\n10.0.0.1,a,${isoOf(T)},\r\n`,
    `"address","subscriber","from","to"\n10.0.0.1,a,${isoOf(T)},\n`,
  ])
    assert.deepEqual(said(text), plain);
});
