/**
 * The driver that shares a ring of frames with the kernel (AF_XDP in copy mode, which every network card has). In: a
 * route. Out: a PacketDriver, or why this machine cannot, so that the caller takes mmsg and says so. Always goes past the
 * queueing discipline.
 *
 * Several frames lie in one 2 KiB chunk: copy mode only asks that none crosses its end. A slot is filled again only after
 * the kernel gave it back, because some cards' drivers send from these pages themselves.
 */
import * as system from '../system.ts';
import { slotBytes, slotsOver } from './dry.ts';
import type { PacketDriver } from './packet-driver.ts';
import type { Route } from './route.ts';

const SLOTS = 256;
const ENTRIES = 256;
/** ms that a batch may take to leave and come back. */
const PATIENCE = 100;

const WORKING: ReadonlySet<number> = new Set([0, system.EAGAIN, system.EBUSY, system.ENOBUFS, system.EINTR]);
const GONE: ReadonlySet<number> = new Set([system.ENETDOWN, system.ENXIO, system.ENODEV]);
const napping = new Int32Array(new SharedArrayBuffer(4));

/** `monotonic` bounds the wait for the kernel. */
export function xdpPackets(route: Route, length: number, monotonic: () => number): PacketDriver | { why: string } {
  const opened = system.xdpSocket(route.index, slotBytes(SLOTS), ENTRIES);
  if ('errno' in opened) return { why: `no AF_XDP socket here (${opened.step}: ${system.errorName(opened.errno)})` };
  const { memory, out, back, kick, close } = opened;
  const slots = slotsOver(memory, SLOTS);
  // Descriptors never change: entry n of the ring is slot n. A batch that begins in mid-ring names its slots anew.
  const describe = (entry: number, slot: number): void => {
    const at = (entry & out.mask) * 4;
    out.slots[at] = slot * slots.stride + slots.offset;
    out.slots[at + 1] = 0;
    out.slots[at + 2] = length;
    out.slots[at + 3] = 0;
  };
  let fault = 0;
  let produced = Atomics.load(out.producer, 0);
  let returned = Atomics.load(back.consumer, 0);

  /** Takes back what left; how many slots are still with the kernel. */
  function takeBack(): number {
    returned = Atomics.load(back.producer, 0);
    Atomics.store(back.consumer, 0, returned);
    return (produced - returned) >>> 0;
  }

  return {
    name: 'xdp',
    sends: true,
    slots,
    send(count) {
      // Left over from a wait that ran out: those slots are not ours yet.
      if (takeBack() > 0) {
        kick();
        Atomics.wait(napping, 0, 0, 1);
        if (takeBack() > 0) return 0;
      }
      for (let n = 0; n < count; n++) describe(produced + n, n);
      produced = (produced + count) >>> 0;
      Atomics.store(out.producer, 0, produced);
      let until = 0;
      for (;;) {
        fault = kick();
        if (!WORKING.has(fault)) break;
        if (takeBack() === 0) return count;
        const now = monotonic();
        if (until === 0) until = now + PATIENCE;
        else if (now > until) break;
        // Consumed, but the card still has it.
        if (Atomics.load(out.consumer, 0) === produced) Atomics.wait(napping, 0, 0, 0.02);
      }
      // What the kernel took from the ring has left or will; the rest is drawn back.
      const taken = (count - ((produced - Atomics.load(out.consumer, 0)) >>> 0)) >>> 0;
      produced = Atomics.load(out.consumer, 0);
      Atomics.store(out.producer, 0, produced);
      return taken;
    },
    lastFault: () => (fault === 0 ? '' : system.errorName(fault)),
    get down() {
      return GONE.has(fault);
    },
    close,
  };
}
