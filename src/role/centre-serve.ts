/**
 * A centre that stays up: listens for its ISPs, takes in what its prober finished, hands over, decides re-checks, freezes
 * the month that is over. In: an opened centre and where to listen. The loop ends with the signal.
 */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { Fault } from '../record/fault.ts';
import { type Clocks, DAY, monthOf, monthStart } from '../record/instant.ts';
import type { RoundReport } from '../record/progress.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { Centre } from './centre.ts';
import { freezeMonth, type MonthKnown } from './centre-month.ts';
import { forgetAtCentre } from './centre-retention.ts';
import { oncePerDay } from './daily.ts';

/** How long a month may still be answered before it is frozen: feedback of its last days comes in. */
const FREEZE_AFTER = 2 * DAY;

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a port of one address. Throws Fault('port-taken') when somebody has it. */
export async function listen(app: Hono, host: string, port: number): Promise<Listening> {
  const server = serve({ fetch: app.fetch, port, hostname: host });
  try {
    await once(server, 'listening');
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    throw new Fault(
      'port-taken',
      `port ${port} of ${host} cannot be listened on (${code})`,
      'end the program that has it, or name another port',
      { cause: thrown },
    );
  }
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

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
