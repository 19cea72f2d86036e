/**
 * The driver that shares a ring of frames with the kernel (AF_XDP in copy mode, which every network card has). In: a
 * route. Out: a PacketDriver, or why this machine cannot, so that the caller takes mmsg and says so. Always goes past the
 * queueing discipline.
 *
 * What the kernel has once seen in the ring cannot be drawn back: it keeps its own count of what was put there, and would
 * send an entry that was written over. So a batch that is not taken whole ends the socket, which takes back the rest, and the
 * next one opens another; how many left is exact. Several frames lie in one 2 KiB chunk: copy mode only asks that none
 * crosses its end.
 */
import * as system from '../system.ts';
import { slotBytes, slotsOver } from './dry.ts';
import type { PacketDriver } from './packet-driver.ts';
import type { Route } from './route.ts';

const SLOTS = 256;
/** Some cards' drivers send from the shared pages after the call, so batches go round through this many copies. */
const BANKS = 4;
const BANK_BYTES = slotBytes(SLOTS);
const ENTRIES = BANKS * SLOTS;
/** ms that one `send` may take. */
const PATIENCE = 90;

/** Later is worth a try, with the same socket. EBUSY is not among them: the interface dropped a frame. */
const WORKING: ReadonlySet<number> = new Set([0, system.EAGAIN, system.ENOBUFS, system.EINTR]);
const GONE: ReadonlySet<number> = new Set([system.ENETDOWN, system.ENXIO, system.ENODEV]);
const napping = new Int32Array(new SharedArrayBuffer(4));
const nap = (): void => {
  Atomics.wait(napping, 0, 0, 0.1);
};

/** `monotonic` bounds the wait for the kernel. */
export function xdpPackets(route: Route, length: number, monotonic: () => number): PacketDriver | { why: string } {
  const open = () => system.xdpSocket(route.index, BANKS * BANK_BYTES, ENTRIES);
  const first = open();
  if ('errno' in first) return { why: `no AF_XDP socket here (${first.step}: ${system.errorName(first.errno)})` };
  const slots = slotsOver(new Uint8Array(BANK_BYTES), SLOTS);
  /** Frames of each bank that the card may still read. */
  const reading = new Int32Array(BANKS);
  const link = system.linkWatch(route.interface);
  let bank = 0;
  let socket: system.XdpSocket | undefined = first;
  let closed = false;
  let fault = 0;

  function takeBack({ back: { producer, consumer, slots: addresses, mask } }: system.XdpSocket): void {
    const end = Atomics.load(producer, 0);
    let at = consumer[0] as number;
    for (; at !== end; at = (at + 1) >>> 0) {
      const of = ((addresses[(at & mask) * 2] as number) / BANK_BYTES) | 0;
      reading[of] = (reading[of] as number) - 1;
    }
    Atomics.store(consumer, 0, at);
  }

  /** Slots from … count-1 into the ring and out. How many left; fewer than all of them, and the socket must be ended. */
  function submit(xdp: system.XdpSocket, from: number, count: number, late: () => boolean): number {
    for (takeBack(xdp); (reading[bank] as number) > 0; takeBack(xdp)) {
      fault = system.EAGAIN;
      if (late()) return 0;
      nap();
    }
    const base = bank * BANK_BYTES;
    const { producer, consumer, slots: entries, mask } = xdp.out;
    xdp.memory.set(slots.memory.subarray(from * slots.stride, count * slots.stride), base);
    const start = producer[0] as number;
    const frames = count - from;
    for (let n = 0; n < frames; n++) {
      const at = ((start + n) & mask) * 4;
      entries[at] = base + n * slots.stride + slots.offset;
      entries[at + 1] = 0;
      entries[at + 2] = length;
      entries[at + 3] = 0;
    }
    reading[bank] = frames;
    bank = (bank + 1) % BANKS;
    Atomics.store(producer, 0, (start + frames) >>> 0);
    for (let left = 0; ; ) {
      fault = xdp.kick();
      const before = left;
      left = (Atomics.load(consumer, 0) - start) | 0;
      // The frame that was dropped is the last that the kernel counts as taken, if it took any in this call.
      if (fault === system.EBUSY) return left > before ? left - 1 : left;
      if (left === frames || !WORKING.has(fault)) return left;
      takeBack(xdp);
      if (left > before) continue;
      if (late()) return left;
      nap();
    }
  }

  return {
    name: 'xdp',
    sends: true,
    slots,
    send(count) {
      let until = 0;
      const late = (): boolean => {
        const now = monotonic();
        if (until === 0) until = now + PATIENCE;
        return now >= until;
      };
      for (let left = 0; ; ) {
        if (closed) return left;
        if (socket === undefined) {
          const opened = open();
          if ('errno' in opened) {
            fault = opened.errno;
            return left;
          }
          socket = opened;
          reading.fill(0);
        }
        left += submit(socket, left, count, late);
        if (left === count) return left;
        // Its memory stays the kernel's until the card is done with it; the next socket has its own.
        socket.close();
        socket = undefined;
        if (late()) return left;
        nap();
      }
    },
    lastFault: () => (fault === 0 ? '' : system.errorName(fault)),
    get down() {
      return GONE.has(fault) || (fault !== 0 && !link.carries());
    },
    close() {
      socket?.close();
      socket = undefined;
      if (!closed) link.close();
      closed = true;
    },
  };
}
