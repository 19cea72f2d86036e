import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filterBytes, replyFilter } from './filter.ts';
import { emptyReply, readReply } from './reply.ts';

const US = 0xc6120001;
const PORT = 61_007;

/** A small interpreter of the kernel's bytes, by the man page of bpf(4): a load outside the packet returns 0. */
function run(program: Uint8Array, packet: Uint8Array): number {
  const view = new DataView(program.buffer);
  let a = 0;
  let x = 0;
  for (let at = 0, steps = 0; steps < 100; steps++) {
    assert.ok(at >= 0 && (at + 1) * 8 <= program.length, 'a jump stays in the program');
    const code = view.getUint16(at * 8, true);
    const k = view.getUint32(at * 8 + 4, true);
    const load = (from: number, bytes: number): number | undefined => {
      if (from + bytes > packet.length) return undefined;
      let value = 0;
      for (let n = 0; n < bytes; n++) value = value * 256 + (packet[from + n] as number);
      return value;
    };
    let next = 0;
    const loaded = { 32: [k, 4], 40: [k, 2], 48: [k, 1], 72: [x + k, 2], 80: [x + k, 1] }[code];
    if (loaded !== undefined) {
      const value = load(...(loaded as [number, number]));
      if (value === undefined) return 0;
      a = value;
    } else if (code === 0xb1) {
      const value = load(k, 1);
      if (value === undefined) return 0;
      x = (value & 15) * 4;
    } else if (code === 0x15) next = view.getUint8(at * 8 + (a === k ? 2 : 3));
    else if (code === 0x45) next = view.getUint8(at * 8 + ((a & k) !== 0 ? 2 : 3));
    else if (code === 0x06) return k;
    else assert.fail(`an instruction that no kernel knows: ${code}`);
    at += 1 + next;
  }
  return assert.fail('it does not end');
}

interface Packet {
  readonly type?: number;
  readonly to?: number;
  readonly fragment?: number;
  readonly protocol?: number;
  readonly ipOptions?: number;
  readonly port?: number;
  readonly flags?: number;
  readonly icmp?: number;
}

function packet(wish: Packet): Uint8Array {
  const { type = 0x0800, to = US, fragment = 0, protocol = 6, ipOptions = 0, port = PORT, flags = 18, icmp } = wish;
  const bytes = new Uint8Array(14 + 20 + 4 * ipOptions + 20);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, type);
  view.setUint8(14, 0x45 + ipOptions);
  view.setUint16(16, bytes.length - 14);
  view.setUint16(20, fragment);
  view.setUint8(23, icmp === undefined ? protocol : 1);
  view.setUint32(30, to);
  const payload = 34 + 4 * ipOptions;
  if (icmp !== undefined) view.setUint8(payload, icmp);
  else {
    view.setUint16(payload + 2, port);
    view.setUint8(payload + 12, 0x50);
    view.setUint8(payload + 13, flags);
  }
  return bytes;
}

const program = filterBytes(replyFilter(US, PORT));
const keeps = (wish: Packet): boolean => run(program, packet(wish)) > 0;

test('it keeps what may be a reply, whole', () => {
  for (const ipOptions of [0, 1, 10]) {
    for (const flags of [16, 18, 4, 20]) assert.equal(keeps({ flags, ipOptions }), true);
    for (const icmp of [3, 11]) assert.equal(keeps({ icmp, ipOptions }), true);
  }
  assert.equal(keeps({ fragment: 0x4000 }), true, 'do not fragment');
  assert.ok(run(program, packet({})) >= 14 + 60 + 60);
  assert.ok(run(program, packet({ icmp: 3 })) >= 14 + 60 + 8 + 60 + 8);
});

for (const [name, wish] of [
  ['IPv6', { type: 0x86dd }],
  ['ARP', { type: 0x0806 }],
  ['another machine’s', { to: US + 1 }],
  ['a later fragment', { fragment: 1 }],
  ['UDP', { protocol: 17 }],
  ['another port', { port: PORT + 1 }],
  ['a SYN', { flags: 2 }],
  ['an echo', { icmp: 8 }],
  ['a redirect', { icmp: 5 }],
] as const)
  test(`it drops ${name}`, () => {
    assert.equal(keeps(wish), false);
  });

test('it ends on any bytes, and drops nothing that would be read as a reply to us', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc
      .tuple(
        fc.constantFrom<Packet>({}, { flags: 4 }, { ipOptions: 3 }, { icmp: 3 }),
        fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([wish, edits]) => {
        const bytes = packet(wish);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        return bytes;
      }),
  );
  fc.assert(
    fc.property(noise, bytes => {
      const kept = run(program, bytes);
      const reply = emptyReply();
      const untagged = bytes[12] === 8 && bytes[13] === 0;
      if (untagged && readReply(bytes, 0, bytes.length, reply) && reply.kind !== 3)
        if (reply.source === US && reply.sourcePort === PORT) assert.ok(kept > 0);
    }),
    { numRuns: 5_000 },
  );
});

test('addresses and ports of the upper half are held as they are', () => {
  const high = filterBytes(replyFilter(0xfffffffe, 65_535));
  assert.ok(run(high, packet({ to: 0xfffffffe, port: 65_535 })) > 0);
  assert.equal(run(high, packet({ to: 0x7ffffffe, port: 65_535 })), 0);
});
