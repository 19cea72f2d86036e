/**
 * The template: a migrated, empty database as an archive in `dist/`, because making one takes seconds and unpacking it
 * does not. It is built with the compile step, and again whenever the migrations or the engine have changed.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sha256 } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { migrationsDigest } from './migrate.ts';

/** The project's own folder, from the sources as from the compiled output. */
function projectFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const up = dirname(folder);
    if (up === folder)
      throw new Fault('resource', 'the project folder has no package.json', 'install NOTICE again', { where: folder });
    folder = up;
  }
  return folder;
}

/** The file beside this one, under the extension that this one runs with. */
export const moduleBeside = (name: string): URL =>
  new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url);

/** What the archive was made from. */
function wantedDigest(project: string): string {
  const engine = readFileSync(join(project, 'node_modules/@electric-sql/pglite/package.json'), 'utf8');
  return sha256(`${(JSON.parse(engine) as { version: string }).version} ${migrationsDigest()}`);
}

const build = () =>
  new Promise<Uint8Array>((resolve, reject) => {
    const worker = new Worker(moduleBeside('template-worker'));
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the worker ended with ${code}`)));
  });

export interface Template {
  readonly file: string;
  /** Whether it had to be built now. */
  readonly built: boolean;
}

/** The template's archive, built when it is missing or out of date. Throws Fault when it cannot be. */
export async function ensureTemplate(): Promise<Template> {
  const project = projectFolder();
  const file = join(project, 'dist/store-template.tgz');
  const note = join(project, 'dist/store-template.digest');
  const digest = wantedDigest(project);
  if (existsSync(file) && existsSync(note) && readFileSync(note, 'utf8') === digest) return { file, built: false };
  let archive: Uint8Array;
  try {
    archive = await build();
  } catch (thrown) {
    throw new Fault(
      'resource',
      'the embedded database could not be made',
      'free about 1 GB of memory, then try again',
      {
        cause: thrown,
      },
    );
  }
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Written beside and renamed, the note last: several processes may be building, and any of them may be killed.
    const beside = `${file}.${process.pid}`;
    rmSync(note, { force: true });
    writeFileSync(beside, archive);
    renameSync(beside, file);
    writeFileSync(`${note}.${process.pid}`, digest);
    renameSync(`${note}.${process.pid}`, note);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return { file, built: true };
}
