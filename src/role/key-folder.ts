/** Keys a role makes for itself the first time and keeps in its own folder, readable by its user only. */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSigningKey, readKey, type SigningKey, writeKey } from '../mandate/keys.ts';
import { Fault, fileFault } from '../record/fault.ts';

/** An Ed25519 key pair in FOLDER/NAME.key.json, made when absent. */
export function signingKeyIn(folder: string, name: string): SigningKey {
  const file = join(folder, `${name}.key.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) {
      const beside = `${file}.${process.pid}.part`;
      rmSync(beside, { force: true });
      writeKey(beside, makeSigningKey());
      linkSync(beside, file);
      rmSync(beside);
    }
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
  }
  return readKey(file);
}

/** 32 secret bytes in FOLDER/NAME.secret, made when absent. */
export function secretIn(folder: string, name: string, random: (bytes: number) => Uint8Array): Uint8Array {
  const file = join(folder, `${name}.secret`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Beside and linked: a crash or a full disk leaves no half of a secret, and nobody's is overwritten.
    if (!existsSync(file)) {
      const beside = `${file}.${process.pid}.part`;
      writeFileSync(beside, Buffer.from(random(32)).toString('hex'), { mode: 0o600 });
      linkSync(beside, file);
      rmSync(beside);
    }
    const text = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  throw new Fault('input', 'the secret is damaged', 'restore it from where it is kept safe', { where: file });
}
