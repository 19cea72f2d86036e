/** Dials by Node's sockets: TLS always, and TCP where system calls cannot be made. Shapes and promises: dial.ts. */
import { connect, isIPv4, type Socket } from 'node:net';
import { type TLSSocket, connect as upgrade } from 'node:tls';
import type { Dial, Source } from './dial.ts';
import { MOST_UNSENT, outcomeOfError, POLITE_MS } from './dial-events.ts';

const SHARED = Buffer.allocUnsafeSlow(16 * 1024);

/** Old devices speak old TLS and sign their own certificates. Who they are is not the question, so nothing is verified. */
const ANY_TLS = {
  minVersion: 'TLSv1',
  ciphers: 'ALL:@SECLEVEL=0',
  rejectUnauthorized: false,
  checkServerIdentity: () => undefined,
} as const;

const sourceOf = ({ localAddress, localPort }: Socket): Source => ({
  address: localAddress ?? '',
  port: localPort ?? 0,
});

export const dialNet: Dial = (to, events) => {
  if (!isIPv4(to.address)) throw new TypeError('dial takes an IPv4 address, never a name');
  let connected = false;
  let left = false;
  let gone = false;
  let secure: TLSSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const plain = to.transport === 'tcp';
  const onread = {
    buffer: SHARED,
    callback: (read: number) => {
      if (!left) events.data(SHARED.subarray(0, read));
      return true;
    },
  };
  const socket = connect({
    host: to.address,
    port: to.port,
    noDelay: true,
    ...(to.from === undefined ? {} : { localAddress: to.from }),
    ...(plain ? { onread } : {}),
  });
  const reset = () => {
    clearTimeout(timer);
    secure?.destroy();
    // Node puts the reset of a connecting socket off until it is connected.
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
  };
  const leave = (politely: boolean) => {
    if (left) return;
    left = true;
    if (!politely || !connected || gone) return reset();
    (secure ?? socket).end();
    timer = setTimeout(reset, POLITE_MS);
  };
  const ended = (how: 'end' | 'reset') => {
    if (left || gone) return;
    gone = true;
    events.ended(how);
  };
  const failed = (name: string) => {
    if (left) return;
    left = true;
    events.failed(secure ? 'TLS_ERROR' : outcomeOfError(name));
  };
  const stands = (stream: Socket) => {
    clearTimeout(timer);
    connected = true;
    stream.on('end', () => ended('end'));
    // EOF is only reported by a flowing stream; with `onread` the bytes themselves do not come this way.
    stream.resume();
    events.connected({
      send(bytes) {
        if (left || gone || stream.writableLength > MOST_UNSENT) return;
        stream.write(bytes);
        if (stream.writableLength > MOST_UNSENT) setImmediate(ended, 'reset');
      },
      leave,
    });
  };
  timer = setTimeout(() => {
    if (left) return;
    left = true;
    events.failed('CONNECT_TIMEOUT');
    reset();
  }, to.connectMs);

  socket.on('connect', () => {
    if (left) return;
    events.reached(sourceOf(socket));
    if (left) return;
    if (plain) return stands(socket);
    secure = upgrade({ ...ANY_TLS, socket });
    secure.on('secureConnect', () => {
      if (!left) stands(secure as TLSSocket);
    });
    secure.on('data', chunk => {
      if (!left) events.data(chunk);
    });
    secure.on('error', () => {
      if (connected) ended('reset');
      else failed('');
      if (left) reset();
    });
  });
  socket.on('error', error => {
    if (connected) ended('reset');
    else failed((error as NodeJS.ErrnoException).code ?? '');
  });
  socket.on('close', () => {
    clearTimeout(timer);
    secure?.destroy();
    if (connected) ended('reset');
    else failed('');
    left = true;
    events.closed();
  });
  return () => leave(false);
};
