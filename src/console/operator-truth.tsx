/** What can be checked by others: the frozen months with their bytes, and the audit chain with its daily roots. */
import { dateWords, monthWords } from '../record/instant.ts';
import { chartSvg } from '../statistics/chart.ts';
import { figuresCsv } from '../statistics/csv.ts';
import { readRelease } from '../statistics/release.ts';
import { MonthTables } from '../statistics/table.tsx';
import { Empty, Figure } from './layout.tsx';
import type { OperatorPages } from './operator-deps.ts';
import { Table } from './table.tsx';
import { n } from './words.ts';

const CHART_MONTHS = 12;

export function truthRoutes({ app, db, page, audit }: OperatorPages): void {
  const all = () => db.selectFrom('release').selectAll().orderBy('month', 'desc').limit(120).execute();

  app.get('/statistics', async c => {
    const releases = await all();
    const open = releases.findIndex(r => r.month === c.req.query('month'));
    const shown = releases[open];
    const figures = shown && readRelease(shown);
    const drawn = releases.some(r => readRelease(r));
    return page(
      c,
      'Statistics',
      <div class={shown ? 'two reading' : undefined}>
        <div>
          <Table
            caption="Monthly releases, newest first; a frozen one never changes"
            columns={[{ name: 'month' }, { name: 'state' }, { name: 'frozen' }, { name: 'bytes' }]}
            open={open}
            rows={releases.map(r => [
              <a href={`/statistics?month=${r.month}`} aria-current={r === shown ? 'true' : undefined}>
                {r.month}
              </a>,
              <span class={`state-${r.state}`}>{r.state}</span>,
              r.frozen_at === null ? '' : dateWords(r.frozen_at, 'en'),
              readRelease(r) ? 'match their digest' : <b>do not match their digest</b>,
            ])}
            empty={{
              why: 'No month has been released.',
              next: 'A month is drafted when its round has been handed over.',
            }}
          />
          {drawn ? (
            <figure>
              <img
                class="chart"
                src="/statistics/chart.svg"
                width="640"
                height="300"
                alt="Bars of detections and of confirmed repairs by month; the same numbers are in the tables of each month."
              />
            </figure>
          ) : null}
        </div>
        {shown ? (
          <section class="card" aria-labelledby="month">
            <h2 id="month">{monthWords(shown.month, 'en')}</h2>
            {figures ? (
              <>
                <MonthTables figures={figures} language="en" />
                <p>
                  <a href={`/statistics/${shown.month}.csv`}>CSV</a> ·{' '}
                  <a href={`/statistics/${shown.month}.json`}>JSON, the frozen bytes</a>
                </p>
              </>
            ) : (
              <Empty
                why="The bytes do not match their digest: somebody changed them."
                next="Restore the release from what was published, and look at the audit log."
              />
            )}
            <p class="soft">
              SHA-256: <code>{shown.digest}</code>
            </p>
          </section>
        ) : null}
      </div>,
    );
  });

  app.get('/statistics/chart.svg', async c => {
    const months = (await all()).flatMap(r => readRelease(r) ?? []).slice(0, CHART_MONTHS);
    // An image runs no script; the picture's own style needs leave of its own.
    c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    return c.body(chartSvg(months, 'en'), 200, { 'content-type': 'image/svg+xml; charset=utf-8' });
  });

  app.get('/statistics/:file{\\d{4}-\\d{2}\\.(csv|json)}', async c => {
    const [month = '', type] = c.req.param('file').split('.');
    const release = await db.selectFrom('release').selectAll().where('month', '=', month).executeTakeFirst();
    const figures = release && readRelease(release);
    if (!figures) return c.notFound();
    c.header('content-disposition', `attachment; filename="notice-${month}.${type}"`);
    return type === 'csv'
      ? c.body(figuresCsv(figures), 200, { 'content-type': 'text/csv; charset=utf-8' })
      : c.body(release.figures, 200, { 'content-type': 'application/json; charset=utf-8' });
  });

  app.get('/audit', async c => {
    const now = audit();
    const days = await db.selectFrom('audit_root').selectAll().orderBy('day', 'desc').limit(60).execute();
    return page(
      c,
      'Audit',
      <>
        <dl class="figures">
          <Figure label="Entries" value={n(now.entries)} />
          <Figure
            label="Chain"
            value={now.verified ? 'whole' : 'broken'}
            note={now.verified ? 'every entry follows from the one before' : 'stop work and run: notice audit verify'}
          />
        </dl>
        <p>
          Root now: <code>{now.root}</code>
        </p>
        <p class="soft">The root travels in every bundle, so that each ISP is a witness against a rewritten log.</p>
        {days.length > 0 ? (
          <>
            <h2>Roots by day</h2>
            <Table
              caption="Newest first; compare with what was anchored outside"
              columns={[{ name: 'day (JST)' }, { name: 'entries', numeric: true }, { name: 'root', long: true }]}
              rows={days.map(row => [row.day, n(row.entries), <code>{row.root}</code>])}
              empty={{ why: '', next: '' }}
            />
          </>
        ) : null}
      </>,
    );
  });
}
