import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../../../record/address.ts';
import { Fault } from '../../../../record/fault.ts';
import { isRefused, type LogEvent, type Refused } from '../../event.ts';
import { ipfixFormat } from './ipfix.ts';
import { be, type FieldSpec, joined, message, message9, set, template, u32, u64 } from './messages.ts';

const ip = (text: string) => parseIpv4(text) as number;
const T = 1_790_000_000;

const BLOCK: FieldSpec[] = [
  { number: 323, length: 8 },
  { number: 230, length: 1 },
  { number: 8, length: 4 },
  { number: 12, length: 4 },
  { number: 225, length: 4 },
  { number: 361, length: 2 },
  { number: 362, length: 2 },
  { number: 234, length: 4 },
  { number: 284, length: 65_535 },
  { number: 28, length: 16, enterprise: 12_276 },
];
/** 198.51.100.77 stands where destinations stand. */
const block = (event: number, at: number, inside: string, outside: string, from: number, to: number, vrf = 0) => [
  ...u64(at),
  event,
  ...u32(ip(inside)),
  ...u32(ip('198.51.100.77')),
  ...u32(ip(outside)),
  ...be(from, 2),
  ...be(to, 2),
  ...u32(vrf),
  ...[4, 0x70, 0x6f, 0x6f, 0x6c],
  ...be(0xdead_beefn, 16),
];
const SESSION: FieldSpec[] = [
  { number: 230, length: 1 },
  { number: 4, length: 1 },
  { number: 27, length: 16 },
  { number: 7, length: 2 },
  { number: 11, length: 2 },
  { number: 225, length: 4 },
  { number: 227, length: 2 },
  { number: 148, length: 8 },
];

const split = (all: readonly (LogEvent | Refused)[]) => ({
  events: all.filter(one => !isRefused(one)) as LogEvent[],
  refused: all.filter(isRefused).map(r => r.refused),
});
function read(bytes: Uint8Array, options: Record<string, unknown> = {}, step = bytes.length || 1) {
  const parser = ipfixFormat.open('f', { natEvents: 'rfc8158', ...options });
  const out: (LogEvent | Refused)[] = [];
  for (let at = 0; at < bytes.length; at += step) out.push(...(parser.bytes?.(bytes.slice(at, at + step)) ?? []));
  out.push(...parser.end(true));
  return split(out);
}
const holds = (events: readonly LogEvent[]) =>
  events.flatMap(e =>
    'holder' in e && e.holder.family === 4
      ? [[e.what, e.subscriber, e.holder.address, e.holder.portFrom, e.holder.portTo, e.at] as const]
      : [],
  );

const at = T * 1000;
const DAY_OF_BLOCKS = [
  message(T, 0, 7, [set(2, template(256, BLOCK))]),
  message(T + 1, 0, 7, [set(256, block(16, at + 500, '10.0.0.9', '203.0.113.5', 1024, 1535, 3), 2)]),
  message(T + 9, 1, 7, [
    set(256, [
      ...block(16, at + 8_000, '10.0.0.10', '203.0.113.5', 1536, 2047, 3),
      ...block(17, at + 8_500, '10.0.0.9', '203.0.113.5', 1024, 1535, 3),
    ]),
  ]),
];

test('blocks by RFC 8158, with the realm, variable-length fields and padding', () => {
  const { events, refused } = read(joined(DAY_OF_BLOCKS), { realms: { 3: 'blue' }, exporter: 'cgn1' });
  assert.deepEqual(refused, []);
  assert.deepEqual(holds(events), [
    ['begin', '@blue/10.0.0.9', ip('203.0.113.5'), 1024, 1535, at + 500],
    ['begin', '@blue/10.0.0.10', ip('203.0.113.5'), 1536, 2047, at + 8_000],
    ['end', '@blue/10.0.0.9', ip('203.0.113.5'), 1024, 1535, at + 8_500],
  ]);
  const [begin, end] = events.filter(e => 'holder' in e && e.subscriber === '@blue/10.0.0.9') as { session: string }[];
  assert.equal(begin?.session, end?.session);
  assert.ok(events.every(e => e.exporter === 'cgn1/7' && e.what !== 'lost'));
});

test('however the bytes are cut', () => {
  const bytes = joined(DAY_OF_BLOCKS);
  const whole = read(bytes);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), step => assert.deepEqual(read(bytes, {}, step), whole)),
  );
});

test('sessions of DS-Lite and NAT64 are tied by their flow id; the inside is IPv6; no time of their own is a doubt', () => {
  const inside = 0x20010db8_00000000_00000000_00000001n;
  const session = (event: number) => [
    event,
    6,
    ...be(inside, 16),
    ...be(4_000, 2),
    ...be(443, 2),
    ...u32(ip('203.0.113.5')),
    ...be(2_000, 2),
    ...u64(77),
  ];
  const { events } = read(
    joined([
      message(T, 0, 0, [set(2, template(300, SESSION)), set(300, session(6))]),
      message(T + 5, 1, 0, [set(300, session(7))]),
    ]),
  );
  assert.deepEqual(holds(events), [
    ['begin', '@2001:db8::1', ip('203.0.113.5'), 2_000, 2_000, at],
    ['end', '@2001:db8::1', ip('203.0.113.5'), 2_000, 2_000, at + 5_000],
  ]);
  const [first] = events;
  assert.ok(first && first.errorMs === 10_000 && 'session' in first && first.session.endsWith(' 6! #77'));
  assert.equal(first.exporter, 'ipfix');
});

test('the vocabulary is declared, and a box that uses another is found out', () => {
  assert.throws(
    () => ipfixFormat.open('f', {}),
    (thrown: unknown) => thrown instanceof Fault && thrown.code === 'input',
  );
  assert.throws(() => ipfixFormat.open('f', { natEvents: 'rfc' }), Fault);
  const of = (event: number, natEvents: string) => {
    const { events, refused } = read(
      message(T, 0, 0, [
        set(2, template(256, BLOCK)),
        set(256, block(event, at, '10.0.0.9', '203.0.113.5', 1024, 1535)),
      ]),
      { natEvents },
    );
    return holds(events)[0]?.[0] ?? (refused.length > 0 ? 'refused' : 'heard');
  };
  assert.deepEqual(
    [1, 2, 3, 16].map(e => of(e, 'nel')),
    ['begin', 'end', 'refused', 'refused'],
  );
  // 14 and 15 are blocks in the draft that Junos follows, and pairings of addresses in the standard.
  assert.deepEqual(
    [14, 15, 16, 17, 200].map(e => of(e, 'rfc8158')),
    ['refused', 'refused', 'begin', 'end', 'refused'],
  );
  assert.deepEqual(
    [14, 15, 16, 12].map(e => of(e, 'draft02')),
    ['begin', 'end', 'refused', 'refused'],
  );
});

test('a step takes a range apart, within bounds', () => {
  const fields: FieldSpec[] = [
    { number: 230, length: 1 },
    { number: 8, length: 4 },
    { number: 225, length: 4 },
    { number: 361, length: 2 },
    { number: 363, length: 2 },
    { number: 364, length: 2 },
  ];
  const of = (from: number, step: number, ports: number) =>
    read(
      message(T, 0, 0, [
        set(2, template(256, fields)),
        set(256, [
          16,
          ...u32(ip('10.0.0.9')),
          ...u32(ip('203.0.113.5')),
          ...be(from, 2),
          ...be(step, 2),
          ...be(ports, 2),
        ]),
      ]),
    );
  assert.deepEqual(
    holds(of(2_000, 2, 3).events).map(h => [h[3], h[4]]),
    [2_000, 2_002, 2_004].map(port => [port, port]),
  );
  assert.deepEqual(
    holds(of(2_000, 1, 512).events).map(h => [h[3], h[4]]),
    [[2_000, 2_511]],
  );
  for (const [from, step, ports] of [
    [2_000, 0, 3],
    [2_000, 2, 0],
    [2_000, 2, 2_000],
    [65_000, 2, 1_000],
    [80, 1, 10],
  ])
    assert.equal(of(from as number, step as number, ports as number).refused.length, 1);
});

test('what is missing is lost: sequence numbers, an exporter that counts anew, records without their template', () => {
  const lost = (parts: readonly Uint8Array[]) =>
    read(joined(parts)).events.flatMap(e => (e.what === 'lost' ? [[e.from - at, e.at - at]] : []));
  const [templates, first, second] = DAY_OF_BLOCKS as [Uint8Array, Uint8Array, Uint8Array];
  assert.deepEqual(lost(DAY_OF_BLOCKS), []);
  assert.deepEqual(lost([templates, second]), [[0, 9_000]]);
  assert.deepEqual(lost([templates, first, second, message(T + 60, 0, 7, [])]), [[9_000, 60_000]]);
  // Overtaken on the way: a gap when it is found, none when the late one comes.
  assert.deepEqual(lost([templates, second, first, message(T + 10, 3, 7, [])]), [[0, 9_000]]);
  assert.deepEqual(lost([first, templates]), [[1_000, 1_000]]);
  assert.deepEqual(lost([message(T, 0, 7, []), first]), [[0, 1_000]]);
  assert.equal(read(first).refused.length, 1);
  // Another domain counts for itself.
  assert.deepEqual(lost([templates, first, message(T + 2, 0, 8, []), second]), []);
  const wrapped = [
    message(T, 2 ** 32 - 1, 7, [
      set(2, template(256, BLOCK)),
      set(256, block(16, at, '10.0.0.9', '203.0.113.5', 1024, 1535)),
    ]),
  ];
  assert.deepEqual(lost([...wrapped, message(T + 1, 0, 7, [])]), []);
});

test('templates are withdrawn, one or all; options are stepped over; state goes on in the next file', () => {
  const [templates, first, second] = DAY_OF_BLOCKS as [Uint8Array, Uint8Array, Uint8Array];
  const withdrawn = (id: number) => message(T, 0, 7, [set(2, [...be(id, 2), 0, 0])]);
  assert.equal(holds(read(joined([templates, withdrawn(256), first])).events).length, 0);
  assert.equal(holds(read(joined([templates, withdrawn(2), first])).events).length, 0);
  assert.equal(holds(read(joined([templates, withdrawn(257), first])).events).length, 1);
  const options = set(3, [
    ...be(400, 2),
    ...be(2, 2),
    ...be(1, 2),
    ...be(149, 2),
    ...be(4, 2),
    ...be(8, 2),
    ...be(4, 2),
  ]);
  const described = message(T, 0, 7, [options, set(400, [...u32(7), ...u32(1), ...u32(7), ...u32(2)])]);
  const both = read(joined([described, message(T, 2, 7, [set(2, template(256, BLOCK))])]));
  assert.deepEqual([both.refused, both.events.filter(e => e.what !== 'heard')], [[], []]);
  const one = ipfixFormat.open('a', { natEvents: 'rfc8158' }) as ReturnType<typeof ipfixFormat.open> & {
    save(): unknown;
  };
  one.bytes?.(joined([templates, first]));
  const saved = JSON.parse(JSON.stringify(one.save()));
  assert.equal(holds(read(second, { saved }).events).length, 2);
});

test('NetFlow v9, whose messages do not say how long they are', () => {
  const fields = BLOCK.filter(f => f.length !== 65_535 && f.enterprise === undefined);
  const body = (event: number, time: number) => block(event, time, '10.0.0.9', '203.0.113.5', 1024, 1535).slice(0, 29);
  const bytes = joined([
    message9(T, 5, 0, [set(0, template(256, fields)), set(256, [...body(1, at), ...body(2, at + 50)], 2)]),
    message9(T + 1, 6, 0, [set(256, body(1, at + 900), 3)]),
    message9(T + 2, 9, 0, [set(256, body(2, at + 1_900), 3)]),
  ]);
  for (const step of [bytes.length, 1, 7, 33]) {
    const { events, refused } = read(bytes, { natEvents: 'nel' }, step);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      holds(events).map(h => [h[0], h[5] - at]),
      [
        ['begin', 0],
        ['end', 50],
        ['begin', 900],
        ['end', 1_900],
      ],
    );
    assert.deepEqual(
      events.filter(e => e.what === 'lost').map(e => e.at - at),
      [2_000],
    );
  }
});

test('clocks that disagree are a doubt', () => {
  const error = (time: number) =>
    read(
      message(T, 0, 0, [
        set(2, template(256, BLOCK)),
        set(256, block(16, time, '10.0.0.9', '203.0.113.5', 1024, 1535)),
      ]),
    ).events[0]?.errorMs;
  assert.equal(error(at - 30_000), 0);
  assert.equal(error(at + 900), 0);
  assert.equal(error(at + 5_000), 5_000);
  assert.equal(error(at - 3_600_000), 3_600_000);
});

test('what makes no sense is named', () => {
  const fails = (bytes: Uint8Array) => read(bytes).refused[0] ?? '';
  const [templates, first] = DAY_OF_BLOCKS as [Uint8Array, Uint8Array];
  assert.match(fails(Uint8Array.from([0, 11, 0, 20])), /no message of IPFIX/);
  assert.match(fails(Uint8Array.from([0, 10, 0, 15])), /no message of IPFIX/);
  assert.match(fails(templates.slice(0, 20)), /cut off/);
  assert.match(fails(message(T, 0, 0, [[1, 0, 0, 200]])), /longer than its message/);
  assert.match(fails(message(T, 0, 0, [set(5, [1])])), /reserved/);
  assert.match(fails(message(T, 0, 0, [set(2, template(256, BLOCK).slice(0, 12))])), /template is cut off/);
  assert.match(fails(message(T, 0, 0, [set(2, template(256, [{ number: 8, length: 0 }]))])), /no length/);
  assert.match(fails(message(T, 0, 0, [set(2, template(256, [{ number: 8, length: 3 }]))])), /cannot have/);
  assert.match(fails(message(T, 0, 0, [set(2, template(256, [...BLOCK, { number: 8, length: 4 }]))])), /twice/);
  assert.match(
    fails(
      message(T, 0, 0, [
        set(
          2,
          template(
            256,
            BLOCK.filter(f => f.number !== 230),
          ),
        ),
      ]),
    ),
    /no natEvent/,
  );
  assert.match(fails(message(T, 0, 0, [set(2, template(9, BLOCK))])), /number of a set/);
  assert.match(
    fails(joined([templates, message(T, 0, 7, [set(256, block(16, at, '10.0.0.9', '203.0.113.5', 2_000, 1_500))])])),
    /no range/,
  );
  assert.match(
    fails(joined([templates, first.slice(0, first.length - 4).with(3, first.length - 4)])),
    /longer|cut off/,
  );
});

test('any bytes, and any change to sound ones: never throws, never without bound', () => {
  const sound = joined(DAY_OF_BLOCKS);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 64 }), (bytes, step) => {
      read(bytes, {}, step);
    }),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('nel', 'rfc8158', 'draft02'),
      (changes, natEvents) => {
        const bytes = sound.slice();
        for (const [where, value] of changes) bytes[where] = value;
        const { events, refused } = read(bytes, { natEvents });
        assert.ok(events.length + refused.length <= bytes.length * 4);
        for (const e of events) {
          assert.ok(Number.isFinite(e.at) && e.errorMs >= 0);
          if ('holder' in e && e.holder.family === 4) {
            assert.ok(e.holder.portFrom >= 1_024 && e.holder.portFrom <= e.holder.portTo && e.holder.portTo <= 65_535);
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('templates are bounded in number', () => {
  const parser = ipfixFormat.open('f', { natEvents: 'nel' });
  let refused = 0;
  for (let domain = 0; domain < 50; domain++) {
    const many = Array.from({ length: 200 }, (_, i) => template(256 + i, [{ number: 8, length: 4 }])).flat();
    refused += split(parser.bytes?.(message(T, 0, domain, [set(2, many)])) ?? []).refused.length;
  }
  assert.equal(refused, 10_000 - 4_096);
});
