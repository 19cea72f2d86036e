/**
 * The one script of the site, served as /app.js. Every page works without it. It moves between the three groups of the
 * code box, keeps the ticks of a list while the tab is open, and follows a re-check live instead of by reloading.
 */
export const SITE_JS = `'use strict';
const groups = [...document.querySelectorAll('[data-groups] input')];
const sizes = [4, 4, 5];
function spread() {
  const all = groups.map(g => g.value.normalize('NFKC').replace(/[^0-9A-Za-z|]/g, '')).join('');
  if (all.length !== 13) return false;
  let from = 0;
  groups.forEach((g, i) => { g.value = all.slice(from, from + sizes[i]); from += sizes[i]; });
  return true;
}
groups.forEach((group, i) => {
  group.addEventListener('input', event => {
    if (event.isComposing) return;
    const plain = group.value.normalize('NFKC').replace(/[\\s\\-]/g, '');
    if (plain.length > sizes[i] && spread()) groups.at(-1).focus();
    else if (plain.length === sizes[i] && groups[i + 1] && group.selectionStart === group.value.length) groups[i + 1].focus();
  });
  group.addEventListener('keydown', event => {
    if (event.key === 'Backspace' && group.value === '' && groups[i - 1]) groups[i - 1].focus();
  });
});
const ticks = [...document.querySelectorAll('.steps input[type=checkbox]')];
const place = 'ticks ' + location.pathname;
try {
  const kept = sessionStorage.getItem(place) ?? '';
  ticks.forEach((tick, i) => {
    if (kept[i] === '1') tick.checked = true;
    tick.addEventListener('change', () => sessionStorage.setItem(place, ticks.map(t => (t.checked ? '1' : '0')).join('')));
  });
} catch { /* storage may be refused; the boxes still tick */ }
const live = document.querySelector('[data-events]');
if (live) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener('done', () => { source.close(); location.reload(); });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
}
document.querySelectorAll('[data-print]').forEach(button => {
  button.hidden = false;
  button.addEventListener('click', () => print());
});
document.querySelector('.summary')?.focus();
`;
