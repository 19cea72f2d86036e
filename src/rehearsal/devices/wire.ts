/**
 * One accepted connection, as a device's firmware sees it: it may send, wait and hang up. Everything the far end does is
 * counted here, after a success above all: the proof that nothing is sent then is taken at this end.
 */
import type { Socket } from 'node:net';
import type { Placement } from '../world.ts';
import type { Counter } from './tally.ts';

export interface Wire {
  send(bytes: string | Uint8Array): void;
  /** Sends, then hangs up. */
  end(bytes?: string | Uint8Array): void;
  /** Does something later, unless the connection is gone by then. */
  later(ms: number, act: () => void): void;
  /** Does something every `ms` while the connection stands and the peer reads. */
  repeat(ms: number, act: () => void): void;
  /** Notes a try. True when the device lets it in; from then on nothing it receives is understood any more. */
  tries(user: string, password: string): boolean;
  isInside(): boolean;
  /** Bytes that came when nothing should: at an open session, or behind an accepted try. */
  intruded(bytes: number): void;
  /** Wrong tries on this device since it was placed. */
  wrongTries(): number;
}

export type Talk = (wire: Wire, device: Placement) => (chunk: Buffer) => void;

export function attach(socket: Socket, device: Placement, talk: Talk, counter: Counter): void {
  const timers = new Set<NodeJS.Timeout>();
  let inside = false;
  const closeCount = counter.connected(device);
  const wire: Wire = {
    send: bytes => {
      if (socket.writable) socket.write(bytes);
    },
    end: bytes => {
      if (!socket.writable) return;
      if (bytes === undefined) socket.end();
      else socket.end(bytes);
    },
    later: (ms, act) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
      }, ms);
      timers.add(timer);
    },
    repeat: (ms, act) => {
      // A peer that does not read must not make us remember: write only what the kernel takes.
      timers.add(setInterval(() => !socket.writableNeedDrain && act(), ms));
    },
    tries: (user, password) => {
      const pair = device.condition.pair;
      const anything =
        device.service.personality === 'accepts-anything' || device.service.personality === 'http-anything';
      const right = anything || (pair !== null && pair.user === user && pair.password === password);
      counter.tried(device, user, right);
      if (right) inside = true;
      return right;
    },
    isInside: () => inside,
    intruded: bytes => counter.afterSuccess(device, bytes),
    wrongTries: () => counter.wrongTries(device),
  };
  const finish = () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    closeCount();
  };
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('end', finish);
  socket.on('close', finish);
  const hear = talk(wire, device);
  let lastByte = 0;
  socket.on('data', chunk => {
    // The LF or NUL of a line end that was split belongs to the try itself.
    const tail = lastByte === 13 && (chunk[0] === 10 || chunk[0] === 0) ? 1 : 0;
    lastByte = chunk[chunk.length - 1] ?? 0;
    if (!inside) hear(chunk);
    else if (chunk.length > tail) counter.afterSuccess(device, chunk.length - tail);
  });
}
