/**
 * The keys of an index. Importing seals the names of lines to a public key (X25519) and recognises a line by a secret; neither
 * lies in the folder of the index. In: the folder. Out: keys from `FOLDER.keys`, made there when absent. The private key is
 * made only when no public key is given: an ISP that has one keeps it where only the step that writes alerts reads.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../../record/fault.ts';

const folderOf = (dir: string): string => `${dir.replace(/\/+$/, '')}.keys`;

/** The first to make the file decides what is in it. */
function kept(dir: string, name: string, make: () => string): string {
  const folder = folderOf(dir);
  const file = join(folder, name);
  try {
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const mine = `${file}.${process.pid}`;
      writeFileSync(mine, make(), { mode: 0o600, flush: true });
      try {
        linkSync(mine, file);
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown;
      } finally {
        rmSync(mine, { force: true });
      }
    }
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

/** 32 bytes that only importing needs: the same line always has the same mark, which says nothing without them. */
export const secretOf = (dir: string): Buffer =>
  Buffer.from(
    kept(dir, 'import.secret', () => randomBytes(32).toString('base64url')),
    'base64url',
  );

/** Raw public key, base64url. */
export const rawPublic = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (publicKey.asymmetricKeyType !== 'x25519')
    throw new Fault('usage', 'the key that names are sealed to is no X25519 key', "name the ISP's sealing key");
  return (publicKey.export({ format: 'jwk' }) as { x: string }).x;
};

export const publicOf = (raw: string): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: raw } });

const FILE = 'subscribers.key';

/** The private key made beside the folder; undefined when none was, because names are sealed to a key of the ISP. */
export function ownKey(dir: string): KeyObject | undefined {
  const file = join(folderOf(dir), FILE);
  if (!existsSync(file)) return undefined;
  return createPrivateKey(kept(dir, FILE, () => ''));
}

export const makeOwnKey = (dir: string): KeyObject =>
  createPrivateKey(
    kept(dir, FILE, () => generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string),
  );
