/**
 * The operator's console: the round live, cases, bundles, statistics, audit. Counts and opaque references only: where a
 * device is, nobody here can read. In: the centre's tables and the prober's progress. Out: a Hono app.
 */
import { type Context, Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { streamSSE } from 'hono/streaming';
import { type Kysely, sql } from 'kysely';
import { CASE_STATES } from '../record/case.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import type { Clocks } from '../record/instant.ts';
import { dateWords, isoOf } from '../record/instant.ts';
import type { RoundProgress } from '../record/progress.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { consoleHeaders } from './headers.ts';
import { Empty, Figure, type Noun, Page } from './layout.tsx';
import type { SignIn } from './sign-in.ts';
import { CONSOLE_CSS, CONSOLE_JS } from './style.ts';
import { Table } from './table.tsx';

export interface OperatorDeps {
  readonly db: Kysely<CentreTables>;
  readonly clocks: Clocks;
  readonly signIn: SignIn;
  readonly rehearsal: boolean;
  readonly progress: () => RoundProgress | undefined;
  readonly mandateWords: readonly string[];
  readonly mandateDaysLeft: number;
  readonly audit: () => { readonly entries: number; readonly root: string; readonly verified: boolean };
}

const NOUNS: readonly Noun[] = [
  { name: 'Round', href: '/' },
  { name: 'Cases', href: '/cases' },
  { name: 'Bundles', href: '/bundles' },
  { name: 'Statistics', href: '/statistics' },
  { name: 'Audit', href: '/audit' },
];

const n = (value: number) => value.toLocaleString('en');

/** The figures that move, by the id of the place they stand in. */
export function liveFigures(p: RoundProgress | undefined): Record<string, string | number> {
  if (!p) return {};
  const left =
    p.secondsLeft === null ? '–' : `${Math.floor(p.secondsLeft / 60)}:${String(p.secondsLeft % 60).padStart(2, '0')}`;
  return {
    stage: p.stage,
    done: `${n(p.done)} of ${n(p.total)}`,
    bar: p.total > 0 ? p.done / p.total : 0,
    rate: `${n(Math.round(p.perSecond))}/s`,
    answered: n(p.answered),
    refused: n(p.refused),
    checked: n(p.checked),
    left,
    ...Object.fromEntries(Object.entries(p.reported).map(([name, count]) => [`reported-${name}`, n(count)])),
  };
}

const RoundPage: FC<{
  deps: OperatorDeps;
  rounds: readonly { id: string; month: string; state: string; started_at: number; finished_at: number | null }[];
}> = ({ deps, rounds }) => {
  const p = deps.progress();
  const live = liveFigures(p);
  const word = (id: string) => String(live[id] ?? '–');
  return (
    <>
      {p ? (
        <section data-events="/round/events" aria-label="The round in progress">
          <p>
            Round <b>{p.month}</b>, stage <b id="stage">{word('stage')}</b>
          </p>
          <progress class="bar" id="bar" max="1" value={String(live.bar ?? 0)} aria-label="Part done"></progress>
          <dl class="figures">
            <Figure label="Done" id="done" value={word('done')} />
            <Figure label="Rate" id="rate" value={word('rate')} />
            <Figure label="Time left" id="left" value={word('left')} />
            <Figure label="Answered" id="answered" value={word('answered')} />
            <Figure label="Not sent: excluded or refused" id="refused" value={word('refused')} />
            <Figure label="Checked" id="checked" value={word('checked')} />
          </dl>
          <h2>What the checks report</h2>
          <dl class="figures">
            {Object.keys(p.reported).map(name => (
              <Figure label={name} id={`reported-${name}`} value={word(`reported-${name}`)} />
            ))}
          </dl>
        </section>
      ) : (
        <Empty why="No round is running." next="Start one with: notice round run --mandate FILE --state DIR" />
      )}
      <h2>Rounds</h2>
      <Table
        caption="Newest first"
        columns={[{ name: 'month' }, { name: 'state' }, { name: 'started (UTC)' }, { name: 'finished (UTC)' }]}
        rows={rounds.map(r => [
          r.month,
          r.state,
          isoOf(r.started_at).slice(0, 16),
          r.finished_at === null ? '' : isoOf(r.finished_at).slice(0, 16),
        ])}
        empty={{ why: 'No round yet.', next: 'The first one appears here when it starts.' }}
      />
      <h2>What the mandate allows</h2>
      <ul class="plain">
        {deps.mandateWords.map(words => (
          <li>{words}</li>
        ))}
      </ul>
    </>
  );
};

export function makeOperatorConsole(deps: OperatorDeps): Hono {
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
            role="Operator"
            rehearsal={deps.rehearsal}
            mandateDaysLeft={deps.mandateDaysLeft}
          >
            {body as never}
          </Page>
        )
      ).toString()}`,
    );

  app.get('/', async c => {
    const rounds = await deps.db
      .selectFrom('round')
      .select(['id', 'month', 'state', 'started_at', 'finished_at'])
      .orderBy('started_at', 'desc')
      .limit(24)
      .execute();
    return page(c, 'Round', 'Round', <RoundPage deps={deps} rounds={rounds} />);
  });

  // At most once a second, and it ends by itself when the page goes or after an hour.
  app.get('/round/events', c =>
    streamSSE(c, async stream => {
      for (let second = 0; second < 3600 && !stream.aborted; second++) {
        await stream.writeSSE({ data: JSON.stringify(liveFigures(deps.progress())) });
        await stream.sleep(1000);
      }
    }),
  );

  app.get('/cases', async c => {
    const kind = FINDING_KINDS.find(k => k === c.req.query('kind'));
    const state = CASE_STATES.find(s => s === c.req.query('state'));
    let query = deps.db
      .selectFrom('case')
      .select(['isp', 'kind', 'state', 'vendor', 'model', sql<number>`count(*)::int`.as('n')])
      .groupBy(['isp', 'kind', 'state', 'vendor', 'model']);
    if (kind) query = query.where('kind', '=', kind);
    if (state) query = query.where('state', '=', state);
    const rows = await query.orderBy(sql`count(*)`, 'desc').limit(500).execute();
    const choice = (name: string, all: readonly string[], now: string | undefined) => (
      <div>
        <label for={name}>{name}</label>
        <select id={name} name={name}>
          <option value="">all</option>
          {all.map(one => (
            <option value={one} selected={one === now}>
              {one}
            </option>
          ))}
        </select>
      </div>
    );
    return page(
      c,
      'Cases',
      'Cases',
      <>
        <p class="soft">
          Kinds, models and providers. Where a device is, is sealed to its provider and cannot be read here.
        </p>
        <form class="filter" method="get">
          {choice('kind', FINDING_KINDS, kind)}
          {choice('state', CASE_STATES, state)}
          <button type="submit">Show</button>
        </form>
        <Table
          caption={`${n(rows.reduce((sum, r) => sum + r.n, 0))} cases`}
          columns={[
            { name: 'ISP' },
            { name: 'kind' },
            { name: 'model' },
            { name: 'state' },
            { name: 'cases', numeric: true },
          ]}
          rows={rows.map(r => [
            r.isp,
            r.kind,
            [r.vendor, r.model].filter(Boolean).join(' ') || 'not identified',
            r.state,
            n(r.n),
          ])}
          empty={{
            why: 'No case matches.',
            next: 'Widen the filter, or wait for the round to end: cases are folded then.',
          }}
        />
      </>,
    );
  });

  app.get('/bundles', async c => {
    const bundles = await deps.db
      .selectFrom('bundle')
      .select(['isp', 'seq', 'rows', 'month', 'state', 'created_at', 'delivered_at', 'acknowledged_at'])
      .orderBy('created_at', 'desc')
      .limit(200)
      .execute();
    const answers = await deps.db
      .selectFrom('feedback')
      .select(['isp', 'verdict', sql<number>`count(distinct case_id)::int`.as('n')])
      .groupBy(['isp', 'verdict'])
      .orderBy('isp')
      .execute();
    const day = (at: number | null) => (at === null ? '' : dateWords(at, 'en'));
    return page(
      c,
      'Bundles',
      'Bundles',
      <>
        <Table
          caption="Sealed to each ISP, numbered without gaps; newest first"
          columns={[
            { name: 'ISP' },
            { name: 'number', numeric: true },
            { name: 'cases', numeric: true },
            { name: 'state' },
            { name: 'sealed' },
            { name: 'delivered' },
            { name: 'acknowledged' },
          ]}
          rows={bundles.map(b => [
            b.isp,
            n(b.seq),
            n(b.rows),
            b.state,
            day(b.created_at),
            day(b.delivered_at),
            day(b.acknowledged_at),
          ])}
          empty={{ why: 'Nothing has been handed over yet.', next: 'Bundles are sealed when a round has been folded.' }}
        />
        <h2>What the ISPs answered</h2>
        <Table
          caption="Cases by verdict; only “unique” leads to an alert"
          columns={[{ name: 'ISP' }, { name: 'verdict' }, { name: 'cases', numeric: true }]}
          rows={answers.map(a => [a.isp, a.verdict, n(a.n)])}
          empty={{ why: 'No answer yet.', next: 'ISPs answer when they have pulled and looked up their bundles.' }}
        />
      </>,
    );
  });

  app.get('/statistics', async c => {
    const releases = await deps.db
      .selectFrom('release')
      .select(['month', 'state', 'digest', 'frozen_at'])
      .orderBy('month', 'desc')
      .execute();
    return page(
      c,
      'Statistics',
      'Statistics',
      <Table
        caption="Monthly releases; a frozen one never changes"
        columns={[{ name: 'month' }, { name: 'state' }, { name: 'frozen' }, { name: 'SHA-256 of the published bytes' }]}
        rows={releases.map(r => [r.month, r.state, r.frozen_at === null ? '' : dateWords(r.frozen_at, 'en'), r.digest])}
        empty={{ why: 'No month has been released.', next: 'A month is drafted when its round has been handed over.' }}
      />,
    );
  });

  app.get('/audit', async c => {
    const audit = deps.audit();
    return page(
      c,
      'Audit',
      'Audit',
      <>
        <dl class="figures">
          <Figure label="Entries" value={n(audit.entries)} />
          <Figure
            label="Chain"
            value={audit.verified ? 'whole' : 'broken'}
            note={audit.verified ? 'every entry follows from the one before' : 'stop work and run notice audit verify'}
          />
        </dl>
        <p>
          Root: <code>{audit.root}</code>
        </p>
        <p class="soft">The root travels in every bundle, so that each ISP is a witness against a rewritten log.</p>
      </>,
    );
  });
  app.notFound(c => c.text('There is no such page. Go back to /', 404));
  return app;
}
