/**
 * Whether a captured frame answers a probe of ours, and of which pair. In: frames. Out: rows for the books, and counts. A
 * reply counts when its cookie is right, which only a probe of this sweep can have caused; when what it answers is in the
 * round and in the mandate as it is now; and the first time, but for canaries, which are asked again and again.
 *
 * The first valid answer is the answer: exact, by element.
 */
import type { FrameGate } from '../../../mandate/authority.ts';
import type { Space } from '../../round/space.ts';
import type { Answered } from './answered.ts';
import type { Cookie } from './cookie.ts';
import type { ReplyColumns } from './receive-messages.ts';
import { emptyReply, RST, readReply, SYN_ACK } from './reply.ts';

export interface ReceiveParts {
  readonly space: Pick<Space, 'elementOf'>;
  readonly gate: Pick<FrameGate, 'refusesFrame'>;
  readonly cookie: Cookie;
  readonly source: number;
  readonly sourcePort: number;
  readonly answered: Answered;
  readonly canaries: readonly number[];
  /** ms to add to the kernel's clock. */
  readonly calendarOffsetMs: number;
  /** Rows that are kept until they are taken. */
  readonly room: number;
}

export interface Receive {
  /** As a ring visits; `at` is the kernel's clock. Call `take` before more than `room` were visited. */
  visit(memory: Uint8Array, from: number, length: number, at: number): void;
  readonly rows: number;
  /** The rows since this was last asked, in memory of their own. */
  take(): ReplyColumns;
  readonly counts: { received: number; badCookie: number; outOfScope: number; duplicates: number };
}

/** Different texts of TCP options in one batch; what comes after is told as malformed. Machines of one make say the same. */
const TEXTS = 4_096;
const TOO_MANY = '!';

export function makeReceive(parts: ReceiveParts): Receive {
  const { space, gate, cookie, source, sourcePort, answered, room } = parts;
  const canaries = new Set(parts.canaries);
  const reply = emptyReply();
  const element = new Uint32Array(room);
  const kind = new Uint8Array(room);
  const at = new Float64Array(room);
  const ttl = new Uint8Array(room);
  const window = new Uint16Array(room);
  const detail = new Uint16Array(room);
  let textRank = new Map<string, number>();
  let rows = 0;
  const counts = { received: 0, badCookie: 0, outOfScope: 0, duplicates: 0 };

  function rankOf(text: string): number {
    const known = textRank.get(text);
    if (known !== undefined) return known;
    const kept = textRank.size < TEXTS ? text : TOO_MANY;
    const rank = textRank.get(kept) ?? textRank.size;
    textRank.set(kept, rank);
    return rank;
  }

  return {
    counts,
    visit(memory, from, length, seenAt) {
      if (!readReply(memory, from, length, reply)) return;
      if (reply.source !== source || reply.sourcePort !== sourcePort) return;
      const { address, port, sequence } = reply;
      const expected = cookie(address, sourcePort, port);
      if (expected !== sequence && !(reply.kind === RST && expected === (sequence + 1) >>> 0)) {
        counts.badCookie++;
        return;
      }
      const pair = space.elementOf(address, port);
      if (pair < 0 || gate.refusesFrame(address, port, 'sweep') !== undefined) {
        counts.outOfScope++;
        return;
      }
      counts.received++;
      if (!answered.mark(pair)) {
        counts.duplicates++;
        if (!(reply.kind === SYN_ACK && canaries.has(pair))) return;
      }
      element[rows] = pair;
      kind[rows] = reply.kind;
      at[rows] = seenAt + parts.calendarOffsetMs;
      ttl[rows] = reply.ttl;
      window[rows] = reply.window;
      detail[rows] = reply.kind === SYN_ACK || reply.kind === RST ? rankOf(reply.options) : reply.code;
      rows++;
    },
    get rows() {
      return rows;
    },
    take() {
      const columns: ReplyColumns = {
        count: rows,
        element: element.slice(0, rows),
        kind: kind.slice(0, rows),
        at: at.slice(0, rows),
        ttl: ttl.slice(0, rows),
        window: window.slice(0, rows),
        detail: detail.slice(0, rows),
        texts: [...textRank.keys()],
      };
      rows = 0;
      textRank = new Map();
      return columns;
    },
  };
}
