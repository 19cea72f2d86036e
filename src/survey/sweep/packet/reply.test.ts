import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emptyReply, ICMP, type Reply, RST, readReply, SYN_ACK } from './reply.ts';

const US = 0xc6120001;
const THEM = 0xc0000207;
const OUR_PORT = 61_007;
const COOKIE = 0xfedcba98;
const SYN = 2;
const ACK = 16;

const bytes16 = (n: number) => [(n >>> 8) & 255, n & 255];
const bytes32 = (n: number) => [...bytes16(n >>> 16), ...bytes16(n & 0xffff)];

interface Made {
  readonly flags?: number;
  readonly acknowledges?: number;
  readonly options?: readonly number[];
  readonly ipOptions?: readonly number[];
  readonly tags?: readonly number[];
  readonly padding?: number;
}

const ip = (
  protocol: number,
  from: number,
  to: number,
  payload: readonly number[],
  options: readonly number[] = [],
) => {
  const header = 20 + options.length;
  return [
    ...[0x40 | (header / 4), 0, ...bytes16(header + payload.length), 0, 0, 0x40, 0, 57, protocol, 0, 0],
    ...bytes32(from),
    ...bytes32(to),
    ...options,
    ...payload,
  ];
};
const ethernet = (payload: readonly number[], tags: readonly number[] = []) =>
  Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...tags, 8, 0, ...payload]);
const tcp = (flags: number, acknowledges: number, options: readonly number[]) => [
  ...bytes16(23),
  ...bytes16(OUR_PORT),
  ...bytes32(0x01020304),
  ...bytes32(acknowledges),
  ...[((20 + options.length) / 4) << 4, flags, ...bytes16(29_200), 0, 0, 0, 0],
  ...options,
];
const made = ({ flags = SYN | ACK, acknowledges = COOKIE + 1, options = [], ipOptions, tags, padding = 0 }: Made) =>
  ethernet([...ip(6, THEM, US, tcp(flags, acknowledges, options), ipOptions), ...new Array(padding).fill(0xee)], tags);
/** The quoted packet is our own SYN, cut after eight bytes of TCP as RFC 792 lets a router. */
const icmp = (type: number, code: number, quoted: readonly number[]) =>
  ethernet(ip(1, 0x0a000001, US, [type, code, 0, 0, 0, 0, 0, 0, ...quoted]));
const quotedSyn = (options: readonly number[] = []) =>
  ip(6, US, THEM, [...bytes16(OUR_PORT), ...bytes16(23), ...bytes32(COOKIE)], options);

function read(frame: Uint8Array): Reply | undefined {
  const into = emptyReply();
  return readReply(frame, 0, frame.length, into) ? into : undefined;
}

test('a SYN-ACK says whose it is, and how its machine speaks TCP', () => {
  const options = [2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7];
  assert.deepEqual(read(made({ options })), {
    kind: SYN_ACK,
    address: THEM,
    port: 23,
    source: US,
    sourcePort: OUR_PORT,
    sequence: COOKIE,
    ttl: 57,
    window: 29_200,
    options: 'M1460,S,T,N,W7',
    code: 0,
  });
});

test('a reset is one with and without the flag that says its acknowledgement counts', () => {
  for (const flags of [4, 4 | ACK])
    assert.deepEqual({ ...read(made({ flags })) }, { ...read(made({})), kind: RST, options: '' });
});

test('an acknowledgement of 0 is the cookie before it', () => {
  assert.equal(read(made({ acknowledges: 0 }))?.sequence, 0xffffffff);
});

test('an ICMP message is about what it quotes', () => {
  for (const [type, code] of [
    [3, 1],
    [3, 13],
    [11, 0],
  ] as const)
    for (const options of [[], [1, 1, 1, 0]]) {
      const reply = read(icmp(type, code, quotedSyn(options)));
      assert.equal(reply?.kind, ICMP);
      assert.equal(reply.address, THEM);
      assert.equal(reply.port, 23);
      assert.equal(reply.source, US);
      assert.equal(reply.sourcePort, OUR_PORT);
      assert.equal(reply.sequence, COOKIE);
      assert.equal(reply.code, type * 256 + code);
    }
});

test('tags of a VLAN, options of IP and padding of the wire change nothing', () => {
  const plain = read(made({}));
  const tag = [0x81, 0, 0, 5];
  for (const other of [
    made({ tags: tag }),
    made({ tags: [0x88, 0xa8, 0, 9, ...tag] }),
    made({ ipOptions: [7, 7, 4, 0, 0, 0, 0, 0] }),
    made({ padding: 6 }),
  ])
    assert.deepEqual(read(other), plain);
});

for (const [name, frame] of [
  ['another kind of Ethernet', Uint8Array.from(made({}), (byte, at) => (at === 13 ? 6 : byte))],
  ['three tags', made({ tags: [0x81, 0, 0, 5, 0x81, 0, 0, 5, 0x81, 0, 0, 5] })],
  ['IP of another version', Uint8Array.from(made({}), (byte, at) => (at === 14 ? 0x65 : byte))],
  ['an IP header too short', Uint8Array.from(made({}), (byte, at) => (at === 14 ? 0x44 : byte))],
  ['a later fragment', Uint8Array.from(made({}), (byte, at) => (at === 21 ? 3 : byte))],
  ['a length of IP that holds no TCP', Uint8Array.from(made({}), (byte, at) => (at === 17 ? 39 : byte))],
  ['UDP', Uint8Array.from(made({}), (byte, at) => (at === 23 ? 17 : byte))],
  ['a SYN', made({ flags: SYN })],
  ['an ACK', made({ flags: ACK })],
  ['an echo', icmp(8, 0, quotedSyn())],
  ['ICMP that quotes ICMP', icmp(3, 1, ip(1, US, THEM, [8, 0, 0, 0, 0, 0, 0, 0]))],
  [
    'ICMP that quotes a later fragment',
    icmp(
      3,
      1,
      quotedSyn().map((byte, at) => (at === 7 ? 1 : byte)),
    ),
  ],
  ['ICMP that quotes an impossible header', icmp(3, 1, [0x4f, ...quotedSyn().slice(1)])],
  ['ICMP that quotes too little', icmp(3, 1, quotedSyn().slice(0, 27))],
] as const)
  test(`no reply: ${name}`, () => {
    assert.equal(read(frame), undefined);
  });

test('options that are malformed are told so far, and marked', () => {
  const optionsOf = (options: readonly number[]) => read(made({ options }))?.options;
  assert.equal(optionsOf([2, 4, 5, 0xb4, 3, 0, 0, 0]), 'M1460,!');
  assert.equal(optionsOf([2, 4, 5, 0xb4, 3, 9, 0, 0]), 'M1460,!');
  assert.equal(optionsOf([1, 1, 1, 8]), 'N,N,N,!');
  assert.equal(optionsOf([2, 3, 5, 0]), 'K2');
  assert.equal(optionsOf([254, 4, 0, 0]), 'K254');
  // A header that claims more than came is read as far as it goes.
  const cut = made({ options: [2, 4, 5, 0xb4] });
  const into = emptyReply();
  assert.equal(readReply(cut, 0, cut.length - 2, into), true);
  assert.equal(into.options, '!');
});

test('cut at any byte, in any place of a larger memory, it reads what is there and nothing beside it', () => {
  const options = [2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7];
  for (const frame of [made({ options }), made({ options, tags: [0x81, 0, 0, 5] }), icmp(3, 1, quotedSyn())])
    for (const fill of [0, 0xff, 0x45])
      for (let length = 0; length <= frame.length; length++) {
        const cut = emptyReply();
        const found = readReply(frame.subarray(0, length), 0, length, cut);
        const memory = new Uint8Array(300).fill(fill);
        memory.set(frame.subarray(0, length), 64);
        const inside = emptyReply();
        assert.equal(readReply(memory, 64, length, inside), found);
        if (found) assert.deepEqual(inside, cut);
      }
});

const anyFrame = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(
      fc.constantFrom(
        made({ options: [2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7] }),
        made({ tags: [0x81, 0, 0, 1] }),
        icmp(3, 3, quotedSyn()),
        icmp(11, 0, quotedSyn([1, 1, 1, 0])),
      ),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([frame, edits]) => {
      const bent = Uint8Array.from(frame);
      for (const [at, value] of edits) bent[at % bent.length] = value;
      return bent;
    }),
);

test('whatever comes, it does not throw, stays in range, and says the same twice', () => {
  fc.assert(
    fc.property(anyFrame, fc.nat(220), fc.integer({ min: -3, max: 5 }), (frame, length, from) => {
      const one = emptyReply();
      const two = { ...emptyReply(), options: 'old', code: 999, address: 1 };
      const found = readReply(frame, from, length, one);
      assert.equal(readReply(frame, from, length, two), found);
      assert.equal(found, one.kind !== 0);
      if (!found) return;
      assert.deepEqual(one, two);
      for (const port of [one.port, one.sourcePort]) assert.ok(port >= 0 && port <= 0xffff);
      for (const word of [one.address, one.source, one.sequence]) assert.ok(word >= 0 && word <= 0xffffffff);
      assert.ok(one.options.length <= 40 * 5);
    }),
    { numRuns: 20_000 },
  );
});
