/**
 * Reads a JSON file so that every complaint can name its line. In: a file and a zod schema. Out: the value, or a Fault
 * with `file:line`. A member written twice is refused (RFC 8785 wants I-JSON): a reader of the text and a program could
 * otherwise disagree about what was signed.
 */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { FaultCode } from '../record/fault.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Path } from './json-place.ts';
import { placesOf } from './json-place.ts';

export interface JsonFile {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly code: FaultCode;
  /** `file:line` of the member at a path, or of its nearest enclosing member. */
  where(path: Path): string;
}

export function readText(file: string, code: FaultCode, remedy: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = (thrown as { code?: string }).code;
    if (why === 'ENOENT' || why === 'ENOTDIR') throw new Fault(code, 'is missing', remedy, { where: file });
    if (why === 'EISDIR') throw new Fault(code, 'is a folder', 'name a file', { where: file });
    const fault = fileFault(thrown, file);
    throw new Fault(code, `cannot be read (${why ?? fault.message})`, remedy, { where: file, cause: thrown });
  }
}

/** `code` is the fault that a defect in this file means. */
export function readJson(file: string, code: FaultCode, remedy = 'name a file that exists'): JsonFile {
  const text = readText(file, code, remedy);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    const at = /position (\d+)/.exec((thrown as Error).message)?.[1];
    const before = at === undefined ? text.trimEnd() : text.slice(0, Number(at));
    const where = `${file}:${before.split('\n').length}`;
    throw new Fault(code, 'is not JSON here', 'mend the text', { where, cause: thrown });
  }
  const places = placesOf(text);
  if (places.defect)
    throw new Fault(code, places.defect.what, 'mend the text', { where: `${file}:${places.defect.line}` });
  return { file, text, value, code, where: path => `${file}:${places.lineOf(path)}` };
}

function present(value: unknown, path: Path): boolean {
  let at = value;
  for (const step of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return false;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at !== undefined;
}

/** The value in its shape, or a Fault naming the first member that is missing, unknown or wrong. */
export function shaped<T>(schema: z.ZodType<T>, json: JsonFile, what: string, remedy: string): T {
  const result = schema.safeParse(json.value);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const path = issue.path.map(step => (typeof step === 'symbol' ? String(step) : step));
  const fail = (words: string, at: Path) => new Fault(json.code, words, remedy, { where: json.where(at) });
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0] as string;
    throw fail(`"${[...path, name].join('.')}" is no member of ${what}`, [...path, name]);
  }
  const name = path.length === 0 ? what : `"${path.join('.')}"`;
  throw fail(present(json.value, path) ? `${name} ${issue.message}` : `${name} is missing`, path);
}
