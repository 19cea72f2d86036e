/**
 * The driver that hands whole batches of frames to the kernel by one call (sendmmsg on an AF_PACKET socket). In: a route.
 * Out: a PacketDriver, or a Fault that says what this machine lacks. The default wherever raw frames are allowed.
 *
 * The socket has protocol 0, so it is no tap of what leaves; 256 frames a call is enough that the call costs nothing.
 *
 * Behind a queueing discipline a kernel that has lost the wire takes every frame without a word and drops it. So the link is
 * looked at after each batch; what was sent when it had just gone counts as not sent, and is sent again. Past the
 * discipline such a frame is refused, and a look is needed only to say why.
 */
import { Fault } from '../../../record/fault.ts';
import * as system from '../system.ts';
import { slotBytes, slotsOver } from './dry.ts';
import type { PacketDriver } from './packet-driver.ts';
import type { Route } from './route.ts';

const SLOTS = 256;
/** What is full now may have room within this long (ms, counted in naps of one). */
const NAPS = 50;

const GONE: ReadonlySet<number> = new Set([system.ENETDOWN, system.ENXIO, system.ENODEV]);
const FULL: ReadonlySet<number> = new Set([system.EAGAIN, system.ENOBUFS, system.EINTR]);
const napping = new Int32Array(new SharedArrayBuffer(4));

export const notAllowed = (errno: number): Fault =>
  errno === system.EPERM
    ? new Fault(
        'resource',
        'this user may not send raw frames (no CAP_NET_RAW)',
        'run as root, or: setcap cap_net_raw+ep on the node binary; or use the driver connect',
      )
    : new Fault('resource', `no raw socket (${system.errorName(errno)})`, 'use the driver connect');

/** `length` is that of one frame; `bypass` goes past the queueing discipline, and so past every tap on this machine. */
export function mmsgPackets(route: Route, length: number, bypass: boolean): PacketDriver {
  const fd = system.frameSocket(route.index, bypass);
  if (fd < 0) throw notAllowed(-fd);
  const memory = system.anonymous(slotBytes(SLOTS));
  if (typeof memory === 'number') {
    system.close(fd);
    throw new Fault('resource', 'no memory for frames', 'free some and start again');
  }
  const slots = slotsOver(memory.bytes, SLOTS);
  const table = system.messageTable(memory.at, slots.offset, slots.stride, SLOTS, length);
  if (typeof table === 'number') {
    memory.unmap();
    system.close(fd);
    throw new Fault('resource', 'no memory for frames', 'free some and start again');
  }
  const link = system.linkWatch(route.interface);
  let fault = 0;
  let down = false;
  let open = true;
  return {
    name: 'mmsg',
    sends: true,
    slots,
    send(count) {
      if (!open) return 0;
      let sent = 0;
      for (let naps = 0; sent < count; ) {
        const now = system.sendMessages(fd, table, sent, count - sent);
        if (now > 0) {
          sent += now;
          continue;
        }
        fault = -now;
        if (!FULL.has(fault) || naps++ >= NAPS) break;
        if (fault !== system.EINTR) Atomics.wait(napping, 0, 0, 1);
      }
      down = sent < count && GONE.has(fault);
      if ((bypass && sent === count) || link.carries()) return sent;
      fault = system.ENETDOWN;
      down = true;
      return bypass ? sent : 0;
    },
    lastFault: () => (fault === 0 ? '' : system.errorName(fault)),
    get down() {
      return down;
    },
    close() {
      if (!open) return;
      open = false;
      link.close();
      system.close(fd);
      table.unmap();
      memory.unmap();
    },
  };
}
