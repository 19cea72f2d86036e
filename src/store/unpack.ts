/**
 * Unpacks the template's archive (ustar in gzip, as PGlite writes it) into a folder. Only plain files and folders; a name
 * that would leave the folder is refused. POSIX.1-2017, pax, "ustar Interchange Format".
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK = 512;
const text = (block: Buffer, from: number, length: number) =>
  block.toString('utf8', from, from + length).split('\0')[0] ?? '';

/** Throws when the archive is damaged or the folder cannot be written. */
export function unpack(archive: Uint8Array, folder: string): void {
  const tar = gunzipSync(archive);
  const made = new Set<string>();
  const makeFolder = (path: string) => {
    if (!made.has(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
    made.add(path);
  };
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const head = tar.subarray(at, at + BLOCK);
    const name = [text(head, 345, 155), text(head, 0, 100)].filter(Boolean).join('/').replace(/^\/+/, '');
    if (head[0] === 0) break;
    const size = Number.parseInt(text(head, 124, 12), 8);
    const kind = String.fromCharCode(head[156] ?? 0);
    const path = normalize(name);
    if (path.startsWith('..') || path.startsWith('/') || !Number.isInteger(size) || at + BLOCK + size > tar.length)
      throw new Error(`the archive is damaged at byte ${at}`);
    if (kind === '5') makeFolder(join(folder, path));
    else if (kind === '0' || kind === '\0') {
      makeFolder(dirname(join(folder, path)));
      writeFileSync(join(folder, path), tar.subarray(at + BLOCK, at + BLOCK + size), { mode: 0o600 });
    } else throw new Error(`the archive holds something else than a file: ${name}`);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (made.size === 0) throw new Error('the archive is empty');
}
