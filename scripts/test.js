// Runs the compiled tests: `node scripts/test.js [WORD...]` keeps the files whose path holds one of the words.
// Ends with one line of counts. A skipped or cancelled test is a failure on CI; a run that ran nothing always is.
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const words = process.argv.slice(2).filter(word => !word.startsWith('-'));
const files = globSync(['dist/src/**/*.test.js', 'dist/test/**/*.test.js'])
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))
  .sort();

const count = { passed: 0, failed: 0, skipped: 0 };
// Two at a time: the machines this is meant for have two cores, and some tests start real daemons.
const stream = run({ files: files.map(file => `${process.cwd()}/${file}`), concurrency: 2, timeout: 300_000 });
stream.on('test:pass', ({ skip, todo, details }) => {
  if (details?.type === 'suite') return;
  if (skip !== undefined || todo !== undefined) count.skipped++;
  else count.passed++;
});
stream.on('test:fail', ({ details }) => {
  if (details?.type !== 'suite') count.failed++;
});
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  const bad = count.failed > 0 || count.passed === 0 || (process.env.CI && count.skipped > 0);
  setTimeout(() => {
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    process.exit(bad ? 1 : 0);
  }, 100);
});
