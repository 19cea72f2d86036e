import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { breaches, reachable, readImports } from './imports.ts';

const SRC = join(process.cwd(), 'src');

/** A small source tree with one deliberate fault in it. */
function planted(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'notice-architecture-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

test('every import obeys the table and there is no cycle', () => {
  assert.deepEqual(breaches(SRC), []);
});

test('the reading sees as many modules as there are files, and sees their imports', () => {
  const { files, imports } = readImports(SRC);
  const onDisk = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    f => /\.tsx?$/.test(f) && !/\.test\.tsx?$/.test(f),
  );
  assert.equal(files.length, onDisk.length);
  assert.ok(files.length > 50, `only ${files.length} files seen`);
  assert.ok(imports.length > files.length, `only ${imports.length} imports seen`);
});

for (const [name, files, expected] of [
  [
    'a stage that imports a later stage',
    { 'record/a.ts': "import { b } from '../site/b.ts';\nexport const a = b;", 'site/b.ts': 'export const b = 1;' },
    /record\/a\.ts \(record\) may not import site\/b\.ts/,
  ],
  [
    'a role that imports the rehearsal',
    { 'role/a.ts': "import '../rehearsal/b.ts';", 'rehearsal/b.ts': '' },
    /may not import rehearsal/,
  ],
  [
    'a command other than rehearse that imports the rehearsal',
    { 'cli/probe.ts': "import '../rehearsal/b.ts';", 'rehearsal/b.ts': '' },
    /may not import rehearsal/,
  ],
  [
    'a dynamic import that goes round the rule',
    { 'record/a.ts': "export const a = () => import('../site/b.ts');", 'site/b.ts': '' },
    /may not import site/,
  ],
  [
    'a socket where none may be opened',
    { 'site/a.ts': "import { connect } from 'node:net';\nconnect(1);" },
    /site\/a\.ts imports node:net/,
  ],
  ['a cycle', { 'record/a.ts': "import './b.ts';", 'record/b.ts': "import './a.ts';" }, /a cycle/],
  ['a folder without a place in the table', { 'utils/a.ts': 'export const a = 1;' }, /no folder of the table/],
] as const)
  test(`a planted violation is caught: ${name}`, () => {
    const root = planted(files);
    try {
      assert.match(breaches(root).join('\n'), expected);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

test('a prober process holds nothing of an ISP or the desk, an ISP process nothing of the survey', () => {
  const prober = reachable(SRC, 'role/prober.ts');
  const isp = reachable(SRC, 'role/isp.ts');
  assert.ok(prober.length > 20 && isp.length > 10, 'the roles are wired');
  assert.deepEqual(
    prober.filter(f => /^(isp|desk|site|console|store)\//.test(f)),
    [],
  );
  assert.deepEqual(
    isp.filter(f => /^(survey|darknet|desk|site)\//.test(f)),
    [],
  );
});

test('no folder is called by a word that says nothing', () => {
  const { files } = readImports(SRC);
  assert.deepEqual(
    files.filter(f => /(^|\/)(utils?|helpers?|common|core|services?|managers?|misc|lib)(\/|\.tsx?$)/.test(f)),
    [],
  );
});
