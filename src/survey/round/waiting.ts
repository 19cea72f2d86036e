/**
 * Who waits, and for what: items that were drawn but may not leave yet. In: item, its /24, its ISP. Out: the next item
 * that is worth another try. Bounded: when it is full, the caller draws nothing new until something leaves.
 *
 * An item waits in the queue of its /24. A /24 with a queue waits either for an instant (its own token) or, when that
 * had come and the ISP's had not, in line at its ISP; an ISP with a line waits for its instant. Instants are in one heap.
 * So each token moves a few things, however many wait for it: the work does not grow with the queues.
 */
import { makeInstants } from './instants.ts';

export interface Waiting {
  readonly length: number;
  readonly full: boolean;
  /** When something is worth another try; Infinity when nobody waits. */
  nextDue(): number;
  /** The item waits for its /24, until `due` at least. False when full, and then it is not kept. */
  push(net: number, item: number, due: number): boolean;
  /** The item's /24 goes in line at its ISP, which is due at `due`. False when full. */
  line(isp: number, net: number, item: number, due: number): boolean;
  /** An item whose time has come, or -1. It may still be refused, and comes back by push or line. */
  pop(now: number): number;
}

const NONE = -1;

/** `netDue` and `ispDue` as the pacer's: when what is left behind a popped item is worth a try. */
export function makeWaiting(
  nets: number,
  isps: number,
  capacity: number,
  netDue: (net: number) => number,
  ispDue: (isp: number) => number,
): Waiting {
  const item = new Float64Array(capacity);
  const next = new Int32Array(capacity);
  const head = new Int32Array(nets).fill(NONE);
  const tail = new Int32Array(nets).fill(NONE);
  /** The line at each ISP, of /24s. */
  const follower = new Int32Array(nets).fill(NONE);
  const inLine = new Uint8Array(nets);
  const firstNet = new Int32Array(isps).fill(NONE);
  const lastNet = new Int32Array(isps).fill(NONE);
  /** Numbers below `nets` are /24s, the others ISPs. */
  const instants = makeInstants(nets + isps, Math.min(nets, capacity) + isps);
  let length = 0;
  let free = 0;
  for (let i = 0; i < capacity; i++) next[i] = i + 1 < capacity ? i + 1 : NONE;

  function enqueue(net: number, value: number): boolean {
    if (length === capacity) return false;
    const cell = free;
    free = next[cell] as number;
    item[cell] = value;
    next[cell] = NONE;
    if (head[net] === NONE) head[net] = cell;
    else next[tail[net] as number] = cell;
    tail[net] = cell;
    length++;
    return true;
  }

  function dequeue(net: number): number {
    const cell = head[net] as number;
    head[net] = next[cell] as number;
    next[cell] = free;
    free = cell;
    length--;
    if (head[net] === NONE) instants.remove(net);
    else instants.set(net, netDue(net));
    return item[cell] as number;
  }

  return {
    get length() {
      return length;
    },
    get full() {
      return length === capacity;
    },
    nextDue: () => instants.first(),
    push(net, value, due) {
      if (!enqueue(net, value)) return false;
      // In line at its ISP it is called from there.
      if (inLine[net] === 0) instants.set(net, Math.max(due, instants.of(net)));
      return true;
    },
    line(isp, net, value, due) {
      if (!enqueue(net, value)) return false;
      // A /24 that two ISPs share may be in the other's line already: one line at a time, its head decides the next.
      if (inLine[net] === 1) return true;
      instants.remove(net);
      inLine[net] = 1;
      follower[net] = NONE;
      if (firstNet[isp] === NONE) firstNet[isp] = net;
      else follower[lastNet[isp] as number] = net;
      lastNet[isp] = net;
      instants.set(nets + isp, due);
      return true;
    },
    pop(now) {
      if (instants.first() > now) return NONE;
      const who = instants.firstWho();
      if (who < nets) return dequeue(who);
      const isp = who - nets;
      const net = firstNet[isp] as number;
      firstNet[isp] = follower[net] as number;
      inLine[net] = 0;
      if (firstNet[isp] === NONE) instants.remove(who);
      else instants.set(who, ispDue(isp));
      return dequeue(net);
    },
  };
}
