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
const name = new Uint8Array(16);
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
export function tcpSocket(): number {
  const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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

/** Our end of a socket as dotted text; empty when it has none. */
export function localAddress(fd: number): string {
  length[0] = 16;
  return getsockname(fd, name, length) === 0 ? name.subarray(4, 8).join('.') : '';
}

/** The source address the routing table gives for a target: a datagram socket is connected, which sends nothing. */
export function sourceTo(address: number): string | undefined {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  aim(address, 9);
  const source = connect(fd, sockaddr, 16) === 0 ? localAddress(fd) : '';
  closeFd(fd);
  return source === '' ? undefined : source;
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
