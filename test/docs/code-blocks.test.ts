import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeBlocksOf, edited } from './code-blocks.ts';

test('blocks with a file are found, others are not', () => {
  const page = 'a\n```ts file=src/a.ts\nlet a;\n```\n```ts\nno\n```\n```diff file=b.ts\n-x\n+y\n```\n';
  assert.deepEqual(codeBlocksOf(page), [
    { line: 2, file: 'src/a.ts', kind: 'whole', text: 'let a;\n' },
    { line: 8, file: 'b.ts', kind: 'edit', text: '-x\n+y\n' },
  ]);
  for (const file of ['/etc/x', '../x', 'a/../../x'])
    assert.throws(() => codeBlocksOf(`\`\`\`ts file=${file}\nx\n\`\`\`\n`), RangeError);
});

test('an edit needs its place exactly once', () => {
  assert.equal(edited('a\nb\nc\n', ' a\n-b\n+B\n'), 'a\nB\nc\n');
  assert.equal(edited('a\nb\nc\n', '+0\n a\n@@\n c\n+d\n'), '0\na\nb\nc\nd\n');
  for (const edit of ['-x\n+y\n', '+only\n', '-a\n+b\n@@\n-x\n'])
    assert.throws(() => edited('a\nb\n', edit), RangeError);
  assert.throws(() => edited('a\na\n', '-a\n+b\n'), RangeError);
});
