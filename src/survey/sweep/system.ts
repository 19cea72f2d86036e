/**
 * The only file that touches koffi: the few calls of libc that a sweep is made of. Linux on x86-64 or arm64 with glibc;
 * importing it elsewhere throws, and net-connect.ts takes over. Numbers are the kernel's ABI (asm-generic).
 *
 * koffi's way: `errno` is read right after the call it belongs to; typed arrays go to C as pointers to their own memory.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64'))
  throw new Error(`raw connects are for Linux on x64 or arm64, not ${process.platform} on ${process.arch}`);

const libc = koffi.load('libc.so.6');
const socket: (family: number, type: number, protocol: number) => number = libc.func('int socket(int, int, int)');
const connect: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int connect(int, const void *, uint32_t)',
);
const closeFd: (fd: number) => number = libc.func('int close(int)');
const setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number = libc.func(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
const getsockopt: (fd: number, level: number, name: number, value: Int32Array, length: Uint32Array) => number =
  libc.func('int getsockopt(int, int, int, void *, void *)');
const getsockname: (fd: number, address: Uint8Array, length: Uint32Array) => number = libc.func(
  'int getsockname(int, void *, void *)',
);
const epollCreate: (flags: number) => number = libc.func('int epoll_create1(int)');
const epollCtl: (epoll: number, act: number, fd: number, event: Uint8Array) => number = libc.func(
  'int epoll_ctl(int, int, int, const void *)',
);
const epollWait: (epoll: number, events: Uint8Array, most: number, ms: number) => number = libc.func(
  'int epoll_wait(int, void *, int, int)',
);

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_LINGER = 13;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLOUT = 4;
/** `struct epoll_event` is packed on x86-64 and nowhere else. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENT_DATA = process.arch === 'x64' ? 4 : 8;

export const { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EINPROGRESS, EALREADY } =
  constants.errno;
/** Not in Node's table: an ICMP "protocol unreachable", and a host that is down (asm-generic/errno.h). */
export const ENOPROTOOPT = 92;
export const EHOSTDOWN = 112;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number as number, name]));
export const errorName = (errno: number): string => NAMES.get(errno) ?? `errno ${errno}`;

/** `struct sockaddr_in`: family in host order, port and address in network order. */
const sockaddr = new Uint8Array(16);
new DataView(sockaddr.buffer).setUint16(0, AF_INET, true);
/** `struct sockaddr_in6`: family, port, flow, sixteen bytes of address, scope. */
const SOCKADDR6 = 28;
const sockaddr6 = new Uint8Array(SOCKADDR6);
new DataView(sockaddr6.buffer).setUint16(0, AF_INET6, true);
const name = new Uint8Array(SOCKADDR6);
const length = new Uint32Array(1);
const word = new Int32Array(1);
const resetOnClose = new Int32Array([1, 0]);

function aim(address: number, port: number): void {
  sockaddr[2] = port >>> 8;
  sockaddr[3] = port;
  sockaddr[4] = address >>> 24;
  sockaddr[5] = address >>> 16;
  sockaddr[6] = address >>> 8;
  sockaddr[7] = address;
}

/** A descriptor, or -errno. */
export function tcpSocket(family: 4 | 6 = 4): number {
  const fd = socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd >= 0 ? fd : -koffi.errno();
}

/** 0 when connected, else errno. */
export function connectTo(fd: number, address: number, port: number): number {
  aim(address, port);
  return connect(fd, sockaddr, 16) === 0 ? 0 : koffi.errno();
}

export function close(fd: number): void {
  closeFd(fd);
}

/** Closes with a reset: nothing more to the peer, and no TIME_WAIT here. */
export function reset(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, resetOnClose, 8);
  closeFd(fd);
}

/** What became of a non-blocking connect: 0 when connected, else errno. Clears it. */
export function pendingError(fd: number): number {
  length[0] = 4;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, word, length) === 0 ? (word[0] as number) : koffi.errno();
}

/** Our end of a socket as text, IPv6 not shortened; empty when it has none. */
export function localAddress(fd: number): string {
  length[0] = SOCKADDR6;
  if (getsockname(fd, name, length) !== 0) return '';
  if (name[0] === AF_INET) return name.subarray(4, 8).join('.');
  const groups: string[] = [];
  for (let i = 8; i < 24; i += 2) groups.push((((name[i] as number) << 8) | (name[i + 1] as number)).toString(16));
  return groups.join(':');
}

/** The source address the routing table gives for a target: a datagram socket is connected, which sends nothing. */
export const sourceTo = (address: number): string | undefined => sourceBy(AF_INET, fd => connectTo(fd, address, 9));

/** The source address towards ::1; undefined where IPv6 is off. */
export const sourceTo6Loopback = (): string | undefined => byList(LOOPBACK6).sourceTo(0);

function sourceBy(family: number, connectIt: (fd: number) => number): string | undefined {
  const fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  const source = connectIt(fd) === 0 ? localAddress(fd) : '';
  closeFd(fd);
  return source === '' ? undefined : source;
}

/** What an engine's number for an address stands for, and how it is connected to. */
export interface Way {
  familyOf(address: number): 4 | 6;
  connectTo(fd: number, address: number, port: number): number;
  isLoopback(address: number): boolean;
  sourceTo(address: number): string | undefined;
}

const LOOPBACK = 127;
const LOOPBACK6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));

export const byIpv4: Way = { familyOf: () => 4, connectTo, isLoopback: a => a >>> 24 === LOOPBACK, sourceTo };

/** Numbers of a list of sixteen bytes each, IPv4 as ::ffff:0:0/96, which is connected to as IPv4. */
export function byList(bytes: Uint8Array): Way {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const familyOf = (n: number): 4 | 6 =>
    view.getUint32(16 * n + 8) === 0xffff && view.getBigUint64(16 * n) === 0n ? 4 : 6;
  const connect6 = (fd: number, n: number, port: number): number => {
    sockaddr6[2] = port >>> 8;
    sockaddr6[3] = port;
    for (let i = 0; i < 16; i++) sockaddr6[8 + i] = bytes[16 * n + i] as number;
    return connect(fd, sockaddr6, SOCKADDR6) === 0 ? 0 : koffi.errno();
  };
  const ipv4 = (n: number): number => view.getUint32(16 * n + 12);
  return {
    familyOf,
    connectTo: (fd, n, port) => (familyOf(n) === 4 ? connectTo(fd, ipv4(n), port) : connect6(fd, n, port)),
    isLoopback: n =>
      familyOf(n) === 4
        ? ipv4(n) >>> 24 === LOOPBACK
        : view.getBigUint64(16 * n) === 0n && view.getBigUint64(16 * n + 8) === 1n,
    sourceTo: n => (familyOf(n) === 4 ? sourceTo(ipv4(n)) : sourceBy(AF_INET6, fd => connect6(fd, n, 9))),
  };
}

// Frames in: a ring of blocks the kernel fills and hands over (Documentation/networking/packet_mmap.rst, TPACKET_V3).

const poll: (fds: Uint8Array, count: number, ms: number) => number = libc.func('int poll(void *, unsigned long, int)');

const ETH_P_IP = 0x0800;
const SO_ATTACH_FILTER = 26;
const [PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_IGNORE_OUTGOING] = [5, 6, 10, 23];
const TPACKET_V3 = 2;
const [POLLIN, POLLERR] = [1, 8];

export interface CaptureShape {
  readonly blocks: number;
  /** Whole pages. */
  readonly blockBytes: number;
  /** ms after which a block that is not full is handed over. */
  readonly retireMs: number;
}

export interface Capture {
  readonly memory: Uint8Array;
  /** Sleeps until a block is handed over, or `ms`. 0, or the errno of a socket that has failed (ENETDOWN). */
  wait(ms: number): number;
  /** Frames and handings-over that found no room since this was last asked: it counts from 0 again. */
  lost(): { readonly drops: number; readonly freezes: number };
  close(): void;
}

/** Captures IPv4 frames that come in at an interface and pass the filter (`struct sock_filter`s); errno and step otherwise. */
export function openCapture(
  index: number,
  filter: Uint8Array,
  shape: CaptureShape,
): Capture | { readonly errno: number; readonly step: string } {
  // Protocol 0 until it is bound: nothing is captured before filter and ring are there.
  const fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return { errno: koffi.errno(), step: 'socket' };
  const held: Mapped[] = [];
  const close = (): void => {
    closeFd(fd);
    for (const one of held) one.unmap();
  };
  const failed = (step: string, errno = koffi.errno()) => {
    close();
    return { errno, step };
  };
  const option = (name: number, value: Int32Array): boolean =>
    setsockopt(fd, SOL_PACKET, name, value, value.byteLength) === 0;
  const code = anonymous(filter.length);
  if (typeof code === 'number') return failed('memory', code);
  code.bytes.set(filter);
  const program = new Uint8Array(16);
  const programView = new DataView(program.buffer);
  programView.setUint16(0, filter.length / 8, true);
  programView.setBigUint64(8, code.at, true);
  const attached = setBytes(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16) === 0;
  const errno = koffi.errno();
  code.unmap();
  if (!attached) return failed('filter', errno);
  const { blocks, blockBytes, retireMs } = shape;
  if (!option(PACKET_VERSION, new Int32Array([TPACKET_V3]))) return failed('ring');
  // An IPv4 socket sees nothing that goes out; an older kernel that does not know the option is as good.
  option(PACKET_IGNORE_OUTGOING, new Int32Array([1]));
  // `struct tpacket_req3`; the frame size only has to divide a block.
  const frame = 2048;
  const request = [blockBytes, blocks, frame, (blockBytes / frame) * blocks, retireMs, 0, 0];
  if (!option(PACKET_RX_RING, new Int32Array(request))) return failed('ring');
  const ring = mappedFrom(fd, blocks * blockBytes, 0);
  if (typeof ring === 'number') return failed('ring', ring);
  held.push(ring);
  const address = linkAddress(index);
  new DataView(address.buffer).setUint16(2, ETH_P_IP);
  if (bind(fd, address, 20) !== 0) return failed('bind');
  const polled = new Uint8Array(8);
  const pollView = new DataView(polled.buffer);
  pollView.setInt32(0, fd, true);
  pollView.setInt16(4, POLLIN | POLLERR, true);
  const statistics = new Uint32Array(3);
  const statisticsBytes = new Uint8Array(statistics.buffer);
  return {
    memory: ring.bytes,
    wait(ms) {
      pollView.setInt16(6, 0, true);
      return poll(polled, 1, ms) > 0 && (pollView.getInt16(6, true) & POLLERR) !== 0 ? pendingError(fd) : 0;
    },
    lost() {
      statistics.fill(0);
      length[0] = 12;
      if (getBytes(fd, SOL_PACKET, PACKET_STATISTICS, statisticsBytes, length) !== 0) return { drops: 0, freezes: 0 };
      return { drops: statistics[1] as number, freezes: statistics[2] as number };
    },
    close,
  };
}

export interface Epoll {
  /** Watches a connecting socket; 0 or errno. Closing the socket ends it. */
  add(fd: number, data: number): number;
  /** How many of at most `most` sockets are decided; sleeps up to `ms`. */
  wait(ms: number): number;
  data(event: number): number;
  close(): void;
}

export function openEpoll(most: number): Epoll {
  const epoll = epollCreate(EPOLL_CLOEXEC);
  if (epoll < 0) throw new Error(`no epoll: ${errorName(koffi.errno())}`);
  const events = new Uint8Array(most * EVENT_BYTES);
  const view = new DataView(events.buffer);
  const event = new Uint8Array(EVENT_BYTES);
  const eventView = new DataView(event.buffer);
  eventView.setUint32(0, EPOLLOUT, true);
  return {
    add(fd, data) {
      eventView.setUint32(EVENT_DATA, data, true);
      return epollCtl(epoll, EPOLL_CTL_ADD, fd, event) === 0 ? 0 : koffi.errno();
    },
    // A signal (EINTR) is an early return with nothing, and the caller comes again.
    wait: ms => Math.max(0, epollWait(epoll, events, most, ms)),
    data: i => view.getUint32(i * EVENT_BYTES + EVENT_DATA, true),
    close: () => close(epoll),
  };
}

// Frames out. What follows needs CAP_NET_RAW, which the first call says.

const bind: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int bind(int, const void *, uint32_t)',
);
const ioctl: (fd: number, request: number, argument: Uint8Array) => number = libc.func(
  'int ioctl(int, unsigned long, void *)',
);
const mmap: (at: null, length: number, protection: number, flags: number, fd: number, offset: number) => bigint =
  libc.func('void *mmap(void *, size_t, int, int, int, int64_t)');
const munmap: (at: bigint, length: number) => number = libc.func('int munmap(void *, size_t)');
const sendmmsg: (fd: number, messages: bigint, count: number, flags: number) => number = libc.func(
  'int sendmmsg(int, void *, unsigned int, int)',
);
const sendto: (fd: number, data: null, length: number, flags: number, to: null, toLength: number) => number = libc.func(
  'long sendto(int, const void *, size_t, int, const void *, uint32_t)',
);
const setBytes: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number = libc.func(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
const getBytes: (fd: number, level: number, name: number, value: Uint8Array, length: Uint32Array) => number = libc.func(
  'int getsockopt(int, int, int, void *, void *)',
);

const SOCK_RAW = 3;
const AF_PACKET = 17;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const SO_SNDTIMEO = 21;
const MSG_DONTWAIT = 0x40;
const MAP_FAILED = (1n << 64n) - 1n;
const [PROT_READ, PROT_WRITE, MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS, MAP_POPULATE] = [1, 2, 1, 2, 0x20, 0x8000];

export const { EPERM, EAGAIN, ENOBUFS, ENETDOWN, ENXIO, ENODEV, EINTR, EBUSY } = { ...constants.errno, ENETDOWN: 100 };

/** Memory outside the heap of JavaScript, at an address the kernel can be told. */
export interface Mapped {
  readonly at: bigint;
  readonly bytes: Uint8Array;
  unmap(): void;
}

function mapped(length: number, flags: number, fd: number, offset: number): Mapped | number {
  const at = mmap(null, length, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (at === MAP_FAILED) return koffi.errno();
  // The view holds no claim on the memory: whoever unmaps it must have let go of the view.
  return { at, bytes: new Uint8Array(koffi.view(at, length)), unmap: () => void munmap(at, length) };
}

/** Zeroed pages of this process, or errno. */
export const anonymous = (length: number): Mapped | number =>
  mapped(length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

/** A part of what a descriptor lets one map, or errno. */
export const mappedFrom = (fd: number, length: number, offset: number): Mapped | number =>
  mapped(length, MAP_SHARED | MAP_POPULATE, fd, offset);

export interface LinkFacts {
  readonly index: number;
  /** Six bytes in hex, with colons; empty when it has none (`lo`, tunnels). */
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Up, and the wire is there (IFF_RUNNING). */
  readonly carries: boolean;
}

/** What the kernel says of an interface of this process's network namespace (netdevice(7)); undefined when there is none. */
export function linkOf(name: string): LinkFacts | undefined {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(name).subarray(0, 15));
  const view = new DataView(request.buffer);
  const ask = (what: number): boolean => ioctl(fd, what, request) === 0;
  try {
    if (!ask(0x8933)) return undefined;
    const index = view.getInt32(16, true);
    const flags = ask(0x8913) ? view.getUint16(16, true) : 0;
    const [up, carries] = [(flags & 0x1) !== 0, (flags & 0x41) === 0x41];
    const mtu = ask(0x8921) ? view.getInt32(16, true) : 0;
    // ARPHRD_ETHER: only there is a hardware address of the six bytes that a frame has room for.
    const ethernet = ask(0x8927) && view.getUint16(16, true) === 1;
    const mac = ethernet ? [...request.subarray(18, 24)].map(b => b.toString(16).padStart(2, '0')).join(':') : '';
    return { index, mac, mtu, up, carries };
  } finally {
    closeFd(fd);
  }
}

/** Whether an interface is there, up, and has its wire; a watch that asks it again for one call. */
export function linkWatch(name: string): { readonly carries: () => boolean; readonly close: () => void } {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(name).subarray(0, 15));
  // Once gone it stays gone: to ask for a name that is not there makes the kernel look for a module of that name.
  let there = true;
  return {
    carries() {
      there &&= ioctl(fd, 0x8913, request) === 0;
      return there && ((request[16] as number) & 0x41) === 0x41;
    },
    close: () => void closeFd(fd),
  };
}

/** `struct sockaddr_ll`, protocol 0: a socket that only sends, so the kernel copies no outgoing frame to it. */
function linkAddress(index: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setInt32(4, index, true);
  return address;
}

/** A socket that puts whole frames on an interface, or -errno (EPERM: no CAP_NET_RAW). A send gives up after 100 ms. */
export function frameSocket(index: number, bypass: boolean): number {
  const fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -koffi.errno();
  const failed = (): number => {
    const errno = koffi.errno();
    closeFd(fd);
    return -errno;
  };
  if (bind(fd, linkAddress(index), 20) !== 0) return failed();
  if (bypass && setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, new Int32Array([1]), 4) !== 0) return failed();
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, new Int32Array([0, 0, 100_000, 0]), 16);
  return fd;
}

/** Tables for sendmmsg(2) over frames of one length that lie `stride` apart: built once, used for every batch. */
export function messageTable(
  frames: bigint,
  first: number,
  stride: number,
  count: number,
  length: number,
): Mapped | number {
  const [IOVEC, MESSAGE] = [16, 64];
  const table = anonymous(count * (IOVEC + MESSAGE));
  if (typeof table === 'number') return table;
  const view = new DataView(table.bytes.buffer);
  for (let n = 0; n < count; n++) {
    const vector = count * MESSAGE + n * IOVEC;
    view.setBigUint64(vector, frames + BigInt(first + n * stride), true);
    view.setBigUint64(vector + 8, BigInt(length), true);
    view.setBigUint64(n * MESSAGE + 16, table.at + BigInt(vector), true);
    view.setBigUint64(n * MESSAGE + 24, 1n, true);
  }
  return table;
}

/** Sends messages `from` … `from + count - 1` of a table; how many the kernel took, or -errno when none. */
export function sendMessages(fd: number, table: Mapped, from: number, count: number): number {
  const sent = sendmmsg(fd, table.at + BigInt(from * 64), count, 0);
  return sent > 0 ? sent : -koffi.errno();
}

// AF_XDP (Documentation/networking/af_xdp.rst): rings in shared memory instead of a call for each batch's frames.

const AF_XDP = 44;
const SOL_XDP = 283;
const [XDP_MMAP_OFFSETS, XDP_TX_RING, XDP_UMEM_REG, XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING] = [1, 3, 4, 5, 6];
const XDP_MAX_TX_BUDGET = 9;
const XDP_COPY = 2;
const XDP_PGOFF_TX_RING = 0x80000000;
const XDP_PGOFF_COMPLETION_RING = 0x180000000;
const CHUNK = 2048;

export interface XdpRing {
  readonly producer: Uint32Array;
  readonly consumer: Uint32Array;
  /** Descriptors: 16 bytes each on the way out, 8 on the way back. */
  readonly slots: Uint32Array;
  readonly mask: number;
}

export interface XdpSocket {
  readonly fd: number;
  readonly memory: Uint8Array;
  readonly out: XdpRing;
  readonly back: XdpRing;
  /** Lets the kernel work on what the ring holds: 0 or errno. */
  kick(): number;
  close(): void;
}

const u32 = (view: DataView, at: number, value: number): void => view.setUint32(at, value, true);

/** Opens a sending socket on queue 0 in copy mode over `bytes` of memory (whole pages), with rings of `entries` (a power of two). Errno and the step otherwise. */
export function xdpSocket(index: number, bytes: number, entries: number): XdpSocket | { errno: number; step: string } {
  const fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return { errno: koffi.errno(), step: 'socket' };
  const held: Mapped[] = [];
  const close = (): void => {
    closeFd(fd);
    for (const one of held) one.unmap();
  };
  const failed = (step: string, errno = koffi.errno()) => {
    close();
    return { errno, step };
  };
  const frames = anonymous(bytes);
  if (typeof frames === 'number') return failed('memory', frames);
  held.push(frames);
  const umem = new Uint8Array(32);
  const umemView = new DataView(umem.buffer);
  umemView.setBigUint64(0, frames.at, true);
  umemView.setBigUint64(8, BigInt(bytes), true);
  u32(umemView, 16, CHUNK);
  if (setBytes(fd, SOL_XDP, XDP_UMEM_REG, umem, 32) !== 0) return failed('memory');
  const size = new Int32Array([entries]);
  for (const ring of [XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_TX_RING])
    if (setsockopt(fd, SOL_XDP, ring, size, 4) !== 0) return failed('ring');
  const offsets = new Uint8Array(128);
  if (getBytes(fd, SOL_XDP, XDP_MMAP_OFFSETS, offsets, new Uint32Array([128])) !== 0) return failed('ring');
  const offset = new DataView(offsets.buffer);
  const ringAt = (base: number, page: number, each: number): XdpRing | number => {
    const place = (n: number): number => Number(offset.getBigUint64(base + 8 * n, true));
    const map = mappedFrom(fd, place(2) + entries * each, page);
    if (typeof map === 'number') return map;
    held.push(map);
    const { buffer } = map.bytes;
    return {
      producer: new Uint32Array(buffer, place(0), 1),
      consumer: new Uint32Array(buffer, place(1), 1),
      slots: new Uint32Array(buffer, place(2), (entries * each) / 4),
      mask: entries - 1,
    };
  };
  // In `struct xdp_mmap_offsets`: rx, tx, fill, completion; four numbers each.
  const out = ringAt(32, XDP_PGOFF_TX_RING, 16);
  const back = ringAt(96, XDP_PGOFF_COMPLETION_RING, 8);
  if (typeof out === 'number' || typeof back === 'number') return failed('ring');
  // Kernels before 6.17 have no such option, and send 32 frames a kick.
  setsockopt(fd, SOL_XDP, XDP_MAX_TX_BUDGET, new Int32Array([entries]), 4);
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_XDP, true);
  view.setUint16(2, XDP_COPY, true);
  u32(view, 4, index);
  if (bind(fd, address, 16) !== 0) return failed('bind');
  return {
    fd,
    memory: frames.bytes,
    out,
    back,
    kick: () => (sendto(fd, null, 0, MSG_DONTWAIT, null, 0) >= 0 ? 0 : koffi.errno()),
    close,
  };
}
