import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Reply, replyReader } from './reply.ts';

const readAll = (pieces: readonly string[]): Reply[] => {
  const reader = replyReader();
  return pieces.flatMap(piece => [...reader.read(piece)]).concat(reader.flush());
};
const codes = (text: string) => readAll([text]).map(({ code }) => code);

test('single and multi-line replies, CRLF and bare LF', () => {
  assert.deepEqual(readAll(['220 Ready\r\n331 Password\n']), [
    { code: 220, text: '220 Ready\n', lines: 1 },
    { code: 331, text: '331 Password\n', lines: 1 },
  ]);
  assert.deepEqual(readAll(['220-One\r\n 220 not the end\r\n530 nor this\r\n220-Two\r\n220 End\r\n']), [
    { code: 220, text: '220-One\n 220 not the end\n530 nor this\n220-Two\n220 End\n', lines: 5 },
  ]);
  assert.deepEqual(codes('\r\n\r\n220\r\n'), [220], 'empty lines, and a code alone');
  assert.deepEqual(codes('\r220 a\r\r\n'), [220], 'more carriage returns than needed');
  assert.deepEqual(codes('230-a\r\n2300 b\r\n230'), [], 'no end in sight');
});

test('a line that begins no reply is read over and told', () => {
  for (const stray of [
    'HTTP/1.1 400 Bad\r\n',
    '2200 x\r\n',
    '22 x\r\n',
    '620 x\r\n',
    '020 x\r\n',
    '220_x\r\n',
    ' 220 x\r\n',
  ]) {
    const reader = replyReader();
    assert.deepEqual(
      reader.read(`${stray}220 after\r\n`).map(({ text }) => text),
      ['220 after\n'],
      stray,
    );
    assert.ok(reader.strayed, stray);
  }
});

test('silence ends a line only where it can be the last of a reply', () => {
  for (const [text, whole] of [
    ['220 no line end', true],
    ['220-a\r\n220 no line end', true],
    ['220', false],
    ['22', false],
    ['220-a', false],
    ['220-a\r\n230 b', false],
  ] as const) {
    const reader = replyReader();
    assert.deepEqual(reader.read(text), []);
    assert.equal(reader.pending, true, text);
    assert.equal(reader.flush().length, whole ? 1 : 0, text);
    assert.equal(reader.strayed, false, text);
  }
  const reader = replyReader();
  reader.read('login: ');
  assert.deepEqual(reader.flush(), []);
  assert.ok(reader.strayed);
});

test('the same replies however the text is split', () => {
  const line = fc.oneof(
    fc.constantFrom('220 a', '220-b', '220', '331 c', '230-', '230 ', '', '\r', ' 230 x', '\x93\x83\x5c'),
    fc.string({ unit: 'binary-ascii', maxLength: 8 }),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom('\r\n', '\n', '\r\r\n'),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (lines, end, sizes) => {
        const text = lines.join(end);
        const pieces: string[] = [];
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value as number;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(readAll(pieces), readAll([text]));
      },
    ),
    { numRuns: 500 },
  );
});
