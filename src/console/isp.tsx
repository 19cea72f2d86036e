/**
 * An ISP's console: its cases with verdict and why, its bundles, its alerts and letters, its logs. In: this
 * ISP's tables only. Addresses and lines are shown, because they are this ISP's own; names are not, they stay in its
 * customer file.
 */
import type { Hono } from 'hono';
import { makeFrame } from './frame.tsx';
import { alertsRoutes } from './isp-alerts.tsx';
import { casesRoutes } from './isp-cases.tsx';
import type { IspDeps, IspPages } from './isp-deps.ts';
import { logsRoutes } from './isp-logs.tsx';
import type { Noun } from './layout.tsx';
import { Table } from './table.tsx';
import { n, whenIn } from './words.ts';

const NOUNS: readonly Noun[] = [
  { name: 'Cases', href: '/' },
  { name: 'Bundles', href: '/bundles' },
  { name: 'Alerts', href: '/alerts' },
];

export type { IspDeps } from './isp-deps.ts';

export function makeIspConsole(deps: IspDeps): Hono {
  const { db, signIn, rehearsal, ispName, logs } = deps;
  const nouns = logs ? [...NOUNS, { name: 'Logs', href: '/logs' }] : NOUNS;
  const { app, page } = makeFrame({ signIn, rehearsal, mandateDaysLeft: null, role: ispName, nouns });
  const pages: IspPages = { ...deps, app, page };

  casesRoutes(pages);
  alertsRoutes(pages);
  if (logs) logsRoutes(pages);

  app.get('/bundles', async c => {
    const bundles = await db.selectFrom('bundle').selectAll().orderBy('seq', 'desc').limit(500).execute();
    return page(
      c,
      'Bundles',
      <Table
        caption="Received and verified, numbered without gaps; newest first"
        columns={[
          { name: 'number', numeric: true },
          { name: 'rows', numeric: true },
          { name: 'received (JST)' },
          { name: 'SHA-256 of the sealed bytes', long: true },
        ]}
        rows={bundles.map(b => [n(b.seq), n(b.rows), whenIn(b.received_at), <code>{b.digest}</code>])}
        empty={{ why: 'No bundle has been pulled.', next: 'Pull with: notice isp pull --config isp.json' }}
      />,
    );
  });

  return app;
}
