/** The public site's style sheet: the Digital Agency's design tokens, then our own layout. One column, 45 rem, 18 px. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOKENS = readFileSync(
  fileURLToPath(import.meta.resolve('@digital-go-jp/design-tokens/dist/tokens-simple.css')),
  'utf8',
);

/** What each colour means is said once here: blue acts, green is fixed, amber is still open, grey is "we cannot tell". */
const MEANING = `
:root {
  --ink: var(--color-neutral-solid-gray-900); --soft: var(--color-neutral-solid-gray-700);
  --line: var(--color-neutral-solid-gray-200); --edge: var(--color-neutral-solid-gray-536);
  --ground: var(--color-neutral-white); --panel: #f8f8fb;
  --act: var(--color-primitive-blue-900); --act-dark: var(--color-primitive-blue-1000); --act-pale: var(--color-primitive-blue-50);
  --fixed: var(--color-primitive-green-900); --fixed-pale: var(--color-primitive-green-50);
  --open: var(--color-primitive-yellow-1100); --open-pale: var(--color-primitive-yellow-50);
  --unknown: var(--color-neutral-solid-gray-700); --unknown-pale: var(--color-neutral-solid-gray-50);
  --error: var(--color-primitive-red-900);
}`;

const PAGE = `
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 18px; -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.75; overflow-wrap: anywhere; line-break: strict;
  font-family: 'Noto Sans JP', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic UI', 'BIZ UDPGothic', var(--font-family-sans); }
:lang(en) { line-height: 1.6; }
.column { max-width: 45rem; margin: 0 auto; padding: 0 1rem; }
a { color: var(--act); text-underline-offset: .2em; } a:hover { text-decoration-thickness: .15em; }
:focus-visible { outline: 4px solid var(--color-neutral-black); outline-offset: 2px; box-shadow: 0 0 0 2px var(--color-primitive-yellow-300); border-radius: 4px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem 1rem; z-index: 9; }
.band { margin: 0; padding: .35rem 1rem; background: var(--color-primitive-yellow-100); text-align: center; font-weight: 700; font-size: .9rem; }
.top .column { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between; padding-top: .6rem; padding-bottom: .6rem; }
.programme { color: var(--ink); font-weight: 700; text-decoration: none; line-height: 1.4; }
.languages { display: flex; gap: .5rem; margin: 0; padding: 0; list-style: none; font-size: .9rem; }
.languages li + li::before { content: '·'; margin-right: .5rem; color: var(--soft); }
.languages a, .languages strong { display: inline-block; padding: .35rem 0; }
main.column { padding-top: 1.75rem; padding-bottom: 3.5rem; } main:focus { outline: none; box-shadow: none; }
h1 { font-size: 1.65rem; line-height: 1.4; margin: 0 0 1rem; } h2 { font-size: 1.2rem; line-height: 1.5; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
:lang(ja) :is(h1, h2, h3, .lead, .ways strong, .ways span, .word) { word-break: auto-phrase; } h1, h2 { text-wrap: balance; }
p { margin: .5rem 0 1rem; } .lead { font-size: 1.05rem; } .soft { color: var(--soft); font-size: .9rem; }
ul, ol { padding-left: 1.4rem; } li { margin: .35rem 0; }
.back { margin: 0 0 1rem; font-size: .9rem; } .back a { display: inline-block; padding: .25rem 0; }
.foot { border-top: 1px solid var(--line); background: var(--panel); font-size: .9rem; }
.foot .column { padding-top: 1.25rem; padding-bottom: 2rem; }
.foot ul { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0 0 .75rem; padding: 0; list-style: none; } .foot li { margin: 0; } .foot a { display: inline-block; padding: .3rem 0; }`;

const PARTS = `
.telephone { background: var(--panel); border-block: 1px solid var(--line); font-size: .83rem; line-height: 1.5; }
.telephone .column { padding-top: .55rem; padding-bottom: .6rem; display: grid; grid-template-columns: auto 1fr; gap: .15rem 1.25rem; align-items: start; }
.telephone p { margin: 0; } .desk-state { font-weight: 700; display: flex; gap: .4rem; align-items: center; padding-top: .2rem; }
.dot { width: .8em; height: .8em; border-radius: 50%; border: .16em solid var(--soft); flex: none; } .is-open .dot { background: var(--fixed); border-color: var(--fixed); }
.is-open { color: var(--fixed); } .is-shut { color: var(--soft); }
.lines { margin: 0; padding: 0; list-style: none; } .lines li { margin: 0; padding: .2rem 0; } .lines li + li { border-top: 1px dotted var(--line); }
.lines a { font-size: 1.05rem; font-weight: 700; font-variant-numeric: tabular-nums; white-space: nowrap; text-decoration: none; display: inline-block; padding: .1rem 0; } .lines a:hover { text-decoration: underline; }
.lines .name { font-weight: 700; margin-right: .4em; } .lines .facts { color: var(--soft); display: flex; flex-wrap: wrap; gap: 0 1em; }
.button, button { display: inline-flex; align-items: center; justify-content: center; min-height: 3rem; padding: .5rem 1.75rem; font: inherit; font-weight: 700; line-height: 1.4; text-align: center; text-decoration: none;
  color: var(--color-neutral-white); background: var(--act); border: 2px solid var(--act); border-radius: 8px; cursor: pointer; }
.button:hover, button:hover { background: var(--act-dark); border-color: var(--act-dark); }
.button.quiet, button.quiet { color: var(--act); background: var(--ground); } .button.quiet:hover, button.quiet:hover { background: var(--act-pale); }
.codebox { background: var(--act-pale); border-radius: 12px; padding: 1.25rem 1.5rem 1.5rem; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend, .label { display: block; font-weight: 700; padding: 0; } .hint { margin: .1rem 0 .6rem; color: var(--soft); font-size: .9rem; }
.groups { display: flex; align-items: center; gap: .4rem; margin-bottom: 1rem; }
.groups input { width: 100%; min-width: 0; text-align: center; font-size: 1.3rem; letter-spacing: .06em; font-variant-numeric: tabular-nums; padding: .4rem .2rem; } .groups .four { flex: 4 1 0; } .groups .five { flex: 5 1 0; } .groups { max-width: 26rem; }
input[type=text], input[type=tel], select, textarea { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--edge); border-radius: 8px; min-height: 3rem; padding: .45rem .75rem; width: 100%; }
.groups input[type=text] { padding: .4rem .2rem; font-size: 1.3rem; }
textarea { min-height: 9rem; resize: vertical; } .field { margin: 0 0 1.5rem; } .field.short { max-width: 24rem; }
.fault { color: var(--error); font-weight: 700; margin: .1rem 0 .4rem; } .in-error input, .in-error textarea, .in-error select { border: 2px solid var(--error); }
h1 + h2, h1 + .soft { margin-top: 1.5rem; }
.summary { border: 2px solid var(--error); border-radius: 8px; padding: .9rem 1.25rem; margin: 0 0 1.5rem; } .summary h2 { margin: 0; font-size: 1rem; color: var(--error); } .summary ul { margin: .25rem 0 0; } .summary a { color: var(--error); }
.ways { list-style: none; margin: 2rem 0 0; padding: 0; display: grid; gap: .75rem; }
.ways li { margin: 0; } .ways a { display: block; border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.25rem; text-decoration: none; color: var(--ink); }
.ways a:hover { border-color: var(--act); background: var(--act-pale); } .ways strong { display: block; font-size: 1.1rem; color: var(--act); text-decoration: underline; text-underline-offset: .2em; } .ways span { color: var(--soft); font-size: .9rem; }
.code { font-size: 1.25rem; letter-spacing: .04em; } .nowrap { white-space: nowrap; } .screen { display: flex; flex-wrap: wrap; gap: .75rem; }
.state { display: flex; gap: 1rem; align-items: flex-start; border: 2px solid; border-radius: 12px; padding: 1rem 1.25rem; margin: 1rem 0 1.5rem; color: var(--ink); }
.state .mark { flex: none; width: 2.4rem; height: 2.4rem; } .state p { margin: 0; } .state .word { font-weight: 700; font-size: 1.15rem; line-height: 1.5; }
.state.fixed { border-color: var(--fixed); background: var(--fixed-pale); } .state.fixed .word { color: var(--fixed); } .state.fixed .mark { fill: var(--fixed); }
.state.open { border-color: var(--open); background: var(--open-pale); } .state.open .word { color: var(--open); } .state.open .mark { fill: var(--color-primitive-yellow-800); }
.state.unknown { border-color: var(--unknown); background: var(--unknown-pale); } .state.unknown .word { color: var(--unknown); } .state.unknown .mark { fill: var(--unknown); }
.state.waiting { border-color: var(--line); background: var(--panel); } .state.waiting .mark { fill: var(--soft); }
.state .mark path { fill: none; stroke: var(--color-neutral-white); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; } .state .mark .full { fill: var(--color-neutral-white); stroke: none; }
dl.facts { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; margin: 0 0 1.5rem; border-top: 1px solid var(--line); }
dl.facts dt, dl.facts dd { padding: .55rem 0; border-bottom: 1px solid var(--line); margin: 0; } dl.facts dt { color: var(--soft); padding-right: 1rem; } dl.facts dd ul { margin: 0; }
.steps { list-style: none; counter-reset: step; margin: 1rem 0 1.5rem; padding: 0; } .steps > li { counter-increment: step; display: flex; gap: .9rem; margin: 0; padding: .9rem 0; border-bottom: 1px solid var(--line); }
.steps > li:first-child { border-top: 1px solid var(--line); } .steps > li::before { content: counter(step); flex: none; width: 2rem; height: 2rem; border-radius: 50%; background: var(--act-pale); color: var(--act-dark); font-weight: 700; display: grid; place-content: center; line-height: 1; }
.steps > li > div { flex: 1; min-width: 0; } .steps p { margin: 0 0 .5rem; } .steps label { flex: 1; display: flex; gap: .9rem; justify-content: space-between; align-items: flex-start; cursor: pointer; }
.steps input { flex: none; width: 1.6rem; height: 1.6rem; margin: .15rem 0 0; accent-color: var(--act); }
.next { background: var(--panel); border-radius: 12px; padding: .25rem 1.5rem .75rem; margin: 2rem 0; } .next h2 { margin-top: 1rem; }
details { border-bottom: 1px solid var(--line); } details:first-of-type { border-top: 1px solid var(--line); } summary { cursor: pointer; font-weight: 700; padding: .7rem 0; color: var(--act); } details p { margin: 0 0 1rem; }
code, .mono { font-family: var(--font-family-mono); font-size: .92em; }
.digest { font-size: .75rem; overflow-wrap: anywhere; }`;

const TABLES = `
.scroll { overflow-x: auto; margin: 0 0 2rem; } table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.55; }
caption { text-align: left; font-weight: 700; font-size: 1rem; padding: .5rem 0; } th, td { overflow-wrap: break-word; text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 700; background: var(--panel); white-space: nowrap; } tbody th { font-weight: 700; } .n { text-align: right; font-variant-numeric: tabular-nums; } td.n { white-space: nowrap; }
.chart { display: block; width: 100%; height: auto; max-width: 40rem; min-width: 34rem; } .chart-frame { overflow-x: auto; margin: 0 0 1rem; } figure { margin: 1rem 0; } .downloads { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
@media (max-width: 40rem) {
  .stack table, .stack tbody, .stack tr, .stack caption { display: block; } .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { display: grid; grid-template-columns: 1fr auto auto; gap: 0 .4rem; padding: .5rem 0; border-bottom: 1px solid var(--line); } .stack th, .stack td { border: 0; padding: 0; }
  .stack td:nth-child(4) { grid-column: 1 / -1; color: var(--soft); } .stack td:nth-child(3) { min-width: 3.2em; }
}`;

const NARROW = `
@media (max-width: 40rem) {
  html { font-size: 17px; } h1 { font-size: 1.4rem; } main.column { padding-top: 1.25rem; }
  .telephone .column { grid-template-columns: 1fr; } .desk-state { padding-top: 0; }
  .codebox { padding: 1rem; } .button, button { width: 100%; } dl.facts { grid-template-columns: 1fr; } dl.facts dt { border-bottom: 0; padding-bottom: 0; font-size: .9rem; } dl.facts dd { padding-top: 0; }
}
@media (prefers-reduced-motion: no-preference) { .waiting .mark path { animation: breathe 2s ease-in-out infinite alternate; } @keyframes breathe { to { opacity: .35; } } }
@media (forced-colors: active) { .button, button { border: 2px solid ButtonText; } .state .mark { forced-color-adjust: none; } }
@media print {
  @page { size: A4; margin: 18mm; } html { font-size: 11pt; } body, .state .word, .steps > li::before { color: #000 !important; background: #fff; } .band, .telephone, .foot, .codebox, .next { background: none; }
  .languages, .skip, .foot ul, button, .button, .back, .screen { display: none; } a { color: #000; } .state { border-color: #000 !important; background: none !important; } .state .mark { fill: #000 !important; }
  .steps > li { break-inside: avoid; } .steps input { appearance: none; border: 1.5pt solid #000; width: 5mm; height: 5mm; } details::details-content { content-visibility: visible; display: block; height: auto; } summary, .is-open { color: #000; } .column { max-width: none; padding: 0; }
}`;

export const SITE_CSS = [TOKENS, MEANING, PAGE, PARTS, TABLES, NARROW].join('\n');
