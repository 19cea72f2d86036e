/**
 * The only file of the survey's conversations that opens a socket. In: an IPv4 address, a port, a connect deadline.
 * Out: a small connection that says where it came from, sends, and leaves. Names are never resolved.
 */
import { connect, isIPv4, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Outcome } from '../../record/observation.ts';
import type { Leaving } from './machine.ts';

export interface DialTo {
  readonly address: string;
  readonly port: number;
  readonly transport: 'tcp' | 'tls';
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
  /** TCP stands and nothing has been sent, not even a TLS greeting: the moment to give up on a wrong source. */
  reached(source: Connection['source']): void;
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

/** Old devices speak old TLS and sign their own certificates. Who they are is not the question, so nothing is verified. */
const ANY_TLS = {
  minVersion: 'TLSv1',
  ciphers: 'ALL:@SECLEVEL=0',
  rejectUnauthorized: false,
  checkServerIdentity: () => undefined,
} as const;

export const dial: Dial = (to, events) => {
  if (!isIPv4(to.address)) throw new TypeError('dial takes an IPv4 address, never a name');
  const onread = {
    buffer: SHARED,
    callback: (read: number) => {
      if (!left) events.data(SHARED.subarray(0, read));
      return true;
    },
  };
  let connected = false;
  let left = false;
  let secure: TLSSocket | undefined;
  const socket = connect({
    host: to.address,
    port: to.port,
    noDelay: true,
    ...(to.from === undefined ? {} : { localAddress: to.from }),
    ...(to.transport === 'tls' ? {} : { onread }),
  });
  let polite: NodeJS.Timeout | undefined;
  const reset = () => {
    clearTimeout(polite);
    secure?.destroy();
    socket.resetAndDestroy();
  };
  const late = setTimeout(() => {
    if (left) return;
    left = true;
    events.failed('CONNECT_TIMEOUT');
    socket.destroy();
  }, to.connectMs);
  const leave = (politely: boolean) => {
    if (left) return;
    left = true;
    if (!politely || !connected) return reset();
    (secure ?? socket).end();
    polite = setTimeout(reset, POLITE_MS);
  };
  const fail = (outcome: Outcome) => {
    if (left) return;
    left = true;
    events.failed(outcome);
  };
  const stands = (stream: Socket) => {
    connected = true;
    // EOF is only reported by a flowing stream; with `onread` the bytes themselves do not come this way.
    stream.resume();
    stream.on('end', () => {
      if (!left) events.ended('end');
    });
    events.connected({
      source: sourceOf(socket),
      send: bytes => {
        if (!left) stream.write(bytes);
      },
      leave,
    });
  };
  socket.on('connect', () => {
    clearTimeout(late);
    if (left) return;
    events.reached(sourceOf(socket));
    if (left) return;
    if (to.transport === 'tcp') return stands(socket);
    const tls = connectTls({ ...ANY_TLS, socket });
    secure = tls;
    tls.on('data', chunk => {
      if (!left) events.data(chunk);
    });
    tls.on('secureConnect', () => {
      if (!left) stands(tls);
    });
    tls.on('error', () => {
      if (connected && !left) events.ended('reset');
      else fail('TLS_ERROR');
      reset();
    });
  });
  socket.on('error', error => {
    if (left) return;
    if (connected) events.ended('reset');
    else if (secure) fail('TLS_ERROR');
    else fail(OF_ERROR[(error as NodeJS.ErrnoException).code ?? ''] ?? 'LOCAL_RESOURCE');
  });
  socket.on('close', () => {
    clearTimeout(late);
    clearTimeout(polite);
    secure?.destroy();
    if (!connected) fail('LOCAL_RESOURCE');
    left = true;
    events.closed();
  });
  return () => leave(false);
};

const sourceOf = ({ localAddress, localPort }: Socket) => ({ address: localAddress ?? '', port: localPort ?? 0 });
