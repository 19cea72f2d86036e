/** The driver for machines where koffi does not load: the same attempts through Node's sockets, at about five times the CPU. */
import { connect, type Socket } from 'node:net';
import { formatIpv4 } from '../../record/address.ts';
import {
  ANSWERED,
  type Driver,
  type Ended,
  FOREIGN,
  LOCAL,
  type Outcome,
  PENDING,
  REFUSED,
  SILENT,
  type SourceNamed,
  UNREACHABLE,
} from './driver.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: REFUSED,
  ECONNRESET: REFUSED,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: UNREACHABLE,
  EHOSTDOWN: UNREACHABLE,
  // Node does not say whether a network is unreachable by our own routes or by a router's word; ours is retried.
  ENETUNREACH: LOCAL,
};

/** `textOf`: how an address is written; a list has its own. */
export function netDriver(slots: number, sourceNamed: SourceNamed, textOf = formatIpv4): Driver {
  const sockets = new Array<Socket | undefined>(slots);
  const decided: [slot: number, outcome: Outcome][] = [];
  let fault = '';
  let wake: (() => void) | undefined;

  function decide(slot: number, socket: Socket, outcome: Outcome): void {
    if (sockets[slot] !== socket) return;
    sockets[slot] = undefined;
    decided.push([slot, outcome]);
    wake?.();
  }

  return {
    name: 'net',
    sends: true,
    sourceTo: () => undefined,
    lastFault: () => fault,
    open(slot, address, port) {
      const socket = connect({ host: textOf(address), port });
      sockets[slot] = socket;
      socket.on('connect', () => {
        const named = sourceNamed(socket.localAddress ?? '');
        socket.resetAndDestroy();
        decide(slot, socket, named ? ANSWERED : FOREIGN);
      });
      socket.on('error', error => {
        const code = (error as { code?: string }).code ?? error.message;
        const outcome = OUTCOMES[code] ?? LOCAL;
        if (outcome === LOCAL) fault = code;
        socket.destroy();
        decide(slot, socket, outcome);
      });
      return PENDING;
    },
    async wait(ms, ended: Ended) {
      if (decided.length === 0 && ms > 0)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      else await new Promise<void>(resolve => setImmediate(resolve));
      wake = undefined;
      for (const [slot, outcome] of decided.splice(0)) ended(slot, outcome);
    },
    cancel(slot) {
      sockets[slot]?.destroy();
      sockets[slot] = undefined;
    },
    close() {
      for (const socket of sockets) socket?.destroy();
    },
  };
}
