/** The end of a rehearsal: what was found beside what was true, and whether the promises hold. */
import type { Tally } from './devices/tally.ts';
import type { Journal, MonthJudged } from './journal.ts';
import { kindsOf } from './personality.ts';
import type { Programme } from './programme.ts';
import type { Compared } from './truth.ts';
import type { World } from './world.ts';

export interface Summary {
  readonly seed: string;
  readonly addresses: number;
  readonly devices: number;
  readonly months: readonly MonthJudged[];
  readonly after: readonly Compared[];
  readonly inquiries: number;
  readonly falseGuessable: number;
  readonly wrongSubscribers: number;
  /** The worst month's share, 0 to 1. */
  readonly guessableFound: number;
  readonly bytesAfterLogin: number;
  readonly mostConnectionsAtOnce: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly holds: boolean;
}

export async function summarise(journal: Journal, world: World, programme: Programme, tally: Tally): Promise<Summary> {
  const centre = programme.store.centre();
  const fixed = await centre.selectFrom('case').select(['id']).where('state', '=', 'fixed').execute();
  const truly = await trulyFixed(world, programme, new Set(fixed.map(one => one.id)));
  const after: Compared[] = [
    { stage: 'alerted by e-mail', found: journal.sent.mails, expected: programme.mailbox.mails.length },
    { stage: 'alerted by letter', found: journal.sent.letters, expected: programme.post.count() },
    { stage: 're-checked', found: journal.rechecked, expected: journal.checks },
    { stage: 'confirmed fixed', found: fixed.length, expected: truly },
  ];
  const falseGuessable = journal.judged.reduce((sum, month) => sum + month.falseGuessable, 0);
  const wrongSubscribers = journal.judged.reduce((sum, month) => sum + month.wrongSubscribers, 0);
  const guessableFound = Math.min(1, ...journal.judged.map(month => month.guessableFound));
  const holds =
    journal.judged.length === journal.options.rounds &&
    journal.judged.every(month => month.holds) &&
    after.every(row => row.found === row.expected) &&
    tally.bytesAfterSuccess === 0 &&
    tally.mostOpenOnOneAddress <= 1;
  const { seed, addresses, devices } = journal.options;
  return {
    seed,
    addresses,
    devices,
    after,
    falseGuessable,
    wrongSubscribers,
    guessableFound,
    holds,
    months: journal.judged,
    inquiries: journal.inquiries,
    bytesAfterLogin: tally.bytesAfterSuccess,
    mostConnectionsAtOnce: tally.mostOpenOnOneAddress,
    seconds: Math.round(journal.seconds),
    peakMb: journal.peakMb,
  };
}

/** Of the cases said to be fixed, those whose weakness was truly gone when they were closed. */
async function trulyFixed(world: World, programme: Programme, fixed: ReadonlySet<string>): Promise<number> {
  let truly = 0;
  for (const isp of world.country) {
    const rows = await programme.store
      .isp(isp.id)
      .selectFrom('case')
      .select(['id', 'address', 'port', 'kind', 'seen_at', 'closed_at'])
      .execute();
    for (const row of rows) {
      if (!fixed.has(row.id)) continue;
      const at = row.closed_at ?? world.now();
      const holder = world.register.holder(row.address, row.port, row.seen_at);
      const device = holder && world.deviceOn(holder.id);
      if (!device) continue;
      const is = world.conditionOf(device.id, at);
      const service = device.services.find(one => world.options.ports[one.role] === row.port);
      const weak = service !== undefined && kindsOf(service, device.model, is).includes(row.kind);
      const moved = world.register.of(device.line.id, at)?.address !== row.address;
      if (!weak || moved) truly++;
    }
  }
  return truly;
}
