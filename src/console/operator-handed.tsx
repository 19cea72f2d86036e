/** What went to the ISPs and what they say they did with it: bundles, verdicts, alerts. Cases, never lines. */
import { type ExpressionBuilder, sql } from 'kysely';
import { ACTION_CODES, type ActionCode } from '../record/bundle.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { reasonWords } from '../statistics/refusal-words.ts';
import { Filter } from './filter.tsx';
import type { OperatorPages } from './operator-deps.ts';
import { Table } from './table.tsx';
import { dayIn, n } from './words.ts';

const ACTION_WORDS: Readonly<Record<ActionCode, string>> = {
  none: 'nothing yet',
  'alerted-mail': 'alerted by e-mail',
  'alerted-letter': 'alerted by letter',
  called: 'called by telephone',
  'already-alerted': 'alerted before',
  unreachable: 'could not be reached',
  refused: 'the owner refused',
};

/** An ISP may answer again; its last revision about a case stands. */
const latest = (e: ExpressionBuilder<CentreTables & { f: CentreTables['feedback'] }, 'f'>) =>
  e.not(
    e.exists(
      e
        .selectFrom('feedback as later')
        .select(sql`1`.as('one'))
        .whereRef('later.isp', '=', 'f.isp')
        .whereRef('later.case_id', '=', 'f.case_id')
        .whereRef('later.revision', '>', 'f.revision'),
    ),
  );

export function handedRoutes({ app, db, page, nameOf }: OperatorPages): void {
  app.get('/bundles', async c => {
    const isps = (await db.selectFrom('bundle').select('isp').distinct().orderBy('isp').execute()).map(row => row.isp);
    const isp = isps.find(id => id === c.req.query('isp'));
    let query = db
      .selectFrom('bundle')
      .leftJoin('receipt', join => join.onRef('receipt.isp', '=', 'bundle.isp').onRef('receipt.seq', '=', 'bundle.seq'))
      .select([
        'bundle.isp',
        'bundle.seq',
        'rows',
        'state',
        'created_at',
        'delivered_at',
        'acknowledged_at',
        'rejected',
      ]);
    if (isp) query = query.where('bundle.isp', '=', isp);
    const bundles = await query.orderBy('created_at', 'desc').orderBy('bundle.isp').limit(200).execute();
    const answers = await db
      .selectFrom('feedback as f')
      .select(['isp', 'verdict', sql<number>`count(*)::int`.as('n')])
      .where(latest)
      .groupBy(['isp', 'verdict'])
      .orderBy('isp')
      .orderBy(sql`count(*)`, 'desc')
      .execute();
    return page(
      c,
      'Bundles',
      <>
        {isps.length > 1 ? (
          <Filter choices={[{ name: 'isp', label: 'ISP', now: isp, options: isps.map(id => [id, nameOf(id)]) }]} />
        ) : null}
        <Table
          caption="Sealed to each ISP, numbered without gaps; newest first; days in JST"
          columns={[
            { name: 'ISP' },
            { name: 'number', numeric: true },
            { name: 'rows', numeric: true },
            { name: 'state' },
            { name: 'sealed' },
            { name: 'delivered' },
            { name: 'acknowledged' },
            { name: 'rows rejected', numeric: true },
          ]}
          rows={bundles.map(b => [
            nameOf(b.isp),
            n(b.seq),
            n(b.rows),
            <span class={`state-${b.state}`}>{b.state}</span>,
            dayIn(b.created_at),
            dayIn(b.delivered_at),
            dayIn(b.acknowledged_at),
            b.rejected === null ? '' : n(b.rejected),
          ])}
          empty={{ why: 'Nothing has been handed over yet.', next: 'Bundles are sealed when a round has been folded.' }}
        />
        <h2>What the ISPs answered</h2>
        <Table
          caption="Cases by the last verdict; only “unique” leads to an alert"
          columns={[
            { name: 'ISP' },
            { name: 'verdict' },
            { name: 'in words', long: true },
            { name: 'cases', numeric: true },
          ]}
          rows={answers.map(a => [nameOf(a.isp), a.verdict, reasonWords(a.verdict, 'en'), n(a.n)])}
          empty={{ why: 'No answer yet.', next: 'ISPs answer when they have pulled and looked up their bundles.' }}
        />
      </>,
    );
  });

  app.get('/alerts', async c => {
    const months = (
      await db
        .selectFrom('feedback')
        .select(sql<string>`substr(day, 1, 7)`.as('month'))
        .distinct()
        .orderBy(sql`1`, 'desc')
        .execute()
    ).map(row => row.month);
    const month = months.find(m => m === c.req.query('month'));
    let query = db
      .selectFrom('feedback as f')
      .select(['isp', 'action', sql<number>`count(distinct case_id)::int`.as('n')])
      .where('action', '!=', 'none');
    if (month) query = query.where(sql<boolean>`substr(day, 1, 7) = ${month}`);
    const told = await query.groupBy(['isp', 'action']).orderBy('isp').execute();
    const acts = ACTION_CODES.filter(action => action !== 'none');
    const isps = [...new Set(told.map(row => row.isp))];
    return page(
      c,
      'Alerts',
      <>
        <p class="soft">As the ISPs report it: in how many cases they did what. Whom they wrote to, only they know.</p>
        {months.length > 1 ? (
          <Filter choices={[{ name: 'month', now: month, options: months.map(m => [m, m]) }]} />
        ) : null}
        <Table
          caption={`Cases by what was done${month ? ` in ${month}` : ', all months'}; one case may be told by e-mail and by letter`}
          columns={[{ name: 'ISP' }, ...acts.map(action => ({ name: ACTION_WORDS[action], numeric: true }))]}
          rows={isps.map(isp => [
            nameOf(isp),
            ...acts.map(action => n(told.find(row => row.isp === isp && row.action === action)?.n ?? 0)),
          ])}
          empty={{
            why: 'No ISP has reported an alert.',
            next: 'They report after their first alerts; those follow a verdict “unique”.',
          }}
        />
      </>,
    );
  });
}
