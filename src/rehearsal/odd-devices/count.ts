/**
 * One odd device's own count of what was done to it. In: its connections. Out: figures that do not depend on anything the
 * survey says of itself.
 */
import type { Socket } from 'node:net';
import type { Witness } from './device.ts';

export interface Count {
  connections: number;
  /** Most connections open at once. */
  mostOpen: number;
  /** Bytes that came after a session was open. */
  afterAccept: number;
  /** Commands, channels and requests inside a session. */
  intrusions: number;
  /** Sessions opened. */
  accepted: number;
  readonly tries: { readonly source: string; readonly user: string; readonly password: string; readonly at: number }[];
}

export interface Counter {
  readonly count: Count;
  /** Of one new connection. */
  witness(socket: Socket): Witness;
}

/** The end of a connection that was closed before the next was opened may still wait to be read. ms */
const A_MOMENT = 25;

export function makeCounter(monotonic: () => number): Counter {
  const count: Count = { connections: 0, mostOpen: 0, afterAccept: 0, intrusions: 0, accepted: 0, tries: [] };
  const open = new Set<Socket>();
  const perSource = new Map<string, number>();
  const memory = new Map<string, unknown>();
  return {
    count,
    witness(socket) {
      const source = socket.remoteAddress ?? '';
      count.connections++;
      open.add(socket);
      count.mostOpen = Math.max(count.mostOpen, 1);
      const together = [...open];
      if (together.length > 1)
        setTimeout(() => {
          count.mostOpen = Math.max(count.mostOpen, together.filter(one => open.has(one)).length);
        }, A_MOMENT).unref();
      let left = Number.POSITIVE_INFINITY;
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
      // Before the device's own listener: bytes are judged by the state in which they arrive.
      socket.on('data', chunk => {
        if (left === Number.POSITIVE_INFINITY) return;
        count.afterAccept += Math.max(0, chunk.length - left);
        left = Math.max(0, left - chunk.length);
      });
      return {
        source,
        memory,
        accepted: (farewell = 0) => {
          count.accepted++;
          left = farewell;
        },
        tried: (user, password) => {
          count.tries.push({ source, user, password, at: monotonic() });
          perSource.set(source, (perSource.get(source) ?? 0) + 1);
          return perSource.get(source) as number;
        },
        intruded: () => {
          count.intrusions++;
        },
      };
    },
  };
}
