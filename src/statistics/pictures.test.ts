import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHTML } from 'linkedom';
import { NOVEMBER } from '../../test/statistics/sample-month.ts';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import { chartSvg } from './chart.ts';
import { reasonWords } from './refusal-words.ts';
import { suppress } from './suppress.ts';
import { MonthTables } from './table.tsx';

const november = suppress(NOVEMBER);
const october = suppress({ ...NOVEMBER, month: '2026-10', fixed: 3 });
const december = suppress({ ...NOVEMBER, month: '2026-12', detected: { ...NOVEMBER.detected, guessable: 91 } });

test('the chart is a picture with a title, months in order, labels on the bars, and nothing that acts', () => {
  for (const language of ['en', 'ja'] as const) {
    const svg = chartSvg([november, december, october], language);
    const { document } = parseHTML(svg);
    const root = document.querySelector('svg');
    assert.equal(root?.getAttribute('role'), 'img');
    assert.equal(root?.getAttribute('xmlns'), 'http://www.w3.org/2000/svg');
    const title = root?.firstElementChild;
    assert.equal(title?.localName, 'title');
    assert.ok((title?.textContent ?? '').length > 5);
    assert.doesNotMatch(
      svg,
      /<script|<foreignObject|<image|<a[\s>]|\son\w+=|javascript:|https?:(?!\/\/www\.w3\.org\/2000\/svg)/i,
    );
    const text = [...document.querySelectorAll('text')].map(node => node.textContent ?? '');
    const months = { en: ['Oct2026', 'Nov', 'Dec'], ja: ['10月2026年', '11月', '12月'] }[language];
    assert.deepEqual(
      text.filter(words => months.includes(words)),
      months,
    );
    // Guessable and no-login; firmware has 7, which is hidden and adds nothing. October has 3 fixed: hidden, and said so.
    const hidden = { en: '<10', ja: '10未満' }[language];
    assert.deepEqual(
      text.filter(words => /^\d+$/.test(words) || words === hidden),
      ['141', '141', '122', hidden, '40', '40'],
    );
    assert.equal(document.querySelectorAll('rect').length, 5);
  }
});

test('a chart of nothing and of hidden cells alone is still a picture', () => {
  assert.match(chartSvg([], 'en'), /<svg.*<title>/s);
  const quiet = {
    ...NOVEMBER,
    fixed: 1,
    detected: { guessable: 1, 'no-login': 1, firmware: 1, infected: 0, reflector: 0 },
  };
  assert.doesNotMatch(chartSvg([suppress(quiet)], 'en'), /NaN|Infinity|undefined/);
});

test('the tables say in words what is hidden, in both languages', () => {
  for (const [language, hidden, other] of [
    ['en', 'under 10, or withheld', 'other models'],
    ['ja', '10未満または非公開', 'その他の機種'],
  ] as const) {
    const { document } = parseHTML(`<html><body>${MonthTables({ figures: november, language })}</body></html>`);
    const row = (label: string) =>
      [...document.querySelectorAll('tbody tr')]
        .find(tr => tr.querySelector('th')?.textContent === label)
        ?.querySelector('td')?.textContent;
    assert.equal(row({ en: 'Returned', ja: '再発' }[language]), hidden);
    assert.equal(row({ en: 'Guessable ID and password', ja: '容易に推測されるID・パスワード' }[language]), '110');
    assert.equal(row('Aoba Cam-120'), '81');
    assert.equal(row(other), hidden);
    assert.equal(row(reasonWords('shared_no_port', language)), '32');
    assert.equal(row(reasonWords('ambiguous_edge', language)), undefined);
    assert.ok(!document.body.innerHTML.includes('null'));
    for (const table of document.querySelectorAll('table')) {
      assert.ok(table.querySelector('caption')?.textContent);
      const numbers = [...table.querySelectorAll('tbody tr')].map(tr => tr.querySelector('td')?.className);
      assert.ok(numbers.every(name => name === 'n'));
    }
  }
});

test('a model’s name is text, whatever it says', () => {
  const models = [{ label: '<img src=x onerror=alert(1)>', cases: 110 }];
  const html = String(MonthTables({ figures: suppress({ ...NOVEMBER, models }), language: 'en' }));
  assert.ok(html.includes('&lt;img') && !html.includes('<img'));
});

test('every reason has words in both languages, and a code nobody knows stays a code', () => {
  const words = IDENTIFICATION_VERDICTS.flatMap(v => [reasonWords(v, 'ja'), reasonWords(v, 'en')]);
  assert.equal(new Set(words).size, IDENTIFICATION_VERDICTS.length * 2);
  assert.equal(reasonWords('toString', 'en'), 'toString');
});
