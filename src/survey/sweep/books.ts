/**
 * The main thread's books of one sweep: which shard is next, what the ledger says, what was told to the caller. In:
 * messages of the sender, one at a time. Out: grants, ledger lines, callbacks; the sums at the end.
 */
import { formatIpv4 } from '../../record/address.ts';
import type { Ledger } from '../round/ledger.ts';
import { makePermutation } from '../round/permutation.ts';
import { type ShardPlan, shardBounds } from '../round/shards.ts';
import type { Place, Space } from '../round/space.ts';
import { addTally, excludedOf, noTally, sentOf, type Tally } from '../round/tally.ts';
import type { Driver } from './driver.ts';
import { textAt } from './list/hit-list.ts';
import type { Ending, FromSender, Report, ToSender } from './messages.ts';
import type { SweepOptions } from './sweep-options.ts';

export interface Books {
  /** Tells hits and finished shards of an earlier run again: their reader may have lost them in the same crash. */
  tellAgain(): Promise<void>;
  /** Whether a shard is not done yet. */
  left(): boolean;
  handle(message: FromSender, reply: (message: ToSender) => void): Promise<Ending | undefined>;
  sum(): {
    readonly tally: Tally;
    readonly total: number;
    readonly packets: number;
    readonly faults: number;
    readonly driver: Driver['name'] | undefined;
    readonly note: string;
  };
}

export function makeBooks(
  options: SweepOptions,
  ledger: Ledger,
  plan: ShardPlan,
  space: Space,
  shards: readonly number[],
): Books {
  const todo = shards.filter(shard => !ledger.done(shard));
  const sizeOf = (shard: number): number => {
    const { from, to } = shardBounds(plan, shard);
    return to - from;
  };
  const total = shards.reduce((sum, shard) => sum + sizeOf(shard), 0);
  const sumOf = (list: readonly number[]): Tally =>
    list.reduce((sum, shard) => addTally(sum, ledger.state(shard).tally), noTally());
  const before = sumOf(shards);
  const told = new Set<number>();
  let granted = 0;
  let last: Report | undefined;
  let driver: Driver['name'] | undefined;
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
      1,
    );
  }

  function tellProgress(tally: Tally, perSecond: number): void {
    const sent = sentOf(tally);
    const excluded = excludedOf(tally);
    options.onProgress?.({ total, done: sent + excluded, sent, excluded, answered: tally.answered, perSecond });
  }

  async function read(report: Report): Promise<void> {
    // Hits first: once a line calls them done, nobody looks for them again.
    for (const hit of report.hits) await options.onHit(hit);
    ledger.write(report.lines);
    for (const { shard } of report.lines) if (ledger.done(shard)) await tellShard(shard);
    last = report;
    tellProgress(addTally(before, report.tally), report.perSecond);
  }

  async function grant(): Promise<ToSender> {
    const shard = todo[granted++];
    if (shard === undefined || options.signal?.aborted) return { type: 'none' };
    const state = ledger.state(shard);
    const { to } = shardBounds(plan, shard);
    // From now on what is open may have been sent: under never-twice a crash must find that written.
    if (options.policy === 'never-twice') ledger.write([{ ...state, hits: [], rest: false }]);
    if (options.driver !== 'dry') await options.beforeShard?.(shard, Math.min(state.cursor, ...state.left), to, 1);
    return { type: 'shard', state: { ...state, hits: [] }, to };
  }

  return {
    left: () => todo.length > 0,
    async tellAgain() {
      const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
      const permutation = makePermutation(options.key, space.size);
      for (const shard of shards) {
        for (const [index, at] of ledger.state(shard).hits) {
          space.locate(permutation.at(index), place);
          await options.onHit({
            address: options.list ? textAt(options.list.list, place.address) : formatIpv4(place.address),
            port: place.port,
            at,
            isp: space.isps[place.isp] as string,
          });
        }
        if (ledger.done(shard)) await tellShard(shard);
      }
      tellProgress(before, 0);
    },
    async handle(message, reply) {
      switch (message.type) {
        case 'started':
          ({ driver, note } = message);
          return undefined;
        case 'ask':
          reply(await grant());
          return undefined;
        case 'reserve':
          ledger.write([message.line]);
          reply({ type: 'reserved', shard: message.line.shard, upTo: message.line.reserved });
          return undefined;
        case 'report':
          await read(message.report);
          return undefined;
        case 'end':
          return message.ending;
      }
    },
    sum: () => ({
      tally: sumOf(shards),
      total,
      packets: last?.packets ?? 0,
      faults: last?.faults ?? 0,
      driver,
      note,
    }),
  };
}
