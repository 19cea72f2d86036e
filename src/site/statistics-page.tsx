/** The published months: a chart, its table, what is not counted, and the bytes to recompute it from. */
import type { FC } from 'hono/jsx';
import { dateWords, monthWords } from '../record/instant.ts';
import type { MonthFigures } from '../record/statistics.ts';
import { MonthTables } from '../statistics/table.tsx';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';
import type { PublishedMonth } from './store.ts';

const WORDS = {
  ja: {
    title: '統計',
    of: (month: string) => `${month}の統計`,
    none: 'まだ公表した月がありません。月の調査が終わり、数を確かめてから、ここに載せます。',
    chart: '月ごとの検出と改善（単位：件）',
    chartAlt: '月ごとの検出件数と、改善を確認した件数の棒グラフ。同じ数は下の表にあります。',
    notes: '数え方について',
    noteWords: [
      '10未満の数と、そこから逆算できる数は載せていません。',
      'アドレスが変わる回線では、同じ機器を二度数えることがあります。',
      '「応答がなくなったもの」は、直ったものに含めていません。',
    ],
    months: 'ほかの月',
    download: 'データ',
    published: '公表日',
    digest: '指紋（SHA-256）',
    correct: '公表した数は変えません。誤りが見つかったときは、別に訂正を載せます。',
    rehearsal: '訓練の数です。実際の調査ではありません。',
  },
  en: {
    title: 'Statistics',
    of: (month: string) => `Statistics of ${month}`,
    none: 'No month has been published yet. A month appears here when its survey has ended and its figures are checked.',
    chart: 'Detected and confirmed fixed, by month (cases)',
    chartAlt: 'Bar chart of detections and of confirmed repairs by month. The same numbers are in the tables below.',
    notes: 'How we count',
    noteWords: [
      'Numbers under 10, and numbers from which they could be worked out, are left out.',
      'Where addresses change, the same device may be counted twice.',
      'What no longer answers is not counted as fixed.',
    ],
    months: 'Other months',
    download: 'Data',
    published: 'Published',
    digest: 'Fingerprint (SHA-256)',
    correct: 'Published figures never change. If there is a mistake, a correction is published beside them.',
    rehearsal: 'Figures of a rehearsal. No real survey is behind them.',
  },
} as const;

export const NoStatisticsPage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const words = WORDS[deps.language];
  return (
    <Frame deps={deps} title={words.title} path="/statistics">
      <h1>{words.title}</h1>
      <p>{words.none}</p>
    </Frame>
  );
};

export interface StatisticsProps {
  readonly deps: PageDeps;
  readonly release: PublishedMonth;
  readonly figures: MonthFigures;
  /** All published months, newest first. */
  readonly months: readonly string[];
  /** True at `/statistics`, which shows the newest. */
  readonly newest: boolean;
}

export const StatisticsPage: FC<StatisticsProps> = ({ deps, release, figures, months, newest }) => {
  const { language } = deps;
  const words = WORDS[language];
  const { month } = release;
  const title = words.of(monthWords(month, language));
  return (
    <Frame deps={deps} title={title} path={newest ? '/statistics' : `/statistics/${month}`}>
      <h1>{title}</h1>
      {figures.rehearsal ? <p class="soft">{words.rehearsal}</p> : null}
      <figure>
        <figcaption>
          <strong>{words.chart}</strong>
        </figcaption>
        <section class="chart-frame" aria-label={words.chart} tabindex={0}>
          <img
            class="chart"
            src={pathIn(language, `/statistics/${month}.svg`)}
            alt={words.chartAlt}
            width="640"
            height="300"
          />
        </section>
      </figure>
      <div class="stack">
        <MonthTables figures={figures} language={language} />
      </div>
      <h2>{words.notes}</h2>
      <ul>
        {words.noteWords.map(text => (
          <li>{text}</li>
        ))}
      </ul>
      <h2>{words.download}</h2>
      <ul class="downloads">
        <li>
          <a href={`/statistics/${month}.json`}>JSON</a>
        </li>
        <li>
          <a href={`/statistics/${month}.csv`}>CSV</a>
        </li>
      </ul>
      <p class="soft">
        {words.published}: {dateWords(release.publishedAt, language)}
        <br />
        {words.digest}: <span class="mono digest">{release.digest}</span>
        <br />
        {words.correct}
      </p>
      {months.length > 1 ? (
        <>
          <h2>{words.months}</h2>
          <ul class="downloads">
            {months.map(other => (
              <li>
                {other === month ? (
                  <strong>{monthWords(other, language)}</strong>
                ) : (
                  <a href={pathIn(language, `/statistics/${other}`)}>{monthWords(other, language)}</a>
                )}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Frame>
  );
};
