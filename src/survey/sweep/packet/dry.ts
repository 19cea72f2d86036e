/** The driver that sends nothing: frames are filled into ordinary memory, counted, and forgotten. */
import type { PacketDriver, Slots } from './packet-driver.ts';

const STRIDE = 128;
/** Puts the destination address on four bytes. */
const OFFSET = 2;

export const slotsOver = (memory: Uint8Array, count: number): Slots => ({
  memory,
  stride: STRIDE,
  offset: OFFSET,
  count,
});
export const slotBytes = (count: number): number => count * STRIDE;

export function dryPackets(count = 256): PacketDriver {
  return {
    name: 'dry',
    sends: false,
    slots: slotsOver(new Uint8Array(slotBytes(count)), count),
    send: filled => filled,
    lastFault: () => '',
    down: false,
    close: () => undefined,
  };
}
