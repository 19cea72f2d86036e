/**
 * Two small XDP programs as eBPF instructions (RFC 9669), written out. `answering` turns every TCP SYN round and sends it
 * back as a SYN-ACK or a RST; `counting` lets everything pass. Both count; neither needs a compiler. In: what to answer, a
 * map. Out: 8 bytes an instruction.
 */

/** Where the counters lie in the map's one value, 8 bytes each. */
export const COUNTERS = { answered: 0, passed: 8, bytes: 16 } as const;

const R0 = 0;
const R1 = 1;
const R2 = 2;
const R3 = 3;
const R4 = 4;
const R5 = 5;
const R7 = 7;
/** Size of a load or store. */
const W = 0x00;
const H = 0x08;
const B = 0x10;
const DW = 0x18;
type Size = typeof W | typeof H | typeof B | typeof DW;
const XDP_PASS = 2;
const XDP_TX = 3;

type Instruction = readonly [opcode: number, registers: number, offset: number | 'pass', immediate: number];

const registers = (target: number, source: number): number => (source << 4) | target;
const load = (size: Size, target: number, from: number, offset: number): Instruction => [
  0x61 | size,
  registers(target, from),
  offset,
  0,
];
const store = (size: Size, at: number, offset: number, value: number): Instruction => [
  0x63 | size,
  registers(at, value),
  offset,
  0,
];
const move = (target: number, source: number): Instruction => [0xbf, registers(target, source), 0, 0];
const set = (target: number, value: number): Instruction => [0xb7, target, 0, value];
const add = (target: number, value: number): Instruction => [0x07, target, 0, value];
const addRegister = (target: number, source: number): Instruction => [0x0f, registers(target, source), 0, 0];
const and = (target: number, value: number): Instruction => [0x57, target, 0, value];
const shiftRight = (target: number, bits: number): Instruction => [0x77, target, 0, bits];
/** To or from network order. */
const bigEndian = (target: number, bits: 16 | 32): Instruction => [0xdc, target, 0, bits];
const passUnless = (register: number, value: number): Instruction => [0x55, register, 'pass', value];
const passIfGreater = (register: number, than: number): Instruction => [0x2d, registers(register, than), 'pass', 0];
/** Adds a register to eight bytes of memory, whole. */
const count = (at: number, offset: number, value: number): Instruction => [0xdb, registers(at, value), offset, 0];
const EXIT: Instruction = [0x95, 0, 0, 0];
/** The address of the map's value: two slots. */
const mapValue = (target: number, map: number): Instruction[] => [
  [0x18, registers(target, 2), 0, map],
  [0, 0, 0, 0],
];
const swap = (size: Size, one: number, other: number): Instruction[] => [
  load(size, R4, R2, one),
  load(size, R5, R2, other),
  store(size, R2, one, R5),
  store(size, R2, other, R4),
];

/** Ethernet 14, IPv4 without options 20, then TCP. */
const IP = 14;
const TCP = 34;

function assemble(body: readonly Instruction[], map: number): Uint8Array {
  const pass = [set(R1, 1), count(R7, COUNTERS.passed, R1), set(R0, XDP_PASS), EXIT];
  const all = [...mapValue(R7, map), ...body];
  const bytes = new Uint8Array((all.length + pass.length) * 8);
  const view = new DataView(bytes.buffer);
  [...all, ...pass].forEach(([opcode, both, offset, immediate], n) => {
    view.setUint8(n * 8, opcode);
    view.setUint8(n * 8 + 1, both);
    view.setInt16(n * 8 + 2, offset === 'pass' ? all.length - n - 1 : offset, true);
    view.setInt32(n * 8 + 4, immediate, true);
  });
  return bytes;
}

export const counting = (map: number): Uint8Array => assemble([], map);

/**
 * Acknowledges sequence + 1 and leaves the rest of the frame as it was. Addresses and ports that only change places leave
 * both checksums right; what the sum gains by the flags and by the 1 is taken off it (RFC 1624).
 */
export function answering(with_: 'syn-ack' | 'rst', map: number): Uint8Array {
  const flags = with_ === 'syn-ack' ? 0x12 : 0x14;
  const gained = flags - 0x02 + 1;
  return assemble(
    [
      load(W, R2, R1, 0),
      load(W, R3, R1, 4),
      move(R4, R2),
      add(R4, TCP + 20),
      passIfGreater(R4, R3),
      load(H, R4, R2, 12),
      passUnless(R4, 0x0008),
      load(B, R4, R2, IP),
      passUnless(R4, 0x45),
      load(B, R4, R2, IP + 9),
      passUnless(R4, 6),
      load(B, R4, R2, TCP + 13),
      and(R4, 0x3f),
      passUnless(R4, 0x02),
      ...swap(W, 0, 6),
      ...swap(H, 4, 10),
      ...swap(W, IP + 12, IP + 16),
      ...swap(H, TCP, TCP + 2),
      load(W, R4, R2, TCP + 4),
      load(W, R5, R2, TCP + 8),
      store(W, R2, TCP + 4, R5),
      bigEndian(R4, 32),
      add(R4, 1),
      bigEndian(R4, 32),
      store(W, R2, TCP + 8, R4),
      set(R4, flags),
      store(B, R2, TCP + 13, R4),
      load(H, R4, R2, TCP + 16),
      bigEndian(R4, 16),
      add(R4, 0xffff - gained),
      move(R5, R4),
      shiftRight(R5, 16),
      and(R4, 0xffff),
      addRegister(R4, R5),
      bigEndian(R4, 16),
      store(H, R2, TCP + 16, R4),
      set(R1, 1),
      count(R7, COUNTERS.answered, R1),
      set(R0, XDP_TX),
      EXIT,
    ],
    map,
  );
}
