/**
 * One process at work on one source: its lock, what earlier imports left, and how a commit is made of what is read. In: which source.
 * Out: a taking to read into, files opened where they were left, commits.
 */

import { sha256 } from '../../record/digest.ts';
import { Fault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import { type Commit, commit, type Importer, learn } from './commit.ts';
import { isRowFormat } from './csv-format.ts';
import type { Folder, Format } from './event.ts';
import { lockFolder } from './folder-lock.ts';
import { FOLDERS } from './folders.ts';
import { FORMATS } from './formats.ts';
import { type Heard, Hearing, NOTHING_HEARD } from './hearing.ts';
import { Interning } from './interning.ts';
import { makeOwnKey, rawPublic, secretOf } from './keys.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { type Manifest, type ReadFile, readKept, readManifest, type SourceRecord } from './manifest.ts';
import { makeParserFeeder } from './parser-feeder.ts';
import type { SourceOptions } from './source-options.ts';
import { openState } from './state.ts';
import { Taking } from './taking.ts';

export interface Working {
  readonly dir: string;
  readonly source: string;
  readonly format: Format;
  /** What the index knew of the source when the work began. */
  readonly before: SourceRecord | undefined;
  /** To be read into. Exporters count as they did before. */
  taking(): Taking;
  open(file: string, known: readonly ReadFile[], taking: Taking): LogFile;
  /** `records` of the files that were read take the places of those that `open` knew. */
  commit(taking: Taking, what: Pick<Commit, 'heard' | 'files' | 'replace'>): Manifest;
  close(): void;
}

/** Files that are remembered, so that one that is imported again is known. */
const MOST_FILES = 4_096;

export const rememberFiles = (
  before: readonly ReadFile[],
  now: readonly ReadFile[],
  gone: ReadonlySet<ReadFile>,
): ReadFile[] => {
  const digests = new Set(now.map(f => f.digest));
  return [...before.filter(f => !gone.has(f) && !digests.has(f.digest)), ...now].slice(-MOST_FILES);
};

/** Logs of blocks in which a lost record leaves no trace but time: two halves of two holds could be taken for one. */
const UNNUMBERED: ReadonlySet<string> = new Set(['cgn-a10', 'cgn-cisco', 'cgn-juniper', 'nfacct']);

/** `anew`: as if nothing of the source had been imported. Faults: usage (no such format, or the source is of another), locked (another process imports it). */
export function workOn(of: SourceOptions, anew = false): Working {
  const { dir, format: name, source = name, options, silenceMs, publicKey } = of;
  const format = FORMATS[name];
  if (!format) throw new Fault('usage', `"${name}" is no format`, `use one of ${Object.keys(FORMATS).join(', ')}`);
  const unlock = lockFolder(dir, `import-${sha256(source).slice(0, 12)}.lock`, 0);
  try {
    const manifest = readManifest(dir);
    const known = manifest.sources.find(s => s.name === source);
    const before = anew ? undefined : known;
    if (before && before.format !== name)
      throw new Fault(
        'usage',
        `the source "${source}" is of the format ${before.format}`,
        'name another with --source',
      );
    const written = options?.silenceMs;
    const silence = silenceMs ?? (typeof written === 'number' ? written : before?.heard.silenceMs);
    if (silence === undefined && UNNUMBERED.has(name))
      throw new Fault(
        'usage',
        `records of ${name} carry no numbers: a loss shows only as silence, and nobody has said how long this box is ever silent`,
        'say it with --silence, in seconds, such as 900',
      );
    const secret = secretOf(dir);
    const sealedTo = publicKey ? rawPublic(publicKey) : manifest.sealedTo || rawPublic(makeOwnKey(dir));
    const importer: Importer = { dir, secret, interning: new Interning(secret), sealedTo, learnt: new Set() };
    learn(importer, manifest);
    const folder = folderOf(format, before, importer);
    const said = options ?? before?.options ?? {};
    const declared = format.folds === 'blocks' && silence !== undefined ? { ...said, silenceMs: silence } : said;
    return {
      dir,
      source,
      format,
      before,
      ...work(importer, format, source, before, folder, declared, silenceMs),
      close: unlock,
    };
  } catch (thrown) {
    unlock();
    throw thrown;
  }
}

function stateOf(importer: Importer, { state, name }: SourceRecord): unknown {
  if (!state) return undefined;
  try {
    return openState(readKept(importer.dir, state), importer.secret, name);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('input', 'does not open with the secret beside the index', 'restore the secret, or import anew', {
      where: `${importer.dir}/${state.file}`,
      cause: thrown,
    });
  }
}

/** Undefined for lists; the names of their open rows are learnt instead. */
function folderOf(format: Format, before: SourceRecord | undefined, importer: Importer): Folder | undefined {
  const saved = before && stateOf(importer, before);
  if (format.folds === 'held') {
    for (const name of (saved as string[] | undefined) ?? []) importer.interning.internText(name);
    return undefined;
  }
  const make = FOLDERS[format.folds];
  if (!make) throw new Fault('usage', `${format.name} cannot be imported yet`, 'use another format');
  return make(saved);
}

function work(
  importer: Importer,
  format: Format,
  source: string,
  before: SourceRecord | undefined,
  folder: Folder | undefined,
  options: Readonly<Record<string, unknown>>,
  silenceMs: number | undefined,
): Pick<Working, 'taking' | 'open' | 'commit'> {
  let totals = { used: before?.used ?? 0, rejected: before?.rejected ?? 0 };
  return {
    taking: () => {
      const hearing = new Hearing(before?.heard ?? NOTHING_HEARD, silenceMs);
      return new Taking(source, importer.interning, hearing, folder);
    },
    open(file, known, taking) {
      taking.file = file;
      const feeder = () =>
        isRowFormat(format) ? format.rows(file, options, taking) : makeParserFeeder(format.open(file, options), taking);
      return openLogFile(file, known, feeder, muted => {
        taking.muted = muted;
      });
    },
    commit(taking, { heard, files, replace }) {
      const { used, rejectedCount } = taking.counted();
      totals = { used: totals.used + used, rejected: totals.rejected + rejectedCount };
      const { closed, open } = taking.drain();
      const state = open ? folder?.save() : undefined;
      const { exporters } = taking;
      return commit(importer, {
        ...{ source, format: format.name, options, closed, open, exporters },
        ...{ heard, files, ...totals, state, replace },
      });
    },
  };
}

/** `through` as the caller declared it for the files of this import. */
export function declared(heard: Heard, through: Instant | undefined): Heard {
  const hearing = new Hearing(heard);
  hearing.declare(through);
  return hearing.save();
}
