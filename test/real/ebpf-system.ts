/**
 * The one system call of eBPF, bpf(2), for tests and benchmarks on Linux x86-64 or arm64: a map of one value, a program
 * loaded, a program tied to an interface. What is tied comes off when this process ends. Needs root. In: instructions of
 * ebpf.ts. Out: the counters.
 */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const syscall: (number: number, command: number, attributes: Uint8Array, size: number) => number = libc.func(
  'long syscall(long, int, void *, uint32_t)',
);
const mmap: (at: null, length: number, prot: number, flags: number, fd: number, offset: number) => bigint = libc.func(
  'void *mmap(void *, size_t, int, int, int, long)',
);

const SYS_BPF = process.arch === 'x64' ? 321 : 280;
const MAP_CREATE = 0;
const MAP_LOOKUP = 1;
const PROG_LOAD = 5;
const LINK_CREATE = 28;
const MAP_TYPE_ARRAY = 2;
const PROG_TYPE_XDP = 6;
const ATTACH_XDP = 37;
/** The driver's own hook: the generic one would cost the sender a copy. */
const DRIVER_MODE = 4;
const PAGE = 4096;
const LOG_BYTES = 16 * PAGE;

/** Memory that stays where it is: the kernel is given its address as a number. */
function page(bytes: number): { readonly address: bigint; readonly memory: Uint8Array } {
  const address = mmap(null, bytes, 3, 0x22, -1, 0);
  return { address, memory: new Uint8Array(koffi.view(address, bytes)) };
}

const attributes = page(PAGE);
const view = new DataView(attributes.memory.buffer);
const data = page(4 * PAGE);
const log = page(LOG_BYTES);
const LICENCE_AT = 3 * PAGE;

function bpf(
  command: number,
  fields: readonly (readonly [at: number, value: number | bigint])[],
  what: string,
): number {
  attributes.memory.fill(0, 0, 128);
  for (const [at, value] of fields)
    if (typeof value === 'bigint') view.setBigUint64(at, value, true);
    else view.setUint32(at, value, true);
  const result = syscall(SYS_BPF, command, attributes.memory, 128);
  if (result >= 0) return result;
  const said = Buffer.from(log.memory).toString('latin1').replace(/\0.*$/s, '').trim();
  throw new Error(`${what}: errno ${koffi.errno()} ${said}`);
}

/** A map whose only value is `bytes` long and begins as zeros. */
export const makeMap = (bytes: number): number =>
  bpf(
    MAP_CREATE,
    [
      [0, MAP_TYPE_ARRAY],
      [4, 4],
      [8, bytes],
      [12, 1],
    ],
    'no map',
  );

export function readMap(map: number, bytes: number): DataView {
  data.memory.fill(0, 0, 8);
  bpf(
    MAP_LOOKUP,
    [
      [0, map],
      [8, data.address],
      [16, data.address + 8n],
    ],
    'the map cannot be read',
  );
  return new DataView(data.memory.slice(8, 8 + bytes).buffer);
}

/** Loads a program and ties it to the interface with this index, for as long as this process lives. */
export function attachXdp(instructions: Uint8Array, index: number): void {
  data.memory.set(instructions, 0);
  data.memory.set(Buffer.from('Apache-2.0\0'), LICENCE_AT);
  const program = bpf(
    PROG_LOAD,
    [
      [0, PROG_TYPE_XDP],
      [4, instructions.length / 8],
      [8, data.address],
      [16, data.address + BigInt(LICENCE_AT)],
      [24, 1],
      [28, LOG_BYTES],
      [32, log.address],
      [68, ATTACH_XDP],
    ],
    'the program was not loaded',
  );
  bpf(
    LINK_CREATE,
    [
      [0, program],
      [4, index],
      [8, ATTACH_XDP],
      [12, DRIVER_MODE],
    ],
    'the program was not attached',
  );
}
