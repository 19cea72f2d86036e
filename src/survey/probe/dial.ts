/**
 * How a conversation gets its connection: the shapes, and which of the two ways this machine has. Both do the same:
 * dial-raw.ts by system calls, at less than half the CPU, where koffi loads; dial-net.ts by Node's sockets elsewhere, and
 * always for TLS. In: an IPv4 address, a port, a connect deadline. Out: a small connection that says where it came from,
 * sends, and leaves. Names are never resolved.
 */
import { errorOf } from '../../record/fault.ts';
import type { Outcome } from '../../record/observation.ts';
import { dialNet } from './dial-net.ts';
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

export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface Connection {
  /** What the kernel cannot take at once waits, up to `MOST_UNSENT`; a peer that reads so little has left. */
  send(bytes: Uint8Array): void;
  /**
   * Closes. `politely` sends FIN and gives the peer a second to log a clean logout, and is for accepted sessions; all
   * else is reset, which leaves no TIME_WAIT here and frees the one slot that small devices have.
   */
  leave(politely: boolean): void;
}

/** No call comes from inside `dial`, `send` or `leave`. */
export interface DialEvents {
  /** TCP stands and nothing has been sent, not even a TLS greeting: the moment to give up on a wrong source. */
  reached(source: Source): void;
  connected(connection: Connection): void;
  /** The bytes are only good during the call: the buffer is shared by all connections. */
  data(chunk: Uint8Array): void;
  ended(how: Leaving): void;
  /** Never connected. LOCAL_RESOURCE when this machine had no descriptor, port or memory: nothing was sent. */
  failed(outcome: Outcome): void;
  /** Exactly once, last: the socket is gone, and another may be opened to this address. */
  closed(): void;
}

/** Starts to connect; the function returned gives up. */
export type Dial = (to: DialTo, events: DialEvents) => () => void;

const loaded = await import('./dial-raw.ts').then(
  ({ dialRaw }) => ({ dialRaw, why: undefined }),
  (thrown: unknown) => ({ dialRaw: undefined, why: errorOf(thrown).message }),
);

export const dial: Dial = (to, events) =>
  loaded.dialRaw && to.transport === 'tcp' ? loaded.dialRaw(to, events) : dialNet(to, events);

/** For `notice doctor`: which way conversations take here; `why` when it is the slower one. */
export const dialsHere = (): { readonly way: 'system calls' | 'Node'; readonly why?: string } =>
  loaded.dialRaw ? { way: 'system calls' } : { way: 'Node', why: loaded.why };
