/**
 * The only file of the probe that touches koffi: the few calls of libc that a conversation is made of. Linux on x86-64 or
 * arm64 with glibc; importing it elsewhere throws, and dial-net.ts does the work. Numbers are the kernel's ABI
 * (asm-generic). `errno` is read right after the call it belongs to; typed arrays go to C as pointers to their own memory.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64'))
  throw new Error(`sockets by system call are for Linux on x64 or arm64, not ${process.platform} on ${process.arch}`);

const libc = koffi.load('libc.so.6');
const socket: (family: number, type: number, protocol: number) => number = libc.func('int socket(int, int, int)');
const connect: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int connect(int, const void *, uint32_t)',
);
const bind: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int bind(int, const void *, uint32_t)',
);
const closeFd: (fd: number) => number = libc.func('int close(int)');
const shutdown: (fd: number, how: number) => number = libc.func('int shutdown(int, int)');
const setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number = libc.func(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
const getsockopt: (fd: number, level: number, name: number, value: Int32Array, length: Uint32Array) => number =
  libc.func('int getsockopt(int, int, int, void *, void *)');
const getsockname: (fd: number, address: Uint8Array, length: Uint32Array) => number = libc.func(
  'int getsockname(int, void *, void *)',
);
const recv: (fd: number, into: Uint8Array, length: number, flags: number) => number = libc.func(
  'intptr_t recv(int, void *, size_t, int)',
);
const send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number = libc.func(
  'intptr_t send(int, const void *, size_t, int)',
);
const epollCreate: (flags: number) => number = libc.func('int epoll_create1(int)');
const epollCtl: (epoll: number, act: number, fd: number, event: Uint8Array) => number = libc.func(
  'int epoll_ctl(int, int, int, const void *)',
);
const epollWait: (epoll: number, events: Uint8Array, most: number, ms: number) => number = libc.func(
  'int epoll_wait(int, void *, int, int)',
);

const AF_UNSPEC = 0;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const IP_BIND_ADDRESS_NO_PORT = 24;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_LINGER = 13;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLERR = 0x8;
const EPOLLHUP = 0x10;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x80000000;
/** `struct epoll_event` is packed on x86-64 and nowhere else. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENT_DATA = process.arch === 'x64' ? 4 : 8;

export const { EAGAIN, EINPROGRESS, ECONNRESET, EMFILE, EPIPE } = constants.errno;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number as number, name]));
NAMES.set(112, 'EHOSTDOWN');
export const errorName = (errno: number): string => NAMES.get(errno) ?? `errno ${errno}`;

/** `struct sockaddr_in`: family in host order, port and address in network order. */
const sockaddr = new Uint8Array(16);
new DataView(sockaddr.buffer).setUint16(0, AF_INET, true);
const nowhere = new Uint8Array(16);
new DataView(nowhere.buffer).setUint16(0, AF_UNSPEC, true);
const name = new Uint8Array(16);
const length = new Uint32Array(1);
const word = new Int32Array(1);
const one = new Int32Array([1]);
const resetOnClose = new Int32Array([1, 0]);

function aim(address: number, port: number): void {
  sockaddr[2] = port >>> 8;
  sockaddr[3] = port;
  sockaddr[4] = address >>> 24;
  sockaddr[5] = address >>> 16;
  sockaddr[6] = address >>> 8;
  sockaddr[7] = address;
}

/** A non-blocking TCP socket that does not hold small writes back; or -errno. */
export function tcpSocket(): number {
  const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -koffi.errno();
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, one, 4);
  return fd;
}

/** Chooses the source address and leaves the port to connect(), which shares ports between targets. 0 or errno. */
export function bindTo(fd: number, address: number): number {
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, one, 4);
  aim(address, 0);
  return bind(fd, sockaddr, 16) === 0 ? 0 : koffi.errno();
}

/** 0 when connected, else errno; EINPROGRESS is the usual one. */
export function connectTo(fd: number, address: number, port: number): number {
  aim(address, port);
  return connect(fd, sockaddr, 16) === 0 ? 0 : koffi.errno();
}

/**
 * Resets the connection and leaves the socket as new, with its options and its place in the epoll: connect() to
 * AF_UNSPEC (connect(2)). False where the kernel does not, and the socket has to be closed.
 */
export const disconnect = (fd: number): boolean => connect(fd, nowhere, 16) === 0;

export function close(fd: number): void {
  closeFd(fd);
}

/** Closes with a reset: nothing more to the peer, and no TIME_WAIT here. */
export function reset(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, resetOnClose, 8);
  closeFd(fd);
}

/** Sends FIN; reading goes on. */
export function finish(fd: number): void {
  shutdown(fd, SHUT_WR);
}

/** What became of a non-blocking connect, or of a connection: 0, or errno. Clears it. */
export function pendingError(fd: number): number {
  length[0] = 4;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, word, length) === 0 ? (word[0] as number) : koffi.errno();
}

let lastBytes = -1;
let lastText = '';

/** Our end of a socket. */
export function localEnd(fd: number): { readonly address: string; readonly port: number } {
  length[0] = 16;
  if (getsockname(fd, name, length) !== 0) return { address: '', port: 0 };
  const [, , p1 = 0, p0 = 0, a = 0, b = 0, c = 0, d = 0] = name;
  const bytes = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastText = `${a}.${b}.${c}.${d}`;
  }
  return { address: lastText, port: (p1 << 8) | p0 };
}

/** Bytes read, 0 at the peer's FIN, or -errno. */
export function receive(fd: number, into: Uint8Array): number {
  const got = recv(fd, into, into.length, 0);
  return got >= 0 ? got : -koffi.errno();
}

/** Bytes taken, or -errno. */
export function transmit(fd: number, bytes: Uint8Array): number {
  const taken = send(fd, bytes, bytes.length, MSG_NOSIGNAL);
  return taken >= 0 ? taken : -koffi.errno();
}

export interface Epoll {
  /** Watches a socket for whatever changes, once a change; 0 or errno. Closing the socket ends it. */
  add(fd: number): number;
  /** How many of at most `most` sockets have changed. Never sleeps. */
  wait(): number;
  fd(event: number): number;
  /** There may be bytes or a FIN to read, or an error to learn of. */
  readable(event: number): boolean;
  writable(event: number): boolean;
  /** Something has ended: reading on tells what. */
  ended(event: number): boolean;
  failed(event: number): boolean;
}

/** Undefined when there is no descriptor left for it. */
export function openEpoll(most: number): Epoll | undefined {
  const epoll = epollCreate(EPOLL_CLOEXEC);
  if (epoll < 0) return undefined;
  const events = new Uint8Array(most * EVENT_BYTES);
  const view = new DataView(events.buffer);
  const event = new Uint8Array(EVENT_BYTES);
  const eventView = new DataView(event.buffer);
  eventView.setUint32(0, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, true);
  const has = (i: number, bits: number) => (view.getUint32(i * EVENT_BYTES, true) & bits) !== 0;
  return {
    add(fd) {
      eventView.setUint32(EVENT_DATA, fd, true);
      return epollCtl(epoll, EPOLL_CTL_ADD, fd, event) === 0 ? 0 : koffi.errno();
    },
    // A signal (EINTR) is an early return with nothing, and the caller comes again.
    wait: () => Math.max(0, epollWait(epoll, events, most, 0)),
    fd: i => view.getUint32(i * EVENT_BYTES + EVENT_DATA, true),
    readable: i => has(i, EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP),
    writable: i => has(i, EPOLLOUT),
    ended: i => has(i, EPOLLRDHUP | EPOLLERR | EPOLLHUP),
    failed: i => has(i, EPOLLERR | EPOLLHUP),
  };
}
