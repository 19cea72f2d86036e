/** The consoles' style sheet. Colours and faces are the Digital Agency's tokens; layout is ours. Light and dark. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOKENS = readFileSync(
  fileURLToPath(import.meta.resolve('@digital-go-jp/design-tokens/dist/tokens-simple.css')),
  'utf8',
);

const OURS = `
:root {
  color-scheme: light dark;
  --ground: #fff; --panel: var(--color-neutral-solid-gray-50); --line: var(--color-neutral-solid-gray-200);
  --text: var(--color-neutral-solid-gray-900); --soft: var(--color-neutral-solid-gray-700);
  --act: var(--color-primitive-blue-900); --act-ground: var(--color-primitive-blue-50);
  --good: #115a36; --open: #6b4d00; --band: #6b4d00; --band-ground: #fff3cc;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181d; --panel: #20242b; --line: #3c434e; --text: #f0f2f5; --soft: #c3cad4;
    --act: #9db7f9; --act-ground: #23304d; --good: #8fd9b0; --open: #f2cf66; --band: #ffe08a; --band-ground: #3d3214; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.6 system-ui, 'BIZ UDPGothic', 'Noto Sans JP', 'Noto Sans CJK JP', sans-serif; }
a { color: var(--act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem 1rem; z-index: 9; }
.band { margin: 0; padding: .35rem 1rem; background: var(--band-ground); color: var(--band); font-weight: 700; text-align: center; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
.brand { letter-spacing: .08em; } .role, .who { color: var(--soft); } .spacer { flex: 1; }
.pill { border: 1px solid var(--line); border-radius: 99px; padding: .05rem .7rem; }
.frame { display: grid; grid-template-columns: 11rem minmax(0, 1fr); min-height: 80vh; }
.rail { border-right: 1px solid var(--line); padding: 1rem 0; }
.rail ul { list-style: none; margin: 0; padding: 0; }
.rail a { display: block; padding: .5rem 1rem; color: var(--text); text-decoration: none; border-left: 4px solid transparent; }
.rail a:hover { background: var(--panel); }
.rail a[aria-current] { border-left-color: var(--act); background: var(--act-ground); font-weight: 700; }
.keys { padding: 1rem; color: var(--soft); font-size: .8rem; }
kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 .3rem; font: inherit; background: var(--panel); }
main { padding: 1rem 1.5rem 3rem; max-width: 78rem; }
main:focus { outline: none; }
h1 { font-size: 1.5rem; line-height: 1.35; margin: .25rem 0 1rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.4rem, 1fr)); gap: .75rem; margin: 0 0 1rem; }
.figure { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; background: var(--panel); }
.figure dt { overflow-wrap: anywhere; color: var(--soft); font-size: .85rem; } .figure dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; line-height: 1.4; }
.figure dd.note { font-size: .8rem; color: var(--soft); }
.bar { height: .75rem; width: 100%; margin: 0 0 .75rem; accent-color: var(--act); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; padding: .4rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { background: var(--panel); font-weight: 600; white-space: nowrap; } th a { color: inherit; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.k { white-space: nowrap; } .w { min-width: 12rem; }
.scroll caption span { position: sticky; left: 0; display: inline-block; max-width: calc(100vw - 2rem); }
/* The first column says whose row it is; it stays when a table is wider than the screen. */
.scroll th:first-child, .scroll td:first-child { position: sticky; left: 0; background: var(--ground); } .scroll thead th:first-child { background: var(--panel); }
tr.here td:first-child, tr:target td:first-child { background: inherit; }
tr:target, tr.here { background: var(--act-ground); }
.state-fixed, .state-acknowledged, .state-frozen { color: var(--good); } .state-open, .state-queued, .state-due { color: var(--open); }
.empty { border: 1px dashed var(--line); border-radius: 8px; padding: 1rem 1.25rem; color: var(--soft); max-width: 45rem; }
.empty p { margin: .25rem 0; } .empty code { display: inline-block; color: var(--text); }
form.filter { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: .5rem 0 1rem; }
label { display: block; font-size: .85rem; color: var(--soft); }
input, select, textarea, button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: 6px; padding: .4rem .6rem; min-height: 2.75rem; }
button { background: var(--color-primitive-blue-900); color: #fff; border-color: transparent; padding: .4rem 1.2rem; cursor: pointer; }
button.quiet { background: transparent; color: var(--act); border-color: var(--act); }
th[scope=row] { white-space: normal; background: var(--ground); font-weight: 400; min-width: 8rem; }
.two.reading { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); }
.stays { position: sticky; top: 1rem; }
.two { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5rem; align-items: start; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
.notice { border: 1px solid var(--band); border-radius: 8px; background: var(--band-ground); padding: .75rem 1.25rem; margin: 0 0 1rem; max-width: 45rem; }
.notice h2 { margin-top: 0; } .notice p { margin: .25rem 0; }
.facts { margin: 0; } .facts div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .5rem; padding: .2rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.card h2 { margin-top: 0; } .chart { max-width: 100%; height: auto; } figure { margin: 1.5rem 0; } code { overflow-wrap: anywhere; }
.soft { color: var(--soft); }
ul.plain { padding-left: 1.2rem; } ul.plain li { margin: .2rem 0; }
table code { font-size: .8rem; }
.logs { margin: .5rem 0 1rem; } .scroll + .scroll, .scroll + .empty { margin-top: 1.25rem; } .logrow { margin: .35rem 0; } .logname { display: flex; justify-content: space-between; gap: 1rem; font-size: .85rem; }
.logname span:first-child { overflow-wrap: anywhere; }
.logbar { display: block; width: 100%; height: 1.25rem; background: var(--panel); } .share { display: block; width: 8rem; height: .6rem; margin-top: .45rem; background: var(--panel); }
.logbar .complete, .share .complete { fill: var(--act); }
.logbar .gap { fill: var(--ground); stroke: var(--open); stroke-width: 2; }
.logbar .pending { stroke: var(--soft); stroke-width: 2; stroke-dasharray: 2 5; }
.logaxis { display: flex; justify-content: space-between; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
figcaption { color: var(--soft); font-size: .85rem; }
dialog { border: 1px solid var(--line); border-radius: 8px; background: var(--ground); color: var(--text); }
@media (max-width: 46rem) {
  .frame, .two, .two.reading { grid-template-columns: minmax(0, 1fr); } .keys { display: none; }
  .frame { grid-template-rows: auto 1fr; }
  .rail { border-right: 0; border-bottom: 1px solid var(--line); padding: 0; } .rail ul { display: flex; flex-wrap: wrap; }
  .rail a { border-left: 0; border-bottom: 4px solid transparent; white-space: nowrap; } .rail a[aria-current] { border-bottom-color: var(--act); }
  main { padding: 1rem; }
  .stays { position: static; } .two > section.card { order: -1; }
}
@media print { .rail, .top, form { display: none; } .frame { display: block; } }
`;

export const CONSOLE_CSS = `${TOKENS}\n${OURS}`;

/** Keyboard and live figures; every page works without it. */
export const CONSOLE_JS = `'use strict';
const rows = () => [...document.querySelectorAll('tbody tr')];
let at = rows().findIndex(row => row.classList.contains('here'));
function go(step) {
  const all = rows();
  if (!all.length) return;
  all[at]?.classList.remove('here');
  at = Math.max(0, Math.min(all.length - 1, at + step));
  all[at].classList.add('here');
  // The focus goes along, so that a reader hears the row and Tab goes on from it.
  all[at].tabIndex = -1;
  all[at].focus();
}
document.addEventListener('keydown', event => {
  if (event.target.closest('input, select, textarea, dialog') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'j') go(1);
  else if (event.key === 'k') go(-1);
  else if (event.key === 'Enter' && event.target.matches('tr')) event.target.querySelector('a')?.click();
  else if (event.key === '/') {
    const field = document.querySelector('input[type=search], form.filter select');
    if (field) { field.focus(); event.preventDefault(); }
  }
  else if (event.key === '?') document.getElementById('keys')?.showModal();
});
const live = document.querySelector('[data-events]');
if (live) {
  const source = new EventSource(live.dataset.events);
  source.onmessage = event => {
    const figures = Object.entries(JSON.parse(event.data));
    // A round has begun on a page that had none: its place is made by loading the page again.
    if ('waits' in live.dataset) { if (figures.length) location.reload(); return; }
    for (const [id, value] of figures) {
      const place = document.getElementById(id);
      if (!place) continue;
      if (place.tagName === 'PROGRESS') place.value = value;
      else if (place.textContent !== String(value)) place.textContent = value;
    }
  };
}
`;
