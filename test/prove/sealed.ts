/**
 * The proof of secrecy (invariant 8): every file under some folders is searched for what must not be there: addresses of
 * found devices, alert codes, names, passwords. In: folders, needles, and texts that are no files (a dump of tables, for
 * the database compresses on disk). Out: one proof line, and where each needle was found, never the needle itself.
 *
 * First it shows that it can see: needles are planted in a folder of its own, plain, inside gzip, across the edge of
 * chunks, in base64 and hex. One plant not found, a file that cannot be read, no file or no needle at all: `missed` is
 * not 0, and the proof fails.
 */
import { closeSync, lstatSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { compileNeedles, type Form, type Needle, type Search } from './needles.ts';
import type { Proof } from './proof.ts';

export interface Haystack {
  readonly folders: readonly string[];
  /** Texts beside files: each table dumped, each answer of a page. */
  readonly texts?: Iterable<{ readonly name: string; readonly text: string }>;
  /** Files that hold secrets by right, such as the keys and paper of the party itself. */
  readonly mayHold?: (file: string) => boolean;
}

export interface SealedProof extends Proof {
  readonly proof: 'sealed';
  /** Where something was found that must not be there: file, kind of secret, form, offset. */
  readonly places: readonly string[];
  /** Why the search was blind, in words. */
  readonly blind: readonly string[];
}

/** Addresses as text shows them: dotted, reversed as in the DNS, and as IPv6 maps them. */
export function addressNeedles(addresses: Iterable<string>, kind = 'address'): Needle[] {
  return [...addresses].flatMap(address => [
    { kind, text: address },
    { kind: `${kind}, reversed`, text: `${address.split('.').reverse().join('.')}.in-addr` },
  ]);
}

/** Alert codes as they are and as they are printed, 4-4-5. */
export function codeNeedles(codes: Iterable<string>): Needle[] {
  return [...codes].flatMap(code => [
    { kind: 'alert code', text: code },
    { kind: 'alert code, printed', text: `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}` },
  ]);
}

export const needlesOf = (kind: string, texts: Iterable<string>): Needle[] => [...texts].map(text => ({ kind, text }));

/** Bytes read at once, and how much of a chunk the next one repeats: longer than any needle in any form. */
const CHUNK = 1024 * 1024;
const OVERLAP = 4 * 1024;
/** A gzip file may unfold to this much; more counts as not searched. */
const UNFOLDED = 1024 * 1024 * 1024;

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

interface Hit {
  readonly kind: string;
  readonly form: Form;
  readonly offset: number;
}

function* searchFile(file: string, search: Search): Generator<Hit> {
  const handle = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(lstatSync(file).size, 1) + OVERLAP));
    let kept = 0;
    let offset = 0;
    for (let first = true; ; first = false) {
      const read = readSync(handle, chunk, kept, chunk.length - kept, null);
      if (read === 0) return;
      const data = chunk.subarray(0, kept + read);
      if (first && data[0] === 0x1f && data[1] === 0x8b) {
        yield* searchGzip(file, search);
        return;
      }
      for (const { needle, form, offset: at } of search.in(data))
        yield { kind: needle.kind, form, offset: offset + at };
      const keep = Math.min(OVERLAP, data.length);
      offset += data.length - keep;
      data.copy(chunk, 0, data.length - keep);
      kept = keep;
    }
  } finally {
    closeSync(handle);
  }
}

function* searchGzip(file: string, search: Search): Generator<Hit> {
  const handle = openSync(file, 'r');
  try {
    const packed = Buffer.alloc(lstatSync(file).size);
    readSync(handle, packed, 0, packed.length, 0);
    const unfolded = gunzipSync(packed, { maxOutputLength: UNFOLDED });
    for (const { needle, form, offset } of search.in(unfolded)) yield { kind: needle.kind, form, offset };
  } finally {
    closeSync(handle);
  }
}

interface Searched {
  readonly tried: number;
  readonly places: string[];
  readonly blind: string[];
}

function searchAll(haystack: Haystack, search: Search): Searched {
  const places = new Set<string>();
  const blind: string[] = [];
  let tried = 0;
  for (const folder of haystack.folders) {
    const before = tried;
    try {
      for (const file of filesUnder(folder)) {
        if (haystack.mayHold?.(file)) continue;
        tried++;
        try {
          for (const hit of searchFile(file, search)) places.add(`${file}: ${hit.kind} (${hit.form}) at ${hit.offset}`);
        } catch (thrown) {
          blind.push(`${file}: ${(thrown as Error).message}`);
        }
      }
    } catch (thrown) {
      blind.push(`${folder}: ${(thrown as Error).message}`);
    }
    if (tried === before) blind.push(`${folder}: no file was searched`);
  }
  for (const { name, text } of haystack.texts ?? []) {
    tried++;
    for (const { needle, form, offset } of search.in(Buffer.from(text, 'utf8')))
      places.add(`${name}: ${needle.kind} (${form}) at ${offset}`);
  }
  return { tried, places: [...places].sort(), blind };
}

/** Plants needles where they must be seen. Returns how many ways of hiding were tried, and which were not seen. */
export function showThatItSees(needle: Needle, compile: (needles: readonly Needle[]) => Search = compileNeedles) {
  const folder = mkdtempSync(join(tmpdir(), 'notice-planted-'));
  const text = Buffer.from(needle.text, 'utf8');
  const line = Buffer.concat([Buffer.from('{"x":"'), text, Buffer.from('"}\n')]);
  const plants: Record<string, Buffer> = {
    'plain.ndjson': line,
    'packed.gz': gzipSync(line),
    'page.bin': Buffer.concat([Buffer.alloc(9_000, 0xff), text, Buffer.alloc(100)]),
    // Half before the edge of the first chunk, half behind it.
    'edge.bin': Buffer.concat([Buffer.alloc(CHUNK - (text.length >> 1), 0x20), text, Buffer.from(' ')]),
    ...Object.fromEntries(
      [0, 1, 2].flatMap(shift => {
        const signed = Buffer.concat([Buffer.alloc(30 + shift, 0x61), text, Buffer.from('zzz')]);
        return [
          [`signed-${shift}.jws`, Buffer.from(signed.toString('base64url'))],
          [`mail-${shift}.eml`, Buffer.from(signed.toString('base64'))],
        ];
      }),
    ),
    'dump.hex': Buffer.from(line.toString('hex')),
  };
  try {
    for (const [name, bytes] of Object.entries(plants)) writeFileSync(join(folder, name), bytes);
    const { places } = searchAll({ folders: [folder] }, compile([needle]));
    const unseen = Object.keys(plants).filter(name => !places.some(place => place.startsWith(join(folder, name))));
    return { planted: Object.keys(plants).length, unseen };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function proveSealed(haystack: Haystack, needles: readonly Needle[]): SealedProof {
  const kinds = new Map(needles.map(needle => [needle.kind, needle]));
  const shown = [...kinds.values()].map(needle => ({ kind: needle.kind, ...showThatItSees(needle) }));
  const planted = shown.reduce((sum, s) => sum + s.planted, 0);
  const unseen = shown.flatMap(s => s.unseen.map(name => `a planted ${s.kind} in ${name} was not seen`));
  const { tried, places, blind } = searchAll(haystack, compileNeedles(needles));
  if (needles.length === 0) blind.push('nothing was searched for');
  if (tried === 0) blind.push('nothing was searched');
  return {
    proof: 'sealed',
    tried,
    wrong: places.length,
    missed: unseen.length + blind.length,
    ratio_found: planted === 0 ? 0 : (planted - unseen.length) / planted,
    places,
    blind: [...unseen, ...blind],
  };
}
