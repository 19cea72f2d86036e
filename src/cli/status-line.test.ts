import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusLine } from './status-line.ts';

function screen(terminal: boolean, columns = 80) {
  let now = 0;
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const at = (ms: number): void => {
    now = ms;
  };
  return { line: statusLine({ isTTY: terminal, columns, write }, { monotonic: () => now }), at, text: () => text };
}

test('on a terminal the line is overwritten, at most once a second, and the last word stays', () => {
  const s = screen(true);
  s.line.set('one');
  s.at(500);
  s.line.set('two');
  s.at(1000);
  s.line.set('three');
  s.line.done('end');
  s.line.set('late');
  s.line.done('later');
  assert.equal(s.text(), '\rone\x1b[K\rthree\x1b[K\rend\x1b[K\n');
});

test('in a pipe a line is appended every ten seconds, without control characters', () => {
  const s = screen(false);
  for (let ms = 0; ms <= 20_000; ms += 500) {
    s.at(ms);
    s.line.set(`at ${ms}`);
  }
  s.line.done('end');
  assert.equal(s.text(), 'at 0\nat 10000\nat 20000\nend\n');
});

test('a line longer than the terminal is cut, wide characters counted as two, and a newline does not break it', () => {
  const s = screen(true, 11);
  s.line.set('0123456789');
  s.at(2000);
  s.line.set('調査中調査中');
  s.at(4000);
  s.line.set('a\n b');
  s.line.done('go on with: notice sweep');
  assert.equal(s.text(), '\r0123456789\x1b[K\r調査中調…\x1b[K\ra b\x1b[K\rgo on with: notice sweep\x1b[K\n');
});
