/** The months as one picture, drawn on the server: what was detected and what was confirmed fixed. SVG text out. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { monthWords } from '../record/instant.ts';
import type { MonthFigures } from '../record/statistics.ts';

type Language = 'ja' | 'en';

const WORDS = {
  ja: { title: '検出と改善の推移', detected: '検出', fixed: '改善を確認', y: '件' },
  en: { title: 'Detected and confirmed fixed, by month', detected: 'detected', fixed: 'confirmed fixed', y: 'cases' },
} as const;

const BLUE = '#0017c1';
const GREEN = '#197a4b';
const INK = '#333333';

interface Mark {
  readonly month: string;
  readonly series: string;
  readonly value: number;
}

/** Two colours, labels on the bars, y from zero. A suppressed cell has no bar; the table under the chart says why. */
export function chartSvg(months: readonly MonthFigures[], language: Language): string {
  const words = WORDS[language];
  const short = (month: string) => monthWords(month, language);
  const detectedOf = (f: MonthFigures) => {
    const cells = [f.detected.guessable, f.detected['no-login'], f.detected.firmware].filter(c => c !== null);
    return cells.length ? cells.reduce((a, b) => a + b, 0) : null;
  };
  const marks: Mark[] = [...months]
    .sort((a, b) => (a.month < b.month ? -1 : 1))
    .flatMap(f => [
      { month: short(f.month), series: words.detected, value: detectedOf(f) },
      { month: short(f.month), series: words.fixed, value: f.fixed },
    ])
    .flatMap(m => (m.value === null ? [] : [{ ...m, value: m.value }]));
  const { document } = parseHTML('<html><body></body></html>');
  // Plot draws into any DOM; its types name the browser's, which this compilation does not include.
  const drawn = document as never;
  const svg = Plot.plot({
    document: drawn,
    width: 640,
    height: 300,
    marginTop: 30,
    marginBottom: 40,
    style: { fontSize: '14px', color: INK, background: 'white' },
    fx: { label: null, domain: [...new Set(months.map(f => f.month))].sort().map(short) },
    x: { axis: null, domain: [words.detected, words.fixed] },
    y: { label: words.y, grid: true, zero: true, nice: true, tickFormat: (n: number) => n.toLocaleString('en') },
    color: { domain: [words.detected, words.fixed], range: [BLUE, GREEN] },
    marks: [
      Plot.barY(marks, { fx: 'month', x: 'series', y: 'value', fill: 'series' }),
      Plot.text(marks, {
        fx: 'month',
        x: 'series',
        y: 'value',
        text: (m: Mark) => `${m.series} ${m.value.toLocaleString('en')}`,
        dy: -8,
        fill: INK,
        fontSize: 12,
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
