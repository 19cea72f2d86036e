/**
 * Which frames the kernel puts into the capture ring, as a program of the classic packet filter (McCanne and Jacobson, The
 * BSD Packet Filter; linux/filter.h). In: our address and port. Out: instructions. It only keeps other traffic away from
 * us: what passes is anybody's still, and judged by reply.ts and the cookie.
 *
 * Kept: IPv4 to our address that is TCP to our port with ACK or RST, or ICMP destination-unreachable or time-exceeded.
 */

/** `struct sock_filter`: how far to jump when true and when false counts from the next instruction. */
export interface Instruction {
  readonly code: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly k: number;
}

/** The longest SYN-ACK, and the longest quotation with options in both IP headers, end before this byte. */
const KEPT_BYTES = 160;

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const LOAD_HALF_AT_X = 0x48;
const LOAD_BYTE_AT_X = 0x50;
/** X = 4 × (the low half of byte k): the length of an IPv4 header. */
const LOAD_HEADER_LENGTH = 0xb1;
const JUMP_EQUAL = 0x15;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const KEEP = 'keep';
const DROP = 'drop';
type Line = readonly [code: number, k: number, whenTrue?: string, whenFalse?: string, label?: string];

const ETHERNET = 14;

function lines(source: number, sourcePort: number): Line[] {
  return [
    [LOAD_HALF, 12],
    [JUMP_EQUAL, 0x0800, '', DROP],
    [LOAD_WORD, ETHERNET + 16],
    [JUMP_EQUAL, source, '', DROP],
    [LOAD_HALF, ETHERNET + 6],
    [JUMP_ANY_BIT, 0x1fff, DROP, ''],
    [LOAD_HEADER_LENGTH, ETHERNET],
    [LOAD_BYTE, ETHERNET + 9],
    [JUMP_EQUAL, 1, 'icmp', ''],
    [JUMP_EQUAL, 6, '', DROP],
    [LOAD_HALF_AT_X, ETHERNET + 2],
    [JUMP_EQUAL, sourcePort, '', DROP],
    [LOAD_BYTE_AT_X, ETHERNET + 13],
    [JUMP_ANY_BIT, 0x14, KEEP, DROP],
    [LOAD_BYTE_AT_X, ETHERNET, '', '', 'icmp'],
    [JUMP_EQUAL, 3, KEEP, ''],
    [JUMP_EQUAL, 11, KEEP, DROP],
    [RETURN, KEPT_BYTES, '', '', KEEP],
    [RETURN, 0, '', '', DROP],
  ];
}

export function replyFilter(source: number, sourcePort: number): Instruction[] {
  const program = lines(source, sourcePort);
  const labels = new Map(program.map(([, , , , label], n) => [label, n]));
  return program.map(([code, k, whenTrue = '', whenFalse = ''], n) => {
    const jump = (to: string): number => (to === '' ? 0 : (labels.get(to) as number) - n - 1);
    return { code, whenTrue: jump(whenTrue), whenFalse: jump(whenFalse), k };
  });
}

/** As the kernel takes it: eight bytes an instruction, in the machine's order. */
export function filterBytes(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, whenTrue, whenFalse, k }, n) => {
    view.setUint16(n * 8, code, true);
    view.setUint8(n * 8 + 2, whenTrue);
    view.setUint8(n * 8 + 3, whenFalse);
    view.setUint32(n * 8 + 4, k, true);
  });
  return bytes;
}
