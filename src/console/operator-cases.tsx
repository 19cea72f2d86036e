/** Cases by provider, kind, model and state, and how long the open ones have been open. Never where a device is. */
import { type SelectQueryBuilder, sql } from 'kysely';
import { CASE_STATES } from '../record/case.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import { DAY, type Instant, JST, monthOf } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { Filter, likePattern, searchOf } from './filter.tsx';
import type { OperatorPages } from './operator-deps.ts';
import { Table } from './table.tsx';
import { daysSince, modelWords, n } from './words.ts';

const ROWS_MOST = 500;
const count = sql<number>`count(*)::int`;

/** Open cases by the JST month they were first seen in, oldest first. In: counts by day of first sight. */
export function ageing(days: readonly { readonly first: Instant; readonly n: number }[]) {
  const months = new Map<string, { open: number; first: Instant }>();
  for (const { first, n: open } of days) {
    const month = monthOf(first);
    const before = months.get(month);
    months.set(month, { open: (before?.open ?? 0) + open, first: Math.min(before?.first ?? first, first) });
  }
  return [...months].map(([month, m]) => ({ month, ...m })).sort((a, b) => a.first - b.first);
}

export function casesRoutes({ app, db, page, clocks, nameOf }: OperatorPages): void {
  app.get('/cases', async c => {
    const kind = FINDING_KINDS.find(k => k === c.req.query('kind'));
    const state = CASE_STATES.find(s => s === c.req.query('state'));
    const isps = (await db.selectFrom('case').select('isp').distinct().orderBy('isp').execute()).map(row => row.isp);
    const isp = isps.find(id => id === c.req.query('isp'));
    const q = searchOf(c.req.query('q'));
    const chosen = <O,>(query: SelectQueryBuilder<CentreTables, 'case', O>) => {
      let chosen = query;
      if (kind) chosen = chosen.where('kind', '=', kind);
      if (state) chosen = chosen.where('state', '=', state);
      if (isp) chosen = chosen.where('isp', '=', isp);
      if (q) chosen = chosen.where(sql<boolean>`concat_ws(' ', vendor, model) ilike ${likePattern(q)}`);
      return chosen;
    };
    const groups = await chosen(db.selectFrom('case'))
      .select([
        'isp',
        'kind',
        'state',
        'vendor',
        'model',
        count.as('n'),
        sql<number>`(sum(count(*)) over ())::int`.as('all'),
      ])
      .groupBy(['isp', 'kind', 'state', 'vendor', 'model'])
      .orderBy(count, 'desc')
      .orderBy('isp')
      .limit(ROWS_MOST)
      .execute();
    // Whole JST days as numbers: the database is never asked for a time zone.
    const day = sql<number>`((first_seen + ${JST}::bigint) / ${DAY}::bigint)::int`;
    const days = await chosen(db.selectFrom('case'))
      .select([day.as('day'), count.as('n')])
      .where('closed_at', 'is', null)
      .groupBy(sql`1`)
      .execute();
    const open = ageing(days.map(row => ({ first: row.day * DAY - JST, n: row.n })));
    const total = groups[0]?.all ?? 0;
    return page(
      c,
      'Cases',
      <>
        <p class="soft">
          Kinds, models and providers. Where a device is, is sealed to its provider and cannot be read here.
        </p>
        <Filter
          search={{ label: 'model', now: q }}
          choices={[
            { name: 'isp', label: 'ISP', now: isp, options: isps.map(id => [id, nameOf(id)]) },
            { name: 'kind', now: kind, options: FINDING_KINDS.map(k => [k, k]) },
            { name: 'state', now: state, options: CASE_STATES.map(s => [s, s]) },
          ]}
        />
        <Table
          caption={`${n(total)} ${total === 1 ? 'case' : 'cases'}, most frequent first${groups.length === ROWS_MOST ? `; the first ${ROWS_MOST} rows` : ''}`}
          columns={[
            { name: 'ISP' },
            { name: 'cases', numeric: true },
            { name: 'kind' },
            { name: 'model', long: true },
            { name: 'state' },
          ]}
          rows={groups.map(row => [
            nameOf(row.isp),
            n(row.n),
            row.kind,
            modelWords(row.vendor, row.model),
            <span class={`state-${row.state}`}>{row.state}</span>,
          ])}
          empty={{
            why: 'No case matches.',
            next: 'Widen the filter, or wait for the round to end: cases are folded then.',
          }}
        />
        <h2>How long the open ones have been open</h2>
        <Table
          caption="Open cases by the month they were first seen, oldest first"
          columns={[
            { name: 'first seen' },
            { name: 'open cases', numeric: true },
            { name: 'longest open, days', numeric: true },
          ]}
          rows={open.map(row => [row.month, n(row.open), n(daysSince(row.first, clocks.calendar()))])}
          empty={{ why: 'No case of this view is open.', next: 'Nothing to do here.' }}
        />
      </>,
    );
  });
}
