/** The months as one picture, drawn on the server: what was detected and what was confirmed fixed. SVG text out. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { monthWords } from '../record/instant.ts';
import type { MonthFigures } from '../record/statistics.ts';

type Language = 'ja' | 'en';

const WORDS = {
  ja: { title: '検出と改善の推移', detected: '検出（件）', fixed: '改善を確認（件）', hidden: '10未満' },
  en: {
    title: 'Detected and confirmed fixed, by month',
    detected: 'Detected (cases)',
    fixed: 'Confirmed fixed (cases)',
    hidden: '<10',
  },
} as const;

const BLUE = '#0017c1';
const GREEN = '#197a4b';
const INK = '#333333';

interface Mark {
  readonly month: string;
  readonly series: string;
  readonly value: number | null;
}

/** `Nov`, with the year under the first month and under every January. */
function shortMonth(month: string, first: boolean, language: Language): string {
  const [year = '', number = ''] = month.split('-');
  const name = language === 'ja' ? `${Number(number)}月` : monthWords(month, language).slice(0, 3);
  return first || number === '01' ? `${name}\n${year}${language === 'ja' ? '年' : ''}` : name;
}

/**
 * Two small pictures one above the other on the same scale, the number over each bar, y from zero. A hidden number is no
 * bar of height zero: it says so in its place, and the table under the chart says why.
 */
export function chartSvg(months: readonly MonthFigures[], language: Language): string {
  const words = WORDS[language];
  const sorted = [...months].sort((a, b) => (a.month < b.month ? -1 : 1));
  const labels = new Map(sorted.map((f, at) => [f.month, shortMonth(f.month, at === 0, language)]));
  const detectedOf = (f: MonthFigures) => {
    const cells = [f.detected.guessable, f.detected['no-login'], f.detected.firmware].filter(c => c !== null);
    return cells.length ? cells.reduce((a, b) => a + b, 0) : null;
  };
  const marks: Mark[] = sorted.flatMap(f => [
    { month: f.month, series: words.detected, value: detectedOf(f) },
    { month: f.month, series: words.fixed, value: f.fixed },
  ]);
  const { document } = parseHTML('<html><body></body></html>');
  // Plot draws into any DOM; its types name the browser's, which this compilation does not include.
  const drawn = document as never;
  const series = [words.detected, words.fixed];
  const place = { fy: 'series', x: 'month', fontSize: 12 } as const;
  const svg = Plot.plot({
    document: drawn,
    width: 640,
    height: 300,
    marginTop: 8,
    marginBottom: 42,
    marginLeft: 8,
    marginRight: 8,
    style: { fontSize: '13px', color: INK, background: 'white' },
    fy: { label: null, axis: null, domain: series, padding: 0.12 },
    x: {
      label: null,
      domain: [...labels.keys()],
      tickFormat: (m: string) => labels.get(m) ?? m,
      tickSize: 0,
      padding: Math.max(0.35, 0.85 - 0.1 * sorted.length),
    },
    // Room above the tallest bar for the name of the picture and for the number.
    y: { axis: null, zero: true, domain: [0, 1.45 * Math.max(1, ...marks.map(m => m.value ?? 0))] },
    color: { domain: series, range: [BLUE, GREEN] },
    marks: [
      Plot.text(series, {
        fy: series,
        text: series,
        frameAnchor: 'top-left',
        fontWeight: 700,
        fill: INK,
        fontSize: 13,
      }),
      Plot.barY(
        marks.filter(m => m.value !== null),
        { fy: 'series', x: 'month', y: 'value', fill: 'series' },
      ),
      Plot.text(marks, {
        ...place,
        y: (m: Mark) => m.value ?? 0,
        text: (m: Mark) => m.value?.toLocaleString('en') ?? words.hidden,
        dy: -8,
        fill: INK,
      }),
      Plot.ruleY([0]),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  const title = document.createElement('title');
  title.textContent = words.title;
  svg.insertBefore(title as never, svg.firstChild);
  return svg.outerHTML;
}
