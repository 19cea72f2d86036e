/**
 * Drops at a prober what is older than the retention table allows: rounds, orders and answers that nobody took up, and what
 * the audit log's commitments stand for. In: the state folder, now. Out: how many of each datum went. The age of a round
 * runs from its beginning. Not while a round or a re-check runs in this folder.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dropSalts } from '../mandate/audit-salts.ts';
import { daysKept } from '../mandate/retention.ts';
import { DAY, type Instant } from '../record/instant.ts';
import { dropAnswer, dropRechecks } from './orders.ts';
import { dropJournals } from './probe-journal.ts';
import { openHits, readOrder, readReport } from './round-files.ts';
import { roundFolder, spoolFile } from './spool.ts';

export function forgetAtProber(state: string, at: Instant): Record<string, number> {
  const before = (datum: string): Instant => at - daysKept(datum) * DAY;
  const gone = { spool: 0, 'finished rounds': 0 };
  const rounds = join(state, 'rounds');
  for (const round of existsSync(rounds) ? readdirSync(rounds) : []) {
    const order = readOrder(state, round);
    if (!order) continue;
    const finished = readReport(state, round) !== undefined;
    const { begunAt } = order;
    if (begunAt <= before('spool')) gone.spool += dropSpool(state, round);
    // Without its spool a round that was broken off cannot go on: it begins anew when it is ordered again.
    if (begunAt > before(finished ? 'finished rounds' : 'spool')) continue;
    rmSync(roundFolder(state, round), { recursive: true, force: true });
    dropAnswer(state, round);
    gone['finished rounds']++;
  }
  return {
    ...gone,
    'journals of probes': dropJournals(state, before('journals of probes')),
    'orders of re-checks': dropRechecks(state, before('orders of re-checks'), 'orders'),
    'answers to re-checks': dropRechecks(state, before('answers to re-checks'), 'answers'),
    'attempts opened': dropSalts(join(state, 'audit.log'), at),
  };
}

/** The spool and the list of who answered. */
function dropSpool(state: string, round: string): number {
  openHits(state, round).remove();
  const file = spoolFile(state, round);
  if (!existsSync(file)) return 0;
  rmSync(file);
  return 1;
}
