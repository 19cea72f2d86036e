/**
 * A centre that stays up: takes in what its prober finished, hands over, decides re-checks, freezes
 * the month that is over. In: an opened centre. The loop ends with the signal.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { type Clocks, DAY, monthOf, monthStart } from '../record/instant.ts';
import type { RoundReport } from '../record/progress.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { Centre } from './centre.ts';
import { freezeMonth, type MonthKnown } from './centre-month.ts';
import { forgetAtCentre } from './centre-retention.ts';
import { oncePerDay } from './daily.ts';

/** How long a month may still be answered before it is frozen: feedback of its last days comes in. */
const FREEZE_AFTER = 2 * DAY;

function finished(proberState: string): RoundReport[] {
  const rounds = join(proberState, 'rounds');
  if (!existsSync(rounds)) return [];
  return readdirSync(rounds).flatMap(name => {
    const file = join(rounds, name, 'report.json');
    const spool = join(rounds, name, 'spool.ndjson');
    return existsSync(file) && existsSync(spool) ? [JSON.parse(readFileSync(file, 'utf8')) as RoundReport] : [];
  });
}

export interface CentreWork {
  readonly centre: Centre;
  readonly db: Kysely<CentreTables>;
  readonly clocks: Clocks;
  readonly proberState: string;
  readonly addresses: number;
  readonly known: MonthKnown;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

export async function workAtCentre({
  centre,
  db,
  clocks,
  proberState,
  addresses,
  known,
  signal,
  say,
}: CentreWork): Promise<void> {
  const forget = oncePerDay(at => forgetAtCentre(db, at));
  while (!signal.aborted) {
    for (const report of finished(proberState)) {
      await centre.takeRound(report, addresses);
      say(`took in the round of ${report.month}: ${report.findings} findings, sealed`);
    }
    for (const [isp, rows] of await centre.handOver()) say(`sealed ${rows} row(s) for ${isp}`);
    const decided = await centre.rechecks();
    const over = monthOf(monthStart(monthOf(clocks.calendar())) - DAY);
    if (clocks.calendar() - monthStart(monthOf(clocks.calendar())) > FREEZE_AFTER) {
      const surveyed = await db.selectFrom('round').select('id').where('month', '=', over).executeTakeFirst();
      if (surveyed) await freezeMonth(db, known, over, clocks.calendar());
    }
    // After the freeze: a month that is over is counted before its findings go.
    await forget(clocks.calendar());
    if (decided === 0) await sleep(500, undefined, { signal }).catch(() => {});
  }
}
