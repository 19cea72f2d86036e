/**
 * Reads FreeRADIUS' `radacct` table live, as `notice isp import --format radacct --database-url-file FILE`. In: the address of the
 * database, the index. Out: an import report. What is new is written to a file of rows beside the index, imported as any
 * other log, and removed; only then is the mark moved, so that after a crash the same rows are read again, which changes nothing.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ImportReport, importAssignments } from '../isp/assignment/import.ts';
import { readManifest } from '../isp/assignment/manifest.ts';
import { copyLine, furtherMark, type Mark, rowQuery } from '../isp/assignment/radius/radacct-query.ts';
import type { SourceOptions } from '../isp/assignment/source-options.ts';
import { sha256 } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import { streamRows, type TextRow } from '../store/rows.ts';

export interface RadacctOptions extends Omit<SourceOptions, 'format'> {
  readonly url: string;
  /** `radacct` when absent. */
  readonly table?: string;
  /** ms UTC. */
  readonly now: Instant;
  readonly through?: Instant;
}

export interface RadacctReport {
  /** Undefined when nothing was new. */
  readonly imported: ImportReport | undefined;
  readonly rows: number;
}

/** The first line that is not a comment. A file, because a URL on a command line is seen by everybody on the machine. */
export function readDatabaseUrl(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  const url = text
    .split('\n')
    .map(line => line.trim())
    .find(line => line !== '' && !line.startsWith('#'));
  if (url === undefined)
    throw new Fault('input', 'holds no address', 'write postgresql://USER@HOST:PORT/DATABASE', { where: file });
  return url;
}

const textOption = (options: SourceOptions['options'], name: string): string | undefined => {
  const value = options?.[name];
  return typeof value === 'string' ? value : undefined;
};

/** Throws Fault: `database`, `input`, `usage`, `locked`, `no-space`. */
export async function importRadacct(options: RadacctOptions): Promise<RadacctReport> {
  const { dir, url, table = 'radacct', source = 'radacct', now, ...rest } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const own = sha256(`${source}\n${table}`).slice(0, 12);
  const markFile = join(dir, `radacct-${own}.mark`);
  const rowsFile = join(dir, `radacct-${own}.rows`);
  const before = readMark(markFile);
  // As the last time where nothing is said.
  const told = rest.options ?? readManifest(dir).sources.find(known => known.name === source)?.options;
  const named = [textOption(told, 'subscriber') ?? 'username', textOption(told, 'exporter') ?? []].flat();
  try {
    const { mark, rows } = await fetchRows(rowsFile, { url, table, named, before, now });
    if (rows === 0) return { imported: undefined, rows };
    const imported = await importAssignments({ ...rest, dir, source, format: 'radacct', files: [rowsFile] });
    if (mark) writeMark(markFile, mark);
    return { imported, rows };
  } finally {
    rmSync(rowsFile, { force: true });
  }
}

interface Fetching {
  readonly url: string;
  readonly table: string;
  readonly named: readonly string[];
  readonly before: Mark | undefined;
  readonly now: Instant;
}

async function fetchRows(file: string, fetching: Fetching): Promise<{ mark: Mark | undefined; rows: number }> {
  const { url, table, named, before, now } = fetching;
  let columns: readonly string[] = [];
  let mark = before;
  let rows = 0;
  const fd = openSync(file, 'w', 0o600);
  const write = (lines: readonly string[]) => {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } catch (thrown) {
      throw fileFault(thrown, file);
    }
  };
  const take = (page: readonly TextRow[]) => {
    if (rows === 0) write([columns.join('\t')]);
    write(page.map(copyLine));
    mark = furtherMark(mark, columns, page, now);
    rows += page.length;
  };
  try {
    const pages = streamRows({ url, table }, (there, from) => {
      const query = rowQuery(there, from, before, named);
      columns = query.columns;
      return query;
    });
    for await (const page of pages) take(page);
  } finally {
    closeSync(fd);
  }
  return { mark, rows };
}

function readMark(file: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'ENOENT') return undefined;
    throw fileFault(thrown, file);
  }
  const { id, at } = JSON.parse(text) as Mark;
  return { id, at };
}

function writeMark(file: string, mark: Mark): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}
