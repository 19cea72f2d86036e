/**
 * An ISP's console: its bundles, its cases with verdict and why, its alerts and letters. In: this ISP's tables only.
 * Addresses and lines are shown, because they are this ISP's own; names are not, they stay in its customer file.
 */
import { type Context, Hono } from 'hono';
import { type Kysely, sql } from 'kysely';
import { type Clocks, dateWords, isoOf } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { consoleHeaders } from './headers.ts';
import { Figure, type Noun, Page } from './layout.tsx';
import type { SignIn } from './sign-in.ts';
import { CONSOLE_CSS, CONSOLE_JS } from './style.ts';
import { Table } from './table.tsx';

export interface IspDeps {
  readonly db: Kysely<IspTables>;
  readonly clocks: Clocks;
  readonly signIn: SignIn;
  readonly ispName: string;
  readonly rehearsal: boolean;
  /** The PDF of a letter by its alert's id; undefined when there is none. */
  readonly letter: (alertId: string) => Uint8Array | undefined;
}

const NOUNS: readonly Noun[] = [
  { name: 'Cases', href: '/' },
  { name: 'Bundles', href: '/bundles' },
  { name: 'Alerts', href: '/alerts' },
];

const n = (value: number) => value.toLocaleString('en');

export function makeIspConsole(deps: IspDeps): Hono {
  const app = new Hono();
  app.use(consoleHeaders);
  app.get('/console.css', c => c.body(CONSOLE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/console.js', c => c.body(CONSOLE_JS, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.use(deps.signIn.guard);

  const page = (c: Context, title: string, noun: string, body: unknown) =>
    c.html(
      `<!doctype html>${(
        (
          <Page
            title={title}
            noun={noun}
            nouns={NOUNS}
            who={c.get('person')?.name ?? ''}
            role={deps.ispName}
            rehearsal={deps.rehearsal}
            mandateDaysLeft={null}
          >
            {body as never}
          </Page>
        )
      ).toString()}`,
    );

  app.get('/', async c => {
    const verdict = c.req.query('verdict') ?? '';
    const mix = await deps.db
      .selectFrom('case')
      .select(['verdict', sql<number>`count(*)::int`.as('n')])
      .groupBy('verdict')
      .orderBy(sql`count(*)`, 'desc')
      .execute();
    let query = deps.db.selectFrom('case').selectAll();
    if (verdict) query = query.where('verdict', '=', verdict as never);
    const cases = await query.orderBy('seen_at', 'desc').limit(200).execute();
    return page(
      c,
      'Cases',
      'Cases',
      <>
        <dl class="figures">
          {mix.map(m => (
            <Figure label={m.verdict ?? 'not looked up yet'} value={n(m.n)} />
          ))}
        </dl>
        <form class="filter" method="get">
          <div>
            <label for="verdict">verdict</label>
            <select id="verdict" name="verdict">
              <option value="">all</option>
              {mix.flatMap(m =>
                m.verdict === null
                  ? []
                  : [
                      <option value={m.verdict} selected={m.verdict === verdict}>
                        {m.verdict}
                      </option>,
                    ],
              )}
            </select>
          </div>
          <button type="submit">Show</button>
        </form>
        <Table
          caption={`${n(cases.length)} newest cases; only “unique” may be alerted`}
          columns={[
            { name: 'seen (UTC)' },
            { name: 'address' },
            { name: 'port', numeric: true },
            { name: 'kind' },
            { name: 'model' },
            { name: 'verdict' },
            { name: 'line' },
            { name: 'why' },
            { name: 'state' },
          ]}
          rows={cases.map(one => [
            isoOf(one.seen_at).slice(0, 19),
            one.address,
            String(one.port),
            one.kind,
            [one.vendor, one.model].filter(Boolean).join(' ') || 'not identified',
            one.verdict ?? '',
            one.subscriber ?? '',
            one.why ?? '',
            one.closed_reason ? `${one.state}: ${one.closed_reason}` : one.state,
          ])}
          empty={{ why: 'No case.', next: 'Cases appear when a bundle has been pulled: notice isp pull' }}
        />
      </>,
    );
  });

  app.get('/bundles', async c => {
    const bundles = await deps.db.selectFrom('bundle').selectAll().orderBy('seq', 'desc').execute();
    return page(
      c,
      'Bundles',
      'Bundles',
      <Table
        caption="Received and verified, numbered without gaps"
        columns={[
          { name: 'number', numeric: true },
          { name: 'rows', numeric: true },
          { name: 'received' },
          { name: 'SHA-256' },
        ]}
        rows={bundles.map(b => [n(b.seq), n(b.rows), dateWords(b.received_at, 'en'), b.digest])}
        empty={{ why: 'No bundle has been pulled.', next: 'Pull with: notice isp pull --config isp.json' }}
      />,
    );
  });

  app.get('/alerts', async c => {
    const alerts = await deps.db.selectFrom('alert').selectAll().orderBy('due_at', 'desc').limit(300).execute();
    return page(
      c,
      'Alerts',
      'Alerts',
      <Table
        caption="Newest first"
        columns={[
          { name: 'due' },
          { name: 'channel' },
          { name: 'message' },
          { name: 'line' },
          { name: 'state' },
          { name: 'sent' },
          { name: 'letter' },
        ]}
        rows={alerts.map(a => [
          dateWords(a.due_at, 'en'),
          a.channel,
          a.message,
          a.subscriber,
          a.ended_reason ? `${a.state}: ${a.ended_reason}` : a.state,
          a.sent_at === null ? '' : dateWords(a.sent_at, 'en'),
          a.channel === 'letter' && a.state === 'sent' ? (
            <a href={`/letters/${encodeURIComponent(a.id)}.pdf`}>PDF</a>
          ) : (
            ''
          ),
        ])}
        empty={{ why: 'No alert yet.', next: 'Alerts become due when a case has been identified without doubt.' }}
      />,
    );
  });

  app.get('/letters/:file', c => {
    const id = c.req.param('file').replace(/\.pdf$/, '');
    const pdf = /^[\w-]+$/.test(id) ? deps.letter(id) : undefined;
    return pdf
      ? c.body(pdf as Uint8Array<ArrayBuffer>, 200, { 'content-type': 'application/pdf' })
      : c.text('There is no such letter.', 404);
  });
  app.notFound(c => c.text('There is no such page. Go back to /', 404));
  return app;
}
