/**
 * What a way of sending frames must do for the packet engine: hold slots that frames are filled into, and submit them.
 * Drivers know sockets, rings and errors; they know no mandate, no pace and no shard.
 */

/** Frame n begins at n × stride + offset; its destination address is then aligned to four bytes. */
export interface Slots {
  readonly memory: Uint8Array;
  readonly stride: number;
  readonly offset: number;
  readonly count: number;
}

export interface PacketDriver {
  readonly name: 'mmsg' | 'xdp' | 'dry';
  /** Whether frames leave at all; without it there is no pace to keep. */
  readonly sends: boolean;
  readonly slots: Slots;
  /**
   * Submits slots 0 … count-1 in order, all of the frame's length. Out: how many left; fewer only when this machine
   * cannot now (`lastFault` says why). Bounded in time (at most 100 ms).
   */
  send(count: number): number;
  lastFault(): string;
  /** The fault is about the interface being gone or down: nothing more can leave. */
  readonly down: boolean;
  close(): void;
}
