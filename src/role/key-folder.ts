/** Keys a role makes for itself the first time and keeps in its own folder, readable by its user only. */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { makeSigningKey, readKey, type SigningKey, writeKey } from '../mandate/keys.ts';
import { Fault, fileFault } from '../record/fault.ts';

/**
 * Makes a file unless it is there: beside and linked, so that a crash or a full disk leaves no half of a key, and of two
 * roles that make it at the same moment both have the same.
 */
export function makeOnce(file: string, write: (beside: string) => void): void {
  if (existsSync(file)) return;
  // Threads have one process id, and two workers of a new folder make their keys at the same moment.
  const beside = `${file}.${process.pid}-${threadId}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    write(beside);
    linkSync(beside, file);
  } catch (thrown) {
    if (existsSync(file)) return;
    throw fileFault(thrown instanceof Fault ? (thrown.cause ?? thrown) : thrown, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** An Ed25519 key pair in FOLDER/NAME.key.json, made when absent. */
export function signingKeyIn(folder: string, name: string): SigningKey {
  const file = join(folder, `${name}.key.json`);
  makeOnce(file, beside => writeKey(beside, makeSigningKey()));
  return readKey(file);
}

/** 32 secret bytes in FOLDER/NAME.secret, made when absent. Throws Fault when what is there is damaged. */
export function secretIn(folder: string, name: string, random: (bytes: number) => Uint8Array): Uint8Array {
  const file = join(folder, `${name}.secret`);
  makeOnce(file, beside => writeFileSync(beside, Buffer.from(random(32)).toString('hex'), { mode: 0o600 }));
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Fault('input', 'the secret is damaged', 'restore it from where it is kept safe', { where: file });
  return Buffer.from(text, 'hex');
}
