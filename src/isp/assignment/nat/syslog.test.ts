/** Each vendor's records as the documents and samples word them, on documentation addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import type { Format, LogEvent, Parser, Refused } from '../event.ts';
import { isRefused } from '../event.ts';
import { a10Format, ciscoFormat, juniperFormat } from './syslog.ts';

const out = (text: string) => parseIpv4(text) as number;
interface Got {
  readonly events: readonly LogEvent[];
  readonly refused: readonly Refused[];
}
function feed(parser: Parser, lines: readonly string[]): Got {
  const all = lines.flatMap((text, i): (LogEvent | Refused)[] => {
    const got = parser.line?.(text, i + 1) ?? [];
    return 'refused' in got ? [{ ...got, line: i + 1 }] : [...got];
  });
  all.push(...parser.end(true));
  return { events: all.filter((one): one is LogEvent => !isRefused(one)), refused: all.filter(isRefused) };
}
const read = (format: Format, lines: readonly string[], options: Record<string, unknown> = {}) =>
  feed(format.open('f', options), lines);
const rows = ({ events }: Got) =>
  events.flatMap(e =>
    'holder' in e && e.holder.family === 4
      ? [[e.what, e.exporter, e.subscriber, e.holder.address, e.holder.portFrom, e.holder.portTo] as const]
      : [],
  );

const HEAD = '<134> 1 2026 Nov 22 09:30:45 192.0.2.3 - - NAT44 - ';
const at = Date.parse('2026-11-22T09:30:45Z');

test('cisco: several records in one datagram, the stamp of the box in UTC, VRF and IPv6 insides', () => {
  const got = read(ciscoFormat, [
    `${HEAD}[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 1024 1535 - - ][UserbasedA - 10.0.0.9 red - 203.0.113.5 - 1536 2047 - - ][Portblockrunout - 10.0.0.9 red - - - - - - - ]`,
    `${HEAD}[SessionbasedAD 6 10.0.0.9 blue - 203.0.113.6 4000 1200 - 198.51.100.77 443 ]`,
    `${HEAD}[SessionbasedW 6 10.0.0.9 blue - 203.0.113.6 4000 1200 - - - ]`,
    'Nov 22 18:30:46 node7 1 2026 Nov 22 09:30:45 192.0.2.3 - -   DSLITE - [UserbasedW - - in6 2001:db8::1 203.0.113.5 - 2048 2559 - - ]',
  ]);
  assert.deepEqual(got.refused, []);
  assert.deepEqual(rows(got), [
    ['begin', '192.0.2.3', '@blue/10.0.0.9', out('203.0.113.5'), 1_024, 1_535],
    ['begin', '192.0.2.3', '@red/10.0.0.9', out('203.0.113.5'), 1_536, 2_047],
    ['begin', '192.0.2.3', '@blue/10.0.0.9', out('203.0.113.6'), 1_200, 1_200],
    ['end', '192.0.2.3', '@blue/10.0.0.9', out('203.0.113.6'), 1_200, 1_200],
    ['end', 'node7', '@2001:db8::1', out('203.0.113.5'), 2_048, 2_559],
  ]);
  assert.ok(got.events.every(e => e.at === at && e.errorMs === 0));
  const sessions = got.events.map(e => ('session' in e ? e.session : ''));
  assert.equal(sessions[2], sessions[3]);
  assert.notEqual(sessions[0], sessions[1]);
});

test('cisco: the heading of a collector beside the stamp of the box is a check', () => {
  const line = `Nov 22 18:31:00 node7 1 2026 Nov 22 09:30:45 192.0.2.3 - - NAT44 - [UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 1024 1535 - - ]`;
  const error = (zone: string) => read(ciscoFormat, [line], { zone }).events[0]?.errorMs;
  assert.equal(error('+09:00'), 15_000);
  // The wrong zone: so far apart that the folder believes nothing of it.
  assert.equal(error('Z'), 9 * 3_600_000 + 15_000);
});

test('cisco: bad records are named, the good ones of the line are used', () => {
  const good = '[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 1024 1535 - - ]';
  const bad = {
    '[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 80 1535 - - ]': /so low/,
    '[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 2047 1536 - - ]': /no range/,
    '[UserbasedA - 10.0.0.999 blue - 203.0.113.5 - 1024 1535 - - ]': /inside address/,
    '[UserbasedA - - blue - 203.0.113.5 - 1024 1535 - - ]': /inside address/,
    '[UserbasedA - 10.0.0.9 blue - 203.0.113 - 1024 1535 - - ]': /fields of its kind|outside/,
    '[UserbasedA - 10.0.0.9 blue 203.0.113.5 - 1024 1535 - - ]': /fields of its kind/,
    '[UserbasedX - 10.0.0.9 blue - 203.0.113.5 - 1024 1535 - - ]': /no kind/,
    '[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 1024 15': /cut off/,
  };
  for (const [record, why] of Object.entries(bad)) {
    const alone = read(ciscoFormat, [HEAD + record]);
    assert.match(alone.refused[0]?.refused ?? '', why, record);
    assert.equal(alone.events.length, 0);
    const among = read(ciscoFormat, ['', HEAD + good + record]);
    assert.equal(rows(among).length, 1, record);
    assert.deepEqual([among.refused.length, among.refused[0]?.line], [1, 2]);
  }
  assert.match(read(ciscoFormat, ['x NAT44 - [UserbasedA']).refused[0]?.refused ?? '', /heading/);
});

const J = { zone: '+09:00', boxZone: 'Z', year: 2026 };
const epoch = (iso: string) => (Date.parse(iso) / 1000).toString(16);

test('juniper: services cards, sentences and structured data', () => {
  const got = read(
    juniperFormat,
    [
      `Nov 22 18:30:46 cgn1 <158>2026-11-22 09:30:45: CGN-A{SET_1}[jservices-nat]: JSERVICES_NAT_PORT_BLOCK_ALLOC: 10.20.0.5 -> 203.0.113.33:1024-1151 0x${epoch('2026-11-22T09:30:45Z')}`,
      `Nov 22 18:40:46 cgn1 2026-11-22 09:40:45: CGN-A{SET_1}[jservices-nat]: JSERVICES_NAT_PORT_BLOCK_ACTIVE: 10.20.0.5 -> 203.0.113.33:1024-1151 0x${epoch('2026-11-22T09:30:45Z')}`,
      'Nov 22 18:50:46 cgn1 (FPC Slot 2, PIC Slot 0) 2026-11-22 09:50:45 [FWNAT]:ASP_NAT_PORT_BLOCK_RELEASE: 3002:0:0:0:0:0:0:1 -> 203.0.113.3:1050-1099',
      `<14>Nov 22 18:30:45 cgn2 RT_NAT: RT_SRC_NAT_PBA_ALLOC: Subscriber 100.64.60.74 used/maximum [10/15] blocks, allocates port block [24064-24191] from 203.0.113.100 in source pool POOL_1 lsys_id: 0 epoch 0x${epoch('2026-11-22T09:30:45Z')}`,
      '<14>Nov 22 18:30:47 cgn2 RT_NAT: RT_SRC_NAT_PBA_RELEASE: Subscriber 100.64.60.74 used/maximum [9/15] blocks, releases port block [24064-24191] from 203.0.113.100 in source pool POOL_1',
      `<14>1 2026-11-22T18:30:45.123+09:00 cgn3 RT_NAT - RT_SRC_NAT_PBA_INTERIM [junos@2636.1.1.1.2.129 internal-ip="10.0.10.10" block-used="1" block-max-per-host="4" block-port-low="48640" block-port-high="48895" reflexive-ip="203.0.113.72" nat-pool-name="guest" logical-system-id="0" epoch-time-64="${epoch('2026-11-21T09:30:45Z')}"]`,
    ],
    J,
  );
  assert.deepEqual(got.refused, []);
  assert.deepEqual(rows(got), [
    ['begin', 'cgn1', '@10.20.0.5', out('203.0.113.33'), 1_024, 1_151],
    ['alive', 'cgn1', '@10.20.0.5', out('203.0.113.33'), 1_024, 1_151],
    ['end', 'cgn1', '@3002::1', out('203.0.113.3'), 1_050, 1_099],
    ['begin', 'cgn2', '@100.64.60.74', out('203.0.113.100'), 24_064, 24_191],
    ['end', 'cgn2', '@100.64.60.74', out('203.0.113.100'), 24_064, 24_191],
    ['alive', 'cgn3', '@10.0.10.10', out('203.0.113.72'), 48_640, 48_895],
  ]);
  const [begin, alive, , , , interim] = got.events as readonly {
    readonly at: number;
    readonly since?: number;
    readonly errorMs: number;
  }[];
  assert.deepEqual([begin?.at, begin?.errorMs, alive?.since], [at, 1_000, at]);
  assert.equal(interim?.since, at - 86_400_000);
});

test('juniper: sessions by structured data and sentence; echo requests and untranslated ones are none', () => {
  const head = '<14>1 2026-11-22T18:30:45.123+09:00 cgn3 RT_FLOW - ';
  const session = (name: string, more = '') =>
    `${head}${name} [junos@2636.1 reason="TCP FIN" source-address="10.0.10.2" source-port="63996" destination-address="198.51.100.77" destination-port="80" service-name="junos-http" nat-source-address="203.0.113.69" nat-source-port="4986" nat-destination-address="198.51.100.77" protocol-id="6" session-id="178"${more} peer-source-address="0.0.0.0"]`;
  const got = read(
    juniperFormat,
    [
      session('RT_FLOW_SESSION_CREATE'),
      session('RT_FLOW_SESSION_CLOSE', ' elapsed-time="249"'),
      'Nov 22 18:30:45 srx RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.0.10.10/46776->198.51.100.77/80 0x0 junos-http 203.0.113.72/53328->198.51.100.77/80 0x0 source rule untrust N/A N/A 6 permit trust untrust 92317',
      'Nov 22 18:30:46 srx RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.10.10/46776->198.51.100.77/80 junos-http 203.0.113.72/53328->198.51.100.77/80 None None 6 permit',
      'Nov 22 18:30:46 srx RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.0.10.10/1->198.51.100.77/5 icmp 203.0.113.72/2000->198.51.100.77/5 None None 1 permit',
      'Nov 22 18:30:46 srx RT_FLOW: RT_FLOW_SESSION_CREATE: session created 203.0.113.9/4000->198.51.100.77/80 junos-http 203.0.113.9/4000->198.51.100.77/80 None None 6 permit',
      session('RT_FLOW_SESSION_CREATE').replace('protocol-id="6"', 'protocol-id="1"'),
    ],
    J,
  );
  assert.deepEqual(got.refused, []);
  assert.deepEqual(
    rows(got).map(r => [r[0], r[2], r[4], r[5]]),
    [
      ['begin', '@10.0.10.2', 4_986, 4_986],
      ['end', '@10.0.10.2', 4_986, 4_986],
      ['begin', '@10.0.10.10', 53_328, 53_328],
      ['end', '@10.0.10.10', 53_328, 53_328],
    ],
  );
  assert.equal((got.events[1] as { since?: number }).since, at + 123 - 249_000);
  assert.equal(got.events.filter(e => e.what === 'heard').length, 3);
});

test('juniper: what looks like a record and is none of the known is named', () => {
  const head = '<14>1 2026-11-22T18:30:45.123+09:00 cgn3 RT_NAT - ';
  for (const [message, why] of [
    ['RT_SRC_NAT_PBA_SPLIT [x y="1"]', /no kind/],
    ['RT_SRC_NAT_PBA_ALLOC: Subscriber 10.0.0.1 took [1024-1151]', /not worded/],
    ['JSERVICES_NAT_PORT_BLOCK_ALLOC: 10.20.0.5 -> 203.0.113.33:1024-115199', /not worded/],
    ['JSERVICES_NAT_PORT_BLOCK_ALLOC: 10.20.0.5 -> 203.0.113.33:1024-70000', /no range/],
    ['RT_SRC_NAT_PBA_ALLOC [junos@1 internal-ip="10.0.0.1" block-port-low="2048"]', /outside address/],
    [
      'RT_SRC_NAT_PBA_ALLOC [junos@1 internal-ip="10.0.0.1" reflexive-ip="203.0.113.1" block-port-high="2048"]',
      /first port/,
    ],
    [
      'RT_SRC_NAT_PBA_ALLOC [junos@1 internal-ip="10.0.0.1\\"" reflexive-ip="203.0.113.1" block-port-low="2048"]',
      /inside/,
    ],
  ] as const)
    assert.match(read(juniperFormat, [head + message], J).refused[0]?.refused ?? 'used', why, message);
});

test('a10: common event format, plain messages, fixed NAT; partitions are realms', () => {
  const head = '2026-11-22T18:30:45.87+09:00 192.0.2.57 cgn0.thn2/cgn-demo  CEF:0|A10|CFW|6.0.0-P1|';
  const plain = '2026-11-22T18:30:45.87+09:00 192.0.2.58 a10 ';
  const got = read(a10Format, [
    `${head}CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=100.65.140.73 sourceTranslatedAddress=203.0.113.12 sourceTranslatedPort=22016 cn3=22271 cn3Label=Last Nat Port`,
    `${head}CGN 107|Nat Port Batch Pool Freed|5|proto=UDP src=100.65.140.73 sourceTranslatedAddress=203.0.113.12 sourceTranslatedPort=22016 cn3=22271 cn3Label=Last Nat Port`,
    `${head}CGN 102|Nat Session Created|5|proto=TCP src=10.44.55.100 spt=38951 dst=198.51.100.77 dpt=443 sourceTranslatedAddress=203.0.113.13 sourceTranslatedPort=38951 destinationTranslatedAddress=198.51.100.77 destinationTranslatedPort=443`,
    `${head}CGN 100|Nat Port Allocated|5|proto=ICMP src=100.65.161.0 spt=48856 sourceTranslatedAddress=203.0.113.13 sourceTranslatedPort=48856 dst=198.51.100.77 dpt=0`,
    `${plain}NAT-TCP-C: 100.64.0.9:10000<->198.51.100.77:443,203.0.113.9:12000<-->198.51.100.77:443`,
    `${plain}NAT-TCP-D: 100.64.0.9:10000<-->203.0.113.9:12000 to 198.51.100.77:53`,
    `${plain}NAT-UDP-C: 100.64.0.9:10000 -> 203.0.113.9: 10000`,
    `${plain}NAT-UDP-B: 100.64.0.9 -> 203.0.113.9:10240-10751`,
    `${plain}FIXED-NAT-PORTS 10.10.10.172->203.0.113.173:3000-4000`,
  ]);
  assert.deepEqual(got.refused, []);
  assert.deepEqual(
    rows(got).map(r => [r[0], r[1], r[2], r[4], r[5]]),
    [
      ['begin', '192.0.2.57', '@cgn-demo/100.65.140.73', 22_016, 22_271],
      ['end', '192.0.2.57', '@cgn-demo/100.65.140.73', 22_016, 22_271],
      ['begin', '192.0.2.57', '@cgn-demo/10.44.55.100', 38_951, 38_951],
      ['begin', '192.0.2.58', '@100.64.0.9', 12_000, 12_000],
      ['end', '192.0.2.58', '@100.64.0.9', 12_000, 12_000],
      ['begin', '192.0.2.58', '@100.64.0.9', 10_000, 10_000],
      ['begin', '192.0.2.58', '@100.64.0.9', 10_240, 10_751],
      ['alive', '192.0.2.58', '@10.10.10.172', 3_000, 4_000],
    ],
  );
  for (const [message, why] of [
    [`${head}CGN 999|Nat Something|5|proto=UDP`, /no kind/],
    [
      `${head}CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=100.65.140.73 sourceTranslatedAddress=203.0.113.12 sourceTranslatedPort=22016`,
      /last port/,
    ],
    [
      `${head}CGN 106|Nat Port Batch Pool Allocated|5|src=1.2.3.4 src=100.65.140.73 sourceTranslatedAddress=203.0.113.12 sourceTranslatedPort=22016 cn3=22271`,
      /inside/,
    ],
    [`${plain}NAT-TCP-X: 100.64.0.9:10000 -> 203.0.113.9: 10000`, /no kind/],
    [`${plain}NAT-TCP-C: 100.64.0.9:10000 to nowhere`, /not worded/],
    // ":1234" could be the port or the end of the address.
    [`${plain}NAT-TCP-C: 2001:db8::1:1234 -> 203.0.113.9: 10000`, /cannot be told apart/],
  ] as const)
    assert.match(read(a10Format, [message]).refused[0]?.refused ?? 'used', why, message);
});

test('wordings of the ISP itself', () => {
  const wordings = [
    { what: 'begin', text: 'PBA-A {inside} vrf {realm} to {outside} {first}-{last}' },
    { what: 'end', text: 'PBA-F {inside} vrf {realm} to {outside} {first}-{last}' },
  ];
  const head = '2026-11-22T18:30:45+09:00 box ';
  const got = read(
    a10Format,
    [
      `${head}PBA-A 10.0.0.9 vrf 7 to 203.0.113.5 1024-1535`,
      `${head}PBA-F 10.0.0.9 vrf 7 to 203.0.113.5 1024-1535`,
      `${head}PBA-A 10.0.0.9`,
    ],
    { wordings, realms: { 7: 'blue' } },
  );
  assert.deepEqual(
    rows(got).map(r => [r[0], r[2]]),
    [
      ['begin', '@blue/10.0.0.9'],
      ['end', '@blue/10.0.0.9'],
    ],
  );
  assert.equal(got.refused.length, 1);
  for (const wrong of [
    'x',
    [{ what: 'begin' }],
    [{ what: 'begin', text: '{inside} {outside} {first}' }],
    [{ what: 'begin', text: 'ALLOC {inside} {outside}' }],
    [{ what: 'begin', text: 'ALLOC {inside}{outside} {first}' }],
    [{ what: 'begin', text: 'ALLOC {inside} {outside} {first} {destination}' }],
    [{ what: 'begin', text: 'ALLOC {inside} {outside} {first} {skip}:{skip} ' }],
  ])
    assert.throws(() => a10Format.open('f', { wordings: wrong }), Fault, JSON.stringify(wrong));
});

test('options that make no sense stop the command', () => {
  for (const wrong of [
    { zone: 'Asia/Tokyo' },
    { zone: '+25:00' },
    { year: 12 },
    { year: '20x6' },
    { portsFrom: -1 },
    { realms: [] },
    { realms: { a: 1 } },
    { subscriber: 'who' },
    { protocols: ['icmp'] },
    { after: 'yesterday' },
    { exporter: 7 },
  ])
    assert.throws(() => ciscoFormat.open('f', wrong), Fault, JSON.stringify(wrong));
});

test('options: the line itself as subscriber, one protocol, another lowest port, a named box and realm', () => {
  const line = `${HEAD}[SessionbasedA 17 10.0.0.9 - - 203.0.113.5 4000 512 - - - ]`;
  assert.equal(read(ciscoFormat, [line]).refused.length, 1);
  const options = { portsFrom: '512', subscriber: 'line', exporter: 'cgn', realm: 'blue' };
  assert.deepEqual(rows(read(ciscoFormat, [line], options))[0]?.slice(1, 3), ['cgn', 'blue/10.0.0.9']);
  assert.deepEqual(rows(read(ciscoFormat, [line], { ...options, protocols: 'tcp' })), []);
});

test('numbered records: what is missing is lost; other hosts of the file are none of ours', () => {
  const line = (n: number, second: number, more = '', host = 'cgn3') =>
    `<14>1 2026-11-22T18:30:${String(second).padStart(2, '0')}+09:00 ${host} RT_NAT - ${more}[meta sequenceId="${n}"]`;
  const alloc =
    'RT_SRC_NAT_PBA_ALLOC [junos@1 internal-ip="10.0.0.1" reflexive-ip="203.0.113.1" block-port-low="2048" block-port-high="2559"]';
  const lost = (lines: readonly string[]) =>
    read(juniperFormat, lines, J).events.flatMap(e => (e.what === 'lost' ? [[e.from - at, e.at - at]] : []));
  assert.deepEqual(lost([line(7, 45, alloc), line(8, 46), line(9, 50, alloc)]), []);
  assert.deepEqual(lost([line(7, 45, alloc), line(10, 50, alloc)]), [[0, 5_000]]);
  assert.deepEqual(lost([line(7, 45, alloc), line(9, 50)]), [[0, 5_000]]);
  // Overtaken on the way, repeated, and begun anew.
  assert.deepEqual(lost([line(7, 45, alloc), line(9, 50, alloc), line(8, 46, alloc), line(10, 51, alloc)]), [
    [0, 5_000],
  ]);
  assert.deepEqual(lost([line(7, 45, alloc), line(7, 45, alloc)]), []);
  assert.deepEqual(lost([line(7, 45, alloc), line(1, 55, alloc)]), [[0, 10_000]]);
  assert.deepEqual(lost([line(7, 45, '', 'other'), line(9, 50, '', 'other')]), []);
  const heard = read(juniperFormat, [line(7, 45, '', 'other'), line(8, 46, alloc), line(9, 47)], J).events;
  assert.deepEqual(
    heard.map(e => [e.what, e.exporter]),
    [
      ['begin', 'cgn3'],
      ['heard', 'cgn3'],
    ],
  );
});

test('the state goes on where a parser is taken up again', () => {
  const line = (n: number) =>
    `<14>1 2026-11-22T18:30:45+09:00 cgn3 RT_NAT - RT_SRC_NAT_PBA_ALLOC [junos@1 internal-ip="10.0.0.1" reflexive-ip="203.0.113.1" block-port-low="2048" block-port-high="2559"][meta sequenceId="${n}"]`;
  const first = juniperFormat.open('a', J) as Parser & { save(): unknown };
  first.line?.(line(5), 1);
  const saved = JSON.parse(JSON.stringify(first.save()));
  assert.equal(read(juniperFormat, [line(9)], { ...J, saved }).events[0]?.what, 'lost');
  assert.equal(read(juniperFormat, [line(6)], { ...J, saved }).events[0]?.what, 'begin');
});

test('any text, and any change to sound lines: never throws, never takes long', () => {
  const sound = [
    `${HEAD}[UserbasedA - 10.0.0.9 blue - 203.0.113.5 - 1024 1535 - - ][SessionbasedAD 6 10.0.0.9 blue - 203.0.113.6 4000 1200 - 198.51.100.77 443 ]`,
    'Nov 22 18:30:46 srx RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.10.10/46776->198.51.100.77/80 junos-http 203.0.113.72/53328->198.51.100.77/80 None None 6 permit',
    '2026-11-22T18:30:45.87+09:00 192.0.2.58 a10 NAT-TCP-C: 100.64.0.9:10000<->198.51.100.77:443,203.0.113.9:12000<-->198.51.100.77:443',
    '2026-11-22T18:30:45.87+09:00 h t CEF:0|A10|CFW|6|CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=100.65.140.73 sourceTranslatedAddress=203.0.113.12 sourceTranslatedPort=22016 cn3=22271',
  ];
  const formats = [ciscoFormat, juniperFormat, a10Format];
  fc.assert(
    fc.property(
      fc.nat(sound.length - 1),
      fc.nat(300),
      fc.nat(300),
      fc.string({ maxLength: 8 }),
      (i, from, length, put) => {
        const line = sound[i] as string;
        const changed = line.slice(0, from % line.length) + put + line.slice((from % line.length) + (length % 20));
        for (const format of formats)
          for (const event of read(format, [changed], J).events)
            assert.ok(Number.isFinite(event.at) && event.errorMs >= 0);
      },
    ),
    { numRuns: 1_500 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), text => {
      for (const format of formats) read(format, [text], J);
    }),
    { numRuns: 300 },
  );
  // A pattern that backtracks would take minutes here.
  for (const bit of [
    '[',
    ' 2026-',
    '-> ',
    '{',
    'a=',
    ' src=',
    'NAT44 - [',
    'NAT-TCP-C: 1',
    'sequenceId="',
    '[meta ',
    '1.',
    ':',
    '<->',
    '"',
  ])
    for (const head of ['', HEAD, sound[1] as string, `${sound[2]}`.slice(0, 50)])
      for (const format of formats) read(format, [head + bit.repeat(60_000 / bit.length)], J);
});
