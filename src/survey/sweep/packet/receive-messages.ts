/**
 * What passes between the thread that reads replies and the thread that keeps the books. Replies go through a port, many at
 * a time and in columns, because objects by the hundred thousand cost more to hand over than to find; counts are shared.
 */
import type { GateTables } from '../../../mandate/authority.ts';
import type { ReplyClass } from '../../../record/observation.ts';
import type { SpaceRange } from '../../round/space.ts';

export interface ReceiveInput {
  /** The interface's number. */
  readonly interfaceIndex: number;
  /** Our unsigned IPv4 number, and port: where replies are addressed to. */
  readonly source: number;
  readonly sourcePort: number;
  readonly cookieKey: Uint8Array;
  readonly ranges: readonly SpaceRange[];
  readonly ports: readonly number[];
  readonly gateTables: GateTables;
  /** Of `makeAnswered`, by element; marked here. */
  readonly answered: SharedArrayBuffer;
  /** Elements whose every SYN-ACK is reported, and not only the first: they are asked again and again. */
  readonly canaries: readonly number[];
  readonly calendarOffsetMs: number;
  /** One for each of RECEIVED, since this receiver began. */
  readonly counters: BigInt64Array;
  /** [0] not 0: hand over what is there, and end. */
  readonly control: Int32Array;
}

export const RECEIVED = {
  /** Replies that were ours, repeated ones too. */
  received: 0,
  /** TCP or ICMP to our port that no probe of this sweep can have caused. */
  badCookie: 1,
  /** With a right cookie, and from outside the round or the mandate as it is now: excluded since, a consent that ended. */
  outOfScope: 2,
  duplicates: 3,
  /** Frames the kernel had no room for, and how often it found none (packet(7), PACKET_STATISTICS). */
  kernelDrops: 4,
  freezes: 5,
  /** Errors of the socket: the interface went down. */
  faults: 6,
} as const;

/** A reply a row. Arrays may be longer than `count`. */
export interface ReplyColumns {
  readonly count: number;
  readonly element: Uint32Array;
  /** 1 SYN-ACK, 2 RST, 3 ICMP; as in reply.ts. */
  readonly kind: Uint8Array;
  /** Calendar, ms. */
  readonly at: Float64Array;
  readonly ttl: Uint8Array;
  readonly window: Uint16Array;
  /** Of an ICMP message type × 256 + code; of any other, which of `texts` its TCP options are. */
  readonly detail: Uint16Array;
  readonly texts: readonly string[];
}

export type FromReceiver =
  | { readonly type: 'ready' }
  | { readonly type: 'replies'; readonly columns: ReplyColumns }
  /** It cannot go on. */
  | { readonly type: 'fault'; readonly what: string; readonly remedy: string };

export interface ReceivedReply {
  readonly element: number;
  readonly class: ReplyClass;
  readonly at: number;
  readonly ttl: number;
  readonly window: number;
  readonly options: string;
  readonly code?: number;
}

const CLASSES = ['icmp', 'syn-ack', 'rst', 'icmp'] as const;

export function repliesOf(columns: ReplyColumns): ReceivedReply[] {
  const { count, element, kind, at, ttl, window, detail, texts } = columns;
  return Array.from({ length: count }, (_, n): ReceivedReply => {
    const which = CLASSES[kind[n] as number] as ReplyClass;
    const row = {
      element: element[n] as number,
      class: which,
      at: at[n] as number,
      ttl: ttl[n] as number,
      window: window[n] as number,
    };
    const told = detail[n] as number;
    return which === 'icmp' ? { ...row, options: '', code: told } : { ...row, options: texts[told] ?? '' };
  });
}
