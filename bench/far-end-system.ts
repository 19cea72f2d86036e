/**
 * The calls of libc that the far end is made of, for Linux on x86-64 or arm64 with glibc. Node's own sockets would cost the
 * simulated devices more CPU than the tools under test cost; through koffi a device costs a few microseconds.
 *
 * koffi's way: `errno` is read right after the call it belongs to; typed arrays go to C as pointers to their own memory.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket: (family: number, type: number, protocol: number) => number = libc.func('int socket(int, int, int)');
const bind: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int bind(int, const void *, uint32_t)',
);
const listen: (fd: number, backlog: number) => number = libc.func('int listen(int, int)');
const accept4: (fd: number, address: null, length: null, flags: number) => number = libc.func(
  'int accept4(int, void *, void *, int)',
);
const setsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number = libc.func(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
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
const usleep: (microseconds: number) => number = libc.func('int usleep(uint32_t)');
export const read: (fd: number, bytes: Uint8Array, length: number) => number = libc.func(
  'long read(int, void *, size_t)',
);
export const write: (fd: number, bytes: Uint8Array, length: number) => number = libc.func(
  'long write(int, const void *, size_t)',
);
export const close: (fd: number) => number = libc.func('int close(int)');

const AF_INET = 2;
const SOCK_STREAM = 1;
const NONBLOCK_CLOEXEC = 0o2004000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
/** `struct epoll_event` is packed on x86-64 and nowhere else. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENT_DATA = process.arch === 'x64' ? 4 : 8;

const NAP_US = 500;

export const wouldBlock = (): boolean => koffi.errno() === constants.errno.EAGAIN;

function must(result: number, what: string): number {
  if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`);
  return result;
}

/**
 * Listens on every address of the loopback interface, and on no other interface: any 127/8 address is a device.
 * An unprivileged user may bind to a device since Linux 5.7. Throws when the port is taken.
 */
export function listenOnLoopback(port: number): number {
  const fd = must(socket(AF_INET, SOCK_STREAM | NONBLOCK_CLOEXEC, 0), 'socket');
  must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, Uint8Array.of(1, 0, 0, 0), 4), 'SO_REUSEADDR');
  must(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from('lo\0'), 3), 'SO_BINDTODEVICE lo');
  const address = new Uint8Array(16);
  address[0] = AF_INET;
  address[2] = port >>> 8;
  address[3] = port;
  must(bind(fd, address, 16), `bind to port ${port}`);
  must(listen(fd, 65_535), 'listen');
  return fd;
}

/** A connection's descriptor, or below 0 when nobody waits. */
export const accept = (fd: number): number => accept4(fd, null, null, NONBLOCK_CLOEXEC);

const name = new Uint8Array(16);
const length = new Uint32Array(1);
/** The address that was called, without its first byte: 24 bits are enough within 127/8. */
export function calledAddress(fd: number): number {
  length[0] = 16;
  must(getsockname(fd, name, length), 'getsockname');
  return ((name[5] as number) << 16) | ((name[6] as number) << 8) | (name[7] as number);
}

export interface Watch {
  add(fd: number): void;
  /** Descriptors that have something to read. */
  ready(): Generator<number>;
}

export function openWatch(most: number): Watch {
  const epoll = must(epollCreate(0), 'epoll_create1');
  const events = new Uint8Array(most * EVENT_BYTES);
  const view = new DataView(events.buffer);
  const event = new Uint8Array(EVENT_BYTES);
  const eventView = new DataView(event.buffer);
  eventView.setUint32(0, EPOLLIN, true);
  return {
    add(fd) {
      eventView.setUint32(EVENT_DATA, fd, true);
      must(epollCtl(epoll, EPOLL_CTL_ADD, fd, event), 'epoll_ctl');
    },
    *ready() {
      const count = epollWait(epoll, events, most, 0);
      // Looked at by the clock and never woken: to wake a sleeper costs whoever sends to it, and a real device is elsewhere.
      if (count <= 0) usleep(NAP_US);
      for (let i = 0; i < count; i++) yield view.getUint32(i * EVENT_BYTES + EVENT_DATA, true);
    },
  };
}
