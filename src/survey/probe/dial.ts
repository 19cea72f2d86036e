/**
 * The only file of the survey's conversations that opens a socket. In: an IPv4 address, a port, a connect deadline.
 * Out: a small connection that says where it came from, sends, and leaves. Names are never resolved.
 */
import { connect, isIPv4 } from 'node:net';
import type { Outcome } from '../../record/observation.ts';
import type { Leaving } from './machine.ts';

export interface DialTo {
  readonly address: string;
  readonly port: number;
  /** ms until CONNECT_TIMEOUT. */
  readonly connectMs: number;
  /** Bind to this source; only the second look of a decoy ladder does. Routing chooses otherwise: binding costs ports. */
  readonly from?: string;
}

export interface Connection {
  readonly source: { readonly address: string; readonly port: number };
  send(bytes: Uint8Array): void;
  /**
   * Closes. `politely` sends FIN and gives the peer a second to log a clean logout, and is for accepted sessions; all
   * else is reset, which leaves no TIME_WAIT here and frees the one slot that small devices have.
   */
  leave(politely: boolean): void;
}

export interface DialEvents {
  connected(connection: Connection): void;
  /** The bytes are only good during the call: the buffer is shared by all connections. */
  data(chunk: Uint8Array): void;
  ended(how: Leaving): void;
  /** Never connected. */
  failed(outcome: Outcome): void;
  /** Exactly once, last: the socket is gone, and another may be opened to this address. */
  closed(): void;
}

/** Starts to connect; the function returned gives up. */
export type Dial = (to: DialTo, events: DialEvents) => () => void;

const POLITE_MS = 1_000;
const SHARED = Buffer.allocUnsafeSlow(16 * 1024);

const OF_ERROR: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: 'REFUSED',
  ECONNRESET: 'BUSY',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ETIMEDOUT: 'CONNECT_TIMEOUT',
};

export const dial: Dial = (to, events) => {
  if (!isIPv4(to.address)) throw new TypeError('dial takes an IPv4 address, never a name');
  let connected = false;
  let left = false;
  const socket = connect({
    host: to.address,
    port: to.port,
    noDelay: true,
    ...(to.from === undefined ? {} : { localAddress: to.from }),
    onread: {
      buffer: SHARED,
      callback: read => {
        if (!left) events.data(SHARED.subarray(0, read));
        return true;
      },
    },
  });
  const late = setTimeout(() => {
    if (connected || left) return;
    left = true;
    events.failed('CONNECT_TIMEOUT');
    socket.destroy();
  }, to.connectMs);
  let polite: NodeJS.Timeout | undefined;
  const leave = (politely: boolean) => {
    if (left) return;
    left = true;
    if (!politely || !connected) {
      socket.resetAndDestroy();
      return;
    }
    socket.end();
    polite = setTimeout(() => socket.resetAndDestroy(), POLITE_MS);
  };
  socket.on('connect', () => {
    clearTimeout(late);
    if (left) return;
    connected = true;
    // EOF is only reported by a flowing stream; the bytes themselves go to `onread`.
    socket.resume();
    events.connected({
      source: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
      send: bytes => {
        if (!left) socket.write(bytes);
      },
      leave,
    });
  });
  socket.on('end', () => {
    if (!left) events.ended('end');
  });
  socket.on('error', error => {
    if (left) return;
    if (connected) events.ended('reset');
    else {
      left = true;
      events.failed(OF_ERROR[(error as NodeJS.ErrnoException).code ?? ''] ?? 'LOCAL_RESOURCE');
    }
  });
  socket.on('close', () => {
    clearTimeout(late);
    clearTimeout(polite);
    if (!left && !connected) events.failed('LOCAL_RESOURCE');
    left = true;
    events.closed();
  });
  return () => leave(false);
};
