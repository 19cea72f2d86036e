/**
 * The operator's console: the round live, cases, bundles, alerts, statistics, audit. Counts and opaque references only:
 * where a device is, nobody here can read. In: the centre's tables and the prober's progress. Out: a Hono app.
 */
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { makeFrame } from './frame.tsx';
import type { Noun } from './layout.tsx';
import { casesRoutes } from './operator-cases.tsx';
import type { OperatorDeps, OperatorPages } from './operator-deps.ts';
import { handedRoutes } from './operator-handed.tsx';
import { liveFigures, RoundPage } from './operator-round.tsx';
import { truthRoutes } from './operator-truth.tsx';

const NOUNS: readonly Noun[] = [
  { name: 'Round', href: '/' },
  { name: 'Cases', href: '/cases' },
  { name: 'Bundles', href: '/bundles' },
  { name: 'Alerts', href: '/alerts' },
  { name: 'Statistics', href: '/statistics' },
  { name: 'Audit', href: '/audit' },
];

const EVENTS_LAST_S = 3600;

export type { OperatorDeps } from './operator-deps.ts';

export function makeOperatorConsole(deps: OperatorDeps): Hono {
  const { signIn, rehearsal, mandateDaysLeft } = deps;
  const { app, page } = makeFrame({ signIn, rehearsal, mandateDaysLeft, role: 'Operator', nouns: NOUNS });
  const pages: OperatorPages = { ...deps, app, page, nameOf: isp => deps.names?.get(isp)?.en ?? isp };

  app.get('/', async c => {
    const rounds = await deps.db
      .selectFrom('round')
      .select(['id', 'month', 'state', 'started_at', 'finished_at'])
      .orderBy('started_at', 'desc')
      .limit(24)
      .execute();
    return page(c, 'Round', <RoundPage progress={deps.progress()} mandateWords={deps.mandateWords} rounds={rounds} />);
  });

  // At most once a second, and it ends by itself when the page goes or after an hour; the page then asks again.
  app.get('/round/events', c =>
    streamSSE(c, async stream => {
      for (let second = 0; second < EVENTS_LAST_S && !stream.aborted; second++) {
        await stream.writeSSE({ data: JSON.stringify(liveFigures(deps.progress())) });
        await stream.sleep(1000);
      }
    }),
  );

  casesRoutes(pages);
  handedRoutes(pages);
  truthRoutes(pages);
  return app;
}
