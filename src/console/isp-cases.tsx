/** An ISP's cases: the mix of verdicts, a filter in the address bar, and one case open beside the table with what was done. */
import type { FC } from 'hono/jsx';
import { type Selectable, sql } from 'kysely';
import { printAlertCode } from '../record/alert-code.ts';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { VERDICT_WORDS } from '../statistics/refusal-words.ts';
import { Filter, likePattern, searchOf, viewAt } from './filter.tsx';
import { alertState, LetterLink } from './isp-alerts.tsx';
import type { IspPages } from './isp-deps.ts';
import { Empty, Figure } from './layout.tsx';
import { Table } from './table.tsx';
import { modelWords, n, whenIn } from './words.ts';

const ROWS_MOST = 200;
/** Sought as a verdict, but never one: not looked up yet. */
const WAITING = 'waiting';
const STATES = ['open', 'closed', 'revoked'] as const;

type CaseRow = Selectable<IspTables['case']>;

const stateOf = (one: CaseRow) =>
  one.disputed_at === null ? (
    <span class={`state-${one.state}`}>{one.closed_reason ? `${one.state}: ${one.closed_reason}` : one.state}</span>
  ) : (
    <span class="state-open">{one.state === 'open' ? 'disputed: stopped' : `${one.state}, disputed`}</span>
  );

const OpenCase: FC<{ one: CaseRow; alerts: readonly Selectable<IspTables['alert']>[]; close: string }> = props => {
  const { one, alerts } = props;
  const facts = [
    ['Seen (JST)', whenIn(one.seen_at)],
    ['Clock error at most', `${n(one.clock_error_ms)} ms`],
    ['Address', one.address],
    ['Port', `${one.port} (${one.protocol})`],
    ['What was found', one.kind],
    ['Which box, probably', modelWords(one.vendor, one.model)],
    ['Alert code', printAlertCode(one.alert_code)],
    ['Verdict', one.verdict === null ? 'not looked up yet' : `${one.verdict}: ${VERDICT_WORDS[one.verdict].en}`],
    ['Why', one.why ?? ''],
    ['Line (its number in the logs)', one.subscriber ?? 'none: nobody is alerted'],
    ['Logs it rests on', one.sources === null ? '' : (JSON.parse(one.sources) as string[]).join(', ')],
    ['Disputed (JST)', whenIn(one.disputed_at)],
    ['Closed (JST)', whenIn(one.closed_at)],
  ] as const;
  return (
    <section class="card stays" aria-labelledby="case">
      <h2 id="case">Case</h2>
      <p>
        {stateOf(one)} · <a href={props.close}>Close</a>
      </p>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === '' ? null : (
            <div>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <h3>Alerts about it</h3>
      {alerts.length === 0 ? (
        <p class="soft">
          None.{' '}
          {one.verdict === 'unique' && one.disputed_at === null
            ? 'One follows when the ladder says so.'
            : 'None will follow.'}
        </p>
      ) : (
        <ul class="plain">
          {alerts.map(alert => (
            <li>
              {whenIn(alert.sent_at ?? alert.due_at)} {alert.channel}, {alert.message}: {alertState(alert)}{' '}
              <LetterLink alert={alert} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};

export function casesRoutes({ app, db, page }: IspPages): void {
  app.get('/', async c => {
    const verdict = [...IDENTIFICATION_VERDICTS, WAITING].find(v => v === c.req.query('verdict'));
    const kind = FINDING_KINDS.find(k => k === c.req.query('kind'));
    const state = STATES.find(s => s === c.req.query('state'));
    const q = searchOf(c.req.query('q'));
    const mix = await db
      .selectFrom('case')
      .select(['verdict', sql<number>`count(*)::int`.as('n')])
      .groupBy('verdict')
      .orderBy(sql`count(*)`, 'desc')
      .execute();
    let query = db.selectFrom('case').selectAll();
    if (verdict === WAITING) query = query.where('verdict', 'is', null);
    else if (verdict) query = query.where('verdict', '=', verdict as (typeof IDENTIFICATION_VERDICTS)[number]);
    if (kind) query = query.where('kind', '=', kind);
    if (state) query = query.where('state', '=', state);
    if (q)
      query = query.where(
        sql<boolean>`concat_ws(' ', address, subscriber, vendor, model, alert_code) ilike ${likePattern(q)}`,
      );
    const cases = await query.orderBy('seen_at', 'desc').orderBy('id').limit(ROWS_MOST).execute();
    const wanted = c.req.query('case');
    const open = wanted
      ? await db.selectFrom('case').selectAll().where('id', '=', wanted).executeTakeFirst()
      : undefined;
    const alerts = open
      ? await db.selectFrom('alert').selectAll().where('case_id', '=', open.id).orderBy('due_at').execute()
      : [];
    const view = { verdict, kind, state, q };
    const verdicts = mix.flatMap(m => (m.verdict === null ? [] : [m.verdict]));
    return page(
      c,
      'Cases',
      <>
        {mix.length > 0 ? (
          <dl class="figures">
            {mix.map(m => (
              <Figure
                label={m.verdict ?? 'not looked up yet'}
                value={n(m.n)}
                note={m.verdict === null ? 'the logs are asked at the next tick' : VERDICT_WORDS[m.verdict].en}
              />
            ))}
          </dl>
        ) : null}
        <Filter
          search={{ label: 'address, line, model or code', now: q }}
          choices={[
            {
              name: 'verdict',
              now: verdict,
              options: [...verdicts.map(v => [v, v] as const), [WAITING, 'not looked up yet']],
            },
            { name: 'kind', now: kind, options: FINDING_KINDS.map(k => [k, k]) },
            { name: 'state', now: state, options: STATES.map(s => [s, s]) },
          ]}
        />
        <div class={wanted ? 'two' : undefined}>
          <Table
            caption={`${cases.length === ROWS_MOST ? `The ${ROWS_MOST} newest cases of this view` : `${n(cases.length)} ${cases.length === 1 ? 'case' : 'cases'}, newest first`}; only “unique” may be alerted`}
            columns={[
              { name: 'seen (JST)' },
              { name: 'address' },
              { name: 'port', numeric: true },
              { name: 'kind' },
              { name: 'verdict' },
              { name: 'line' },
              { name: 'state' },
            ]}
            open={open ? cases.findIndex(one => one.id === open.id) : -1}
            rows={cases.map(one => [
              <a href={viewAt('/', { ...view, case: one.id })} aria-current={one.id === open?.id ? 'true' : undefined}>
                {whenIn(one.seen_at)}
              </a>,
              one.address,
              String(one.port),
              one.kind,
              one.verdict ?? '',
              one.subscriber ?? '',
              stateOf(one),
            ])}
            empty={
              mix.length === 0
                ? {
                    why: 'No case has arrived yet.',
                    next: 'Cases appear when a bundle has been pulled: notice isp pull',
                  }
                : { why: 'No case matches.', next: 'Widen the filter, or clear it.' }
            }
          />
          {wanted ? (
            open ? (
              <OpenCase one={open} alerts={alerts} close={viewAt('/', view)} />
            ) : (
              <Empty why="This case is not kept here." next="Closed cases are erased 90 days after closing." />
            )
          ) : null}
        </div>
      </>,
    );
  });
}
