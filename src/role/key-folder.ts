/** Keys a role makes for itself the first time and keeps in its own folder, readable by its user only. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSigningKey, readKey, type SigningKey, writeKey } from '../mandate/keys.ts';
import { fileFault } from '../record/fault.ts';

/** An Ed25519 key pair in FOLDER/NAME.key.json, made when absent. */
export function signingKeyIn(folder: string, name: string): SigningKey {
  const file = join(folder, `${name}.key.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) writeKey(file, makeSigningKey());
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return readKey(file);
}

/** 32 secret bytes in FOLDER/NAME.secret, made when absent. */
export function secretIn(folder: string, name: string, random: (bytes: number) => Uint8Array): Uint8Array {
  const file = join(folder, `${name}.secret`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) writeFileSync(file, Buffer.from(random(32)).toString('hex'), { mode: 0o600, flag: 'wx' });
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}
