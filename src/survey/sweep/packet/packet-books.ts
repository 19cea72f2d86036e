/**
 * The main thread's books of one pass of the packet engine: which shard is next, what the ledger says, what was told to
 * the caller. In: messages of the sender and replies of the receiver, one at a time. Out: grants, ledger lines, callbacks;
 * the sums at the end. The order is as in books.ts: audit before a shard, hits before the ledger calls them done.
 */
import { formatIpv4 } from '../../../record/address.ts';
import type { Ledger } from '../../round/ledger.ts';
import { groupOf, shardBounds, shardOf } from '../../round/shards.ts';
import type { Place } from '../../round/space.ts';
import { addTally, excludedOf, noTally, sentOf, type Tally } from '../../round/tally.ts';
import type { Ending } from '../messages.ts';
import type { FoundReply, SweepOptions } from '../sweep-options.ts';
import type { CanaryBook } from './canaries.ts';
import { type Groups, indexOfPair } from './groups.ts';
import type { ReceivedReply } from './receive-messages.ts';
import type { FromPacketSender, RunLine, ToPacketSender } from './send-messages.ts';
import { makeSettling, type ReplyFate, type Settling } from './settling.ts';

const FATE_OF: Readonly<Record<ReceivedReply['class'], ReplyFate>> = {
  'syn-ack': 'answered',
  rst: 'refused',
  icmp: 'unreachable',
};
/** ICMP type 3 with a code that says "administratively prohibited" (RFC 1812 §5.2.7.1), as type × 256 + code. */
const PROHIBITED = new Set([0x309, 0x30a, 0x30d]);
/** Ledger lines at least this far apart, ms. */
const WRITE_EVERY = 900;

export interface PacketCounts {
  readonly sent: number;
  readonly excluded: number;
  readonly known: number;
  readonly faults: number;
  readonly rst: number;
  readonly icmp: number;
  readonly prohibited: number;
  readonly replies: number;
}

export interface PassParts {
  readonly options: SweepOptions;
  readonly pass: number;
  readonly ledger: Ledger;
  readonly groups: Groups;
  /** Of the round, those that are asked for. */
  readonly shards: readonly number[];
  readonly canaries: CanaryBook;
  /** By number, as the sender counts them. */
  readonly canaryElements: readonly number[];
  /** Of those, what answered in an earlier pass and so is not asked in this one as a pair of the round. */
  readonly heardBefore: readonly number[];
  /** ms after the report of a frame within which its reply has come and been handed on. */
  readonly wait: number;
  readonly monotonic: () => number;
  /** What the passes before this one did, for progress. */
  readonly before: PassSum;
  /** Pairs of all passes. */
  readonly total: number;
}

export interface PassSum {
  readonly sent: number;
  readonly excluded: number;
  readonly known: number;
  /** Of pairs that had not answered in an earlier pass. */
  readonly answered: number;
}

export interface PacketBooks {
  /** Tells finished shards and hits of an earlier run again; `known` hears the element of each hit. */
  tellAgain(known: (element: number) => void): Promise<void>;
  left(): boolean;
  handle(message: FromPacketSender, reply: (message: ToPacketSender) => void): Promise<Ending | undefined>;
  replies(batch: readonly ReceivedReply[]): Promise<void>;
  /** Writes what is due. `rest`: the sender has ended, and every reply was waited for. */
  write(rest: boolean): Promise<void>;
  /** Of this run. */
  counts(): PacketCounts;
  sum(): { readonly tally: Tally; readonly total: number; readonly driver: string | undefined; readonly note: string };
}

interface Open {
  readonly settling: Settling;
  reserved: number;
}

export function makePacketBooks(parts: PassParts): PacketBooks {
  const { options, pass, ledger, groups, shards, canaries, canaryElements, wait, monotonic } = parts;
  const { plan, whole } = groups;
  const todo: number[][] = groups.list.map(() => []);
  for (const shard of shards)
    if (!ledger.done(shard)) (todo[groupOf(plan, shardBounds(plan, shard).from)] as number[]).push(shard);
  const mine = new Set(shards);
  const sizeOf = (shard: number): number => {
    const { from, to } = shardBounds(plan, shard);
    return to - from;
  };
  const total = shards.reduce((sum, shard) => sum + sizeOf(shard), 0);
  const sumOf = (): Tally => shards.reduce((sum, shard) => addTally(sum, ledger.state(shard).tally), noTally());
  const first = sumOf();
  const open = new Map<number, Open>();
  const told = new Set<number>();
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  const counts = { sent: 0, excluded: 0, known: 0, faults: 0, rst: 0, icmp: 0, prohibited: 0, replies: 0 };
  const neverTwice = options.policy === 'never-twice';
  const canaryNumber = new Map(canaryElements.map((element, number) => [element, number]));
  /** Canaries that have answered as pairs of the round. */
  const heard = new Set<number>(parts.heardBefore);
  let writtenAt = monotonic();
  let hits = 0;
  let driver: string | undefined;
  let note = '';

  async function tellShard(shard: number): Promise<void> {
    if (told.has(shard)) return;
    told.add(shard);
    const { tally } = ledger.state(shard);
    await options.onShard?.(
      {
        shard,
        total: sizeOf(shard),
        sent: sentOf(tally),
        excluded: excludedOf(tally),
        answered: tally.answered,
        done: true,
      },
      pass,
    );
  }

  function tellProgress(perSecond: number): void {
    const { before } = parts;
    const sent = sentOf(first) + counts.sent;
    const excluded = excludedOf(first) + counts.excluded;
    const known = first.known + counts.known;
    options.onProgress?.({
      total: parts.total,
      done: before.sent + before.excluded + before.known + sent + excluded + known,
      sent: before.sent + sent,
      excluded: before.excluded + excluded,
      known: before.known + known,
      answered: before.answered + first.answered + hits,
      perSecond,
      pass,
    });
  }

  const pairOf = (element: number): { address: string; port: number; isp: string } => {
    whole.locate(element, place);
    return { address: formatIpv4(place.address), port: place.port, isp: whole.isps[place.isp] as string };
  };

  function openOf(shard: number): Open {
    const known = open.get(shard);
    if (known) return known;
    const state = ledger.state(shard);
    const made = {
      settling: makeSettling(state, shardBounds(plan, shard).to, neverTwice),
      reserved: neverTwice ? state.reserved : 0,
    };
    open.set(shard, made);
    return made;
  }

  async function grant(group: number): Promise<ToPacketSender> {
    const shard = (todo[group] as number[]).shift();
    if (shard === undefined || options.signal?.aborted) return { type: 'none', group };
    const { cursor, left } = ledger.state(shard);
    const { to } = shardBounds(plan, shard);
    const { settling } = openOf(shard);
    if (neverTwice) ledger.write([settling.current(cursor)]);
    if (options.driver !== 'dry') await options.beforeShard?.(shard, Math.min(cursor, ...left), to, pass);
    return { type: 'shard', group, shard, cursor, to, left };
  }

  function progress(lines: readonly RunLine[]): void {
    const due = monotonic() + wait;
    for (const line of lines) openOf(line.shard).settling.progress(line, due);
  }

  async function write(rest: boolean): Promise<void> {
    const now = monotonic();
    writtenAt = now;
    const lines = [...open.values()].flatMap(({ settling, reserved }) => {
      const line = rest ? settling.restLine() : settling.line(now, reserved);
      return line ? [line] : [];
    });
    ledger.write(lines);
    for (const { shard } of lines) if (ledger.done(shard)) await tellShard(shard);
  }

  return {
    left: () => todo.some(list => list.length > 0),
    async tellAgain(known) {
      for (const shard of shards) {
        for (const [index, at] of ledger.state(shard).hits) {
          const group = groups.list[groupOf(plan, index)] as Groups['list'][number];
          const local = group.permutation.at(index - group.first);
          const element = whole.elementOf(group.space.address(local), group.space.port(local));
          known(element);
          if (canaryNumber.has(element)) heard.add(element);
          await options.onHit({ ...pairOf(element), at });
        }
        if (ledger.done(shard)) await tellShard(shard);
      }
      tellProgress(0);
    },
    async handle(message, reply) {
      switch (message.type) {
        case 'started':
          ({ driver, note } = message);
          return undefined;
        case 'ask':
          reply(await grant(message.group));
          return undefined;
        case 'reserve': {
          const { shard, upTo } = message;
          const entry = openOf(shard);
          entry.reserved = upTo;
          ledger.write([entry.settling.current(upTo)]);
          reply({ type: 'reserved', shard, upTo });
          return undefined;
        }
        case 'report': {
          const { report } = message;
          Object.assign(counts, {
            sent: report.sent,
            excluded: report.excluded,
            known: report.known,
            faults: report.faults,
          });
          canaries.asked(report.canaries, monotonic());
          progress(report.lines);
          if (monotonic() - writtenAt >= WRITE_EVERY) await write(false);
          tellProgress(report.perSecond);
          return undefined;
        }
        case 'end':
          return message.ending;
      }
    },
    async replies(batch) {
      for (const reply of batch) {
        const canary = canaryNumber.get(reply.element);
        if (canary !== undefined) {
          if (reply.class === 'syn-ack') canaries.answered(canary);
          // The receiver tells every answer of a canary; as a pair of the round it answers once.
          if (heard.has(reply.element)) continue;
          heard.add(reply.element);
        }
        counts.replies++;
        if (reply.class === 'rst') counts.rst++;
        if (reply.class === 'icmp') {
          counts.icmp++;
          if (PROHIBITED.has(reply.code ?? 0)) counts.prohibited++;
        }
        if (options.onReply === undefined && reply.class !== 'syn-ack') {
          // Only counted: no text is made of it.
        } else {
          const { at, ttl, window, options: tcpOptions } = reply;
          const found: FoundReply = {
            ...pairOf(reply.element),
            at,
            class: reply.class,
            ttl,
            window,
            options: tcpOptions,
            ...(reply.code === undefined ? {} : { code: reply.code }),
          };
          await options.onReply?.(found);
          if (reply.class === 'syn-ack') {
            hits++;
            await options.onHit(found);
          }
        }
        const index = indexOfPair(groups, reply.element);
        const shard = shardOf(plan, index);
        if (!mine.has(shard)) continue;
        const hit = reply.class === 'syn-ack' ? ([index, reply.at] as const) : undefined;
        openOf(shard).settling.reply(index, FATE_OF[reply.class], hit);
      }
    },
    write,
    counts: () => ({ ...counts }),
    sum: () => ({ tally: sumOf(), total, driver, note }),
  };
}
