import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { isRefused, type LogEvent, type Refused } from '../event.ts';
import { MOST_ERROR_MS } from '../sessions/session-hold.ts';
import { headerDoubt } from './clock.ts';
import { radiusDetailFormat } from './detail.ts';

type Result = LogEvent | Refused;

function read(text: string, options: Readonly<Record<string, unknown>> = {}): Result[] {
  const parser = radiusDetailFormat.open('detail', options);
  const out: Result[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const given = parser.line?.(line, i + 1) ?? [];
    out.push(...('refused' in given ? [given] : given));
  }
  return [...out, ...parser.end(true)];
}
const refused = (results: readonly Result[]) =>
  results.filter(r => isRefused(r)).map(r => (isRefused(r) ? r : assert.fail()));
const events = (results: readonly Result[]) => results.flatMap(r => (isRefused(r) ? [] : [r]));

const AT = Date.UTC(2026, 10, 23, 4, 51, 31);
const STAMP = AT / 1000;
const HEAD = 'Mon Nov 23 13:51:31 2026';
const record = (attributes: Readonly<Record<string, string | number>>, head = HEAD) =>
  `${head}\n${Object.entries(attributes)
    .map(([name, value]) => `\t${name.replace(/#\d$/, '')} = ${value}\n`)
    .join('')}\n`;
const START = {
  'NAS-IP-Address': '192.0.2.1',
  'NAS-Identifier': '"bras-1"',
  'User-Name': '"line-1"',
  'Acct-Session-Id': '"s1"',
  'Framed-IP-Address': '198.51.100.7',
  'Acct-Status-Type': 'Start',
  'Event-Timestamp': '"Nov 23 2026 04:51:31 UTC"',
  'Acct-Unique-Session-Id': '"148b7931ac9d1712c9d44558793ca3d8"',
  Timestamp: STAMP,
};
const address = parseIpv4('198.51.100.7') as number;
const whole = { family: 4, address, portFrom: 0, portTo: 65_535 };

test('a Start, as FreeRADIUS writes it', () => {
  assert.deepEqual(read(record(START)), [
    {
      ...{ what: 'begin', at: AT, errorMs: 0, exporter: 'bras-1', subscriber: 'line-1', holder: whole },
      session: '148b7931ac9d1712c9d44558793ca3d8',
    },
  ]);
});

test('interim and Stop say since when; On and Off reset the server, also when they give its address alone', () => {
  const interim = { ...START, 'Acct-Status-Type': 'Interim-Update', 'Acct-Session-Time': 300 };
  const on = { 'NAS-IP-Address': '192.0.2.1', 'Acct-Status-Type': 'Accounting-On', Timestamp: STAMP };
  const all = events(read(record(interim) + record({ ...interim, 'Acct-Status-Type': 2 }) + record(on)));
  assert.deepEqual(
    all.map(e => [e.what, e.exporter, 'since' in e ? e.since : undefined]),
    [
      ['alive', 'bras-1', AT - 300_000],
      ['end', 'bras-1', AT - 300_000],
      ['reset', 'bras-1', undefined],
    ],
  );
});

test('the time of the packet: Event-Timestamp, else receipt less the delay, never the header', () => {
  const { 'Event-Timestamp': _event, ...plain } = START;
  const at = (attributes: Readonly<Record<string, string | number>>, options = {}) =>
    events(read(record(attributes), options))[0]?.at;
  assert.equal(at({ ...plain, 'Acct-Delay-Time': 45 }), AT - 45_000);
  assert.equal(at({ ...plain, 'Event-Timestamp': STAMP - 60 }), AT - 60_000);
  assert.equal(at({ ...plain, 'Event-Timestamp': '"Nov 23 2026 13:51:31 JST"' }, { zones: { JST: '+09:00' } }), AT);
  const { Timestamp: _stamp, ...headed } = plain;
  assert.match(refused(read(record(headed)))[0]?.refused ?? '', /header has no zone/);
});

test('a zone abbreviation that nobody declared is refused: it may mean several', () => {
  const [why] = refused(read(record({ ...START, 'Event-Timestamp': '"Nov 23 2026 10:21:31 IST"' })));
  assert.match(why?.refused ?? '', /"IST"/);
  assert.equal(why?.line, 1);
  assert.throws(() => read('', { zones: { IST: 'India' } }), Fault);
  assert.throws(() => read('', { zone: 'JST' }), Fault);
  assert.throws(() => read('', { subscribers: 'Class' }), Fault);
});

test('clocks that disagree by more than is allowed make the record prove nothing', () => {
  const error = (attributes: Readonly<Record<string, string | number>>, head?: string, options = {}) => {
    const [e] = events(read(record(attributes, head), options));
    return e?.errorMs ?? -1;
  };
  // The project's own sample: the header of 2011 over a Timestamp of 2019.
  const sample = { ...START, 'Event-Timestamp': 1_554_226_681, Timestamp: 1_554_226_681 };
  assert.ok(error(sample, 'Tue Sep 13 16:24:27 2011') > 7 * 365 * 86_400_000);
  assert.equal(error({ ...START, 'Event-Timestamp': STAMP - 30 }), 30_000);
  assert.equal(error({ ...START, 'Event-Timestamp': STAMP - 1 }), 0);
  assert.ok(error({ ...START, 'Event-Timestamp': STAMP - 130 }) > MOST_ERROR_MS);
  assert.equal(error({ ...START, 'Event-Timestamp': STAMP - 130 }, HEAD, { mostDisagreementMs: 200_000 }), 130_000);
  assert.equal(error({ ...START, 'Event-Timestamp': STAMP - 3_600, 'Acct-Delay-Time': 3_600 }), 0);
  // The access server says it is 1970: the collector is believed more, and neither much.
  const [e] = events(read(record({ ...START, 'Event-Timestamp': 77 })));
  assert.equal(e?.at, AT);
  assert.ok((e?.errorMs ?? 0) > 50 * 365 * 86_400_000);
});

test('any zone of the earth agrees with its own header; minutes off do not', () => {
  fc.assert(
    fc.property(fc.integer({ min: -48, max: 56 }), fc.integer({ min: -449, max: 449 }), (quarters, off) => {
      assert.equal(headerDoubt(AT + quarters * 900_000 + off * 1_000, AT), Math.abs(off) * 1_000);
    }),
  );
});

test('without an address nothing is held until one is seen', () => {
  const { 'Framed-IP-Address': _address, ...bare } = START;
  const all = events(read(record(bare) + record({ ...START, 'Framed-IP-Address': '255.255.255.254' })));
  assert.deepEqual(
    all.map(e => e.what),
    ['heard', 'heard'],
  );
});

test('IPv6 prefixes and addresses are held beside the IPv4 address; host bits are dropped', () => {
  const all = events(
    read(
      record({
        ...START,
        'Framed-IPv6-Prefix': '2001:db8:1:2::/64',
        'Delegated-IPv6-Prefix': '2001:db8:100:ff::1/56',
        'Framed-IPv6-Address': '2001:db8::5',
      }),
    ),
  );
  assert.deepEqual(
    all.flatMap(e => ('holder' in e && e.holder.family === 6 ? [[e.holder.prefix.toString(16), e.holder.length]] : [])),
    [
      ['20010db8000100020000000000000000', 64],
      ['20010db8010000000000000000000000', 56],
      ['20010db8000000000000000000000005', 128],
    ],
  );
  assert.equal(all.length, 4);
});

test('port ranges of RFC 8045: several in a packet, freed ones end, and the address is not held whole', () => {
  const range = (n: number, from: number, alloc: string) => ({
    [`IP-Port-Range-Ext-IPv4-Addr#${n}`]: '198.51.100.7',
    [`IP-Port-Range-Range-Start#${n}`]: from,
    [`IP-Port-Range-Range-End#${n}`]: from + 511,
    [`IP-Port-Range-Alloc#${n}`]: alloc,
  });
  const interim = { ...START, 'Acct-Status-Type': 'Interim-Update', 'Acct-Session-Time': 300 };
  const all = events(read(record({ ...interim, ...range(1, 1024, 'Allocation'), ...range(2, 4096, 'Deallocation') })));
  assert.deepEqual(
    all.map(e => [e.what, 'holder' in e && e.holder.family === 4 ? e.holder.portFrom : -1, 'since' in e]),
    [
      ['alive', 1024, false],
      ['end', 4096, false],
    ],
  );
});

test('who the line is and which server spoke are options', () => {
  const [e] = events(
    read(record({ ...START, 'Calling-Station-Id': '"port \\"7\\" \\303\\251"', 'NAS-Port': 9 }), {
      subscriber: 'Calling-Station-Id',
      exporter: 'NAS-Port',
    }),
  );
  assert.ok(e && 'subscriber' in e);
  assert.deepEqual([e.subscriber, e.exporter], ['port "7" é', '9']);
  const { 'User-Name': _name, ...nameless } = START;
  const [unknown] = events(read(record(nameless)));
  assert.equal(unknown && 'subscriber' in unknown ? unknown.subscriber : 'none', '');
  const [marked] = events(read(record({ ...START, 'User-Name': '"@10.0.0.1"' })));
  assert.equal(marked && 'subscriber' in marked ? marked.subscriber : 'none', '');
});

test('without a unique id, server, session id and user name tie a session together', () => {
  const { 'Acct-Unique-Session-Id': _id, ...plain } = START;
  const sessions = events(
    read(
      record(plain) + record({ ...plain, 'User-Name': '"line-2"' }) + record({ ...plain, 'Acct-Session-Id': '"s2"' }),
    ),
  ).map(e => ('session' in e ? e.session : ''));
  assert.equal(new Set(sessions).size, 3);
});

test('records of other packets and other kinds of accounting are only heard', () => {
  const tunnel = record({ ...START, 'Acct-Status-Type': 'Tunnel-Start' });
  const access = `${HEAD}\n\tPacket-Type = Access-Request\n\tUser-Name = "x"\n\n`;
  assert.deepEqual(
    events(read(tunnel + access)).map(e => e.what),
    ['heard'],
  );
});

test('bad records are named by the line of their header, and the rest is used', () => {
  const bad = [
    record({ ...START, 'Framed-IP-Address': '198.51.100' }),
    `${HEAD}\n\tUser-Name = "cut\n\tAcct-Status-Type = Start\n\n`,
    `${HEAD}\n\tUser-Name = "line-1"\n${record(START)}`,
    'no header and nothing else\n\n',
    record({ ...START, Timestamp: 'soon' }),
    record({ ...START, 'Acct-Status-Type#2': 'Stop' }),
    `${HEAD}\n\tAcct-Status-Type = Start`,
  ].join('');
  const results = read(bad);
  assert.deepEqual(
    refused(results).map(r => [r.line, r.refused]),
    [
      [1, '"198.51.100" is no IPv4 address'],
      [12, 'a line of the record is no attribute'],
      [16, 'the record is cut off'],
      [29, 'the record has no Acct-Status-Type'],
      [31, 'Timestamp is no number of seconds'],
      [42, 'the record has Acct-Status-Type twice'],
      [54, 'the record is cut off'],
    ],
  );
  assert.equal(events(results).length, 1);
});

const piece = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '\n',
    '\n\t',
    ' = ',
    '"',
    '\\',
    '\\303',
    HEAD,
    '\n\n',
    'Acct-Status-Type = Start',
    `Timestamp = ${STAMP}`,
  ),
  fc.constantFrom(
    'Framed-IP-Address = 1.2.3.4',
    'Acct-Session-Id = "x"',
    'Event-Timestamp = "',
    'IP-Port-Range-Range-Start = 7',
  ),
);

test('any text is read without an exception', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
      for (const e of events(read(pieces.join('')))) {
        assert.ok(Number.isFinite(e.at) && e.errorMs >= 0);
        if ('holder' in e && e.holder.family === 4) assert.ok(e.holder.portFrom <= e.holder.portTo);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a record without end is bounded in what it keeps', () => {
  const parser = radiusDetailFormat.open('detail', {});
  parser.line?.(HEAD, 1);
  for (let i = 0; i < 10_000; i++) parser.line?.(`\tFramed-IPv6-Prefix = 2001:db8:${i.toString(16)}::/64`, i + 2);
  const end = parser.line?.('', 10_002);
  assert.ok(end && 'refused' in end && /more than/.test(end.refused));
});
