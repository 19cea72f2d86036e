/**
 * An ISP's logs: what is halted or disputed, when each box of each log speaks, what was imported, the verdicts of the last days, and
 * what would let more cases be identified. In: the index's own account of its logs, this ISP's tables. In Japanese and English.
 */
import type { FC } from 'hono/jsx';
import type { Selectable } from 'kysely';
import type { IdentificationVerdict } from '../record/assignment.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { VERDICT_WORDS } from '../statistics/refusal-words.ts';
import { Filter, viewAt } from './filter.tsx';
import type { IspPages } from './isp-deps.ts';
import { type Advice, adviceFor, type CaseSeen, type LogShown, missingIn } from './isp-logs-advice.ts';
import { Coverage, Share } from './isp-logs-picture.tsx';
import { type Language, LOG_WORDS, type LogWords, REMEDIES, spanWords } from './isp-logs-words.ts';
import { Figure } from './layout.tsx';
import { Table } from './table.tsx';
import { n, whenIn } from './words.ts';

const WINDOWS = ['30', '90', '180'] as const;
const MIX_DAYS = 30;
const GAPS_MOST = 100;
/** Cases of which the page makes its counts. */
const CASES_MOST = 200_000;

type Halt = Selectable<IspTables['halt']>;
type Incident = Pick<Selectable<IspTables['incident']>, 'id' | 'case_id' | 'opened_at' | 'told_by'> & {
  readonly aside: readonly string[];
};

interface LogsProps {
  readonly language: Language;
  readonly days: (typeof WINDOWS)[number];
  readonly now: Instant;
  readonly logs: readonly LogShown[];
  readonly cases: readonly CaseSeen[];
  readonly halts: readonly Halt[];
  readonly incidents: readonly Incident[];
}

const Stops: FC<{ halts: readonly Halt[]; incidents: readonly Incident[]; words: LogWords }> = props => {
  const { halts, incidents, words } = props;
  return (
    <>
      {halts.length > 0 ? (
        <section class="notice" aria-labelledby="halted">
          <h2 id="halted">{words.halted}</h2>
          {halts.map(halt => (
            <p>
              {words.haltedSince(
                whenIn(halt.since),
                halt.reason,
                (JSON.parse(halt.released_by) as string[]).join(', '),
              )}
            </p>
          ))}
          <p>
            {words.haltedUntil} <code>notice isp incident release --by NAME --config isp.json</code>
          </p>
        </section>
      ) : null}
      {incidents.length > 0 ? (
        <section class="notice" aria-labelledby="incidents">
          <h2 id="incidents">{words.incidents}</h2>
          {incidents.map(one => (
            <p>
              {words.incident(whenIn(one.opened_at), words.teller[one.told_by])}{' '}
              <a href={viewAt('/', { case: one.case_id })}>{words.theCase}</a>
              {words.stop}
              {one.aside.length > 0 ? words.asideWords(one.aside.join(', ')) : ''} {words.lookAndDecide}{' '}
              <code>notice isp incident show {one.id} --config isp.json</code>
            </p>
          ))}
        </section>
      ) : null}
    </>
  );
};

const numeric = (names: readonly string[], numbers: readonly number[], long: readonly number[] = []) =>
  names.map((name, i) => ({ name, numeric: numbers.includes(i), long: long.includes(i) }));

/** What to do, and the hours or boxes in question. */
const Remedy: FC<{ advice: Advice; language: Language }> = ({ advice, language }) => {
  const words = LOG_WORDS[language];
  const places = [
    ...advice.missing.map(m => words.missingAt(whenIn(m.from), whenIn(m.to), m.exporter)),
    ...advice.behind.map(b => words.behindAt(whenIn(b.through), b.exporter)),
  ];
  return (
    <>
      {REMEDIES[advice.verdict][language]}
      {places.length > 0 ? (
        <ul class="plain">
          {places.map(place => (
            <li>{place}</li>
          ))}
        </ul>
      ) : null}
    </>
  );
};

const LogsPage: FC<LogsProps> = ({ language, days, now, logs, cases, halts, incidents }) => {
  const words = LOG_WORDS[language];
  const from = now - Number(days) * DAY;
  const missing = missingIn(logs, cases, from, now);
  const boxes = logs.flatMap(log => log.exporters.map(box => ({ log, box })));
  const unique = cases.filter(one => one.verdict === 'unique').length;
  const advice = adviceFor(logs, cases, now, Number(days));
  const mix = [...Map.groupBy(cases, one => one.verdict)].sort((a, b) => b[1].length - a[1].length);
  const percent = (count: number) => (100 * count) / Math.max(1, cases.length);
  const inWindow = (box: LogShown['exporters'][number]) => box.gaps.filter(gap => gap.to > from && gap.from < now);
  const lost = (box: LogShown['exporters'][number]) =>
    inWindow(box).reduce((sum, gap) => sum + Math.min(gap.to, now) - Math.max(gap.from, from), 0);
  return (
    <>
      <p>
        <a
          href={viewAt('/logs', { days, lang: language === 'ja' ? 'en' : 'ja' })}
          lang={language === 'ja' ? 'en' : 'ja'}
        >
          {words.other}
        </a>
      </p>
      <Stops halts={halts} incidents={incidents} words={words} />
      <dl class="figures">
        <Figure
          label={words.identified}
          value={cases.length === 0 ? '–' : `${percent(unique).toFixed(1)} %`}
          note={words.ofCases(n(unique), n(cases.length))}
        />
        <Figure label={words.logs} value={n(logs.length)} note={words.boxes(n(boxes.length))} />
        <Figure label={words.rejected} value={n(logs.reduce((sum, log) => sum + log.rejected, 0))} />
        <Figure label={words.undecided} value={n(incidents.length)} />
      </dl>
      <h2>{words.coverage}</h2>
      {logs.length > 0 ? (
        <>
          <Filter
            choices={[
              {
                name: 'days',
                label: words.window,
                now: days,
                always: true,
                options: WINDOWS.map(w => [w, words.days(Number(w))]),
              },
            ]}
            keep={{ lang: language }}
            language={language}
          />
          <Coverage logs={logs} from={from} to={now} words={words} />
        </>
      ) : null}
      <Table
        caption={words.table}
        columns={numeric(words.columns, [2])}
        rows={boxes.map(({ log, box }) => [
          log.name,
          box.exporter,
          n(inWindow(box).length),
          lost(box) === 0 ? '–' : spanWords(lost(box), language),
          whenIn(box.through),
          whenIn(box.first),
          log.format,
        ])}
        empty={words.none.logs}
      />
      {logs.length > 0 ? (
        <Table
          caption={words.gapTable}
          columns={numeric(words.gapColumns, [5])}
          rows={missing
            .slice(0, GAPS_MOST)
            .map(gap => [
              gap.source,
              gap.exporter,
              whenIn(gap.from),
              whenIn(gap.to),
              spanWords(gap.to - gap.from, language),
              n(gap.cases),
            ])}
          empty={words.none.gaps}
        />
      ) : null}
      {logs.length > 0 ? (
        <>
          <h2>{words.imports}</h2>
          <Table
            caption={words.importTable}
            columns={numeric(words.importColumns, [2, 3, 4])}
            rows={[...logs]
              .sort((a, b) => b.through - a.through || (a.name < b.name ? -1 : 1))
              .map(log => [
                log.name,
                log.format,
                n(log.exporters.length),
                n(log.rows),
                n(log.rejected),
                whenIn(Math.min(...log.exporters.map(box => box.through), log.through)),
              ])}
            empty={words.none.logs}
          />
        </>
      ) : null}
      <h2>{words.mix}</h2>
      <Table
        caption={words.mixTable}
        columns={numeric(words.mixColumns, [2, 3], [1])}
        rows={mix.map(([verdict, some]) => [
          <a href={viewAt('/', { verdict })}>{verdict}</a>,
          VERDICT_WORDS[verdict][language],
          n(some.length),
          percent(some.length).toFixed(1),
          <Share percent={percent(some.length)} />,
        ])}
        empty={words.none.mix}
      />
      {cases.length > 0 ? (
        <>
          <h2>{words.raise}</h2>
          <Table
            caption={words.raiseTable}
            columns={numeric(words.raiseColumns, [2, 3], [1])}
            rows={advice.map(one => [
              <a href={viewAt('/', { verdict: one.verdict })}>{one.verdict}</a>,
              <Remedy advice={one} language={language} />,
              n(one.cases),
              one.points.toFixed(1),
            ])}
            empty={words.none.raise}
          />
        </>
      ) : null}
    </>
  );
};

export function logsRoutes({ app, db, page, clocks, logs }: IspPages): void {
  app.get('/logs', async c => {
    const language: Language = c.req.query('lang') === 'ja' ? 'ja' : 'en';
    const days = WINDOWS.find(w => w === c.req.query('days')) ?? '30';
    const now = clocks.calendar();
    const since = now - MIX_DAYS * DAY;
    const rows = await db
      .selectFrom('case')
      .select(['verdict', 'seen_at'])
      .where('verdict', 'is not', null)
      .where(e => e.fn.coalesce('verdict_at', 'seen_at'), '>=', since)
      .orderBy('seen_at', 'desc')
      .limit(CASES_MOST)
      .execute();
    const halts = await db.selectFrom('halt').selectAll().where('released_at', 'is', null).orderBy('since').execute();
    const open = await db
      .selectFrom('incident')
      .select(['id', 'case_id', 'opened_at', 'told_by'])
      .where('state', '=', 'open')
      .orderBy('opened_at')
      .limit(20)
      .execute();
    const aside = await db.selectFrom('quarantine').selectAll().where('cleared_at', 'is', null).execute();
    const props: LogsProps = {
      language,
      days,
      now,
      logs: logs?.() ?? [],
      cases: rows.map(row => ({ verdict: row.verdict as IdentificationVerdict, seenAt: row.seen_at })),
      halts,
      incidents: open.map(one => ({
        ...one,
        aside: aside.filter(q => q.incident_id === one.id).map(q => q.source),
      })),
    };
    return page(c, 'Logs', <LogsPage {...props} />, 200, { language, title: LOG_WORDS[language].title });
  });
}
