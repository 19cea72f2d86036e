/**
 * What a number stands for, sealed: sections of (mark, number) in the open and the names themselves encrypted to a public key
 * (X25519, HKDF-SHA-256 of RFC 5869, AES-256-GCM). Whoever imports can recognise a line by its mark but not read a name back.
 * A section belongs to one window and goes with it, so that forgetting needs no key. What is no name but an address behind a
 * translator (chain.ts) is needed to resolve, so sections of those are left in the open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { publicOf, rawPublic } from './keys.ts';

export const MARK_BYTES = 12;
const RAW = 32;
const TAG = 16;
const NONCE = Buffer.alloc(12);

export interface Named {
  readonly number: number;
  /** Keyed digest of the name. */
  readonly mark: Uint8Array;
  readonly name: Uint8Array;
}

/** A section as it lies in a file: the names can be opened, the rest read. */
export interface Section {
  readonly sealedTo: string;
  readonly count: number;
  /** `count` marks. */
  readonly marks: Uint8Array;
  readonly numbers: Uint32Array;
  /** Names by place; of a section in the open no key is needed. Throws when it is not for this key. */
  open(key?: KeyObject): readonly Uint8Array[];
}

const keyFor = (own: KeyObject, other: KeyObject, ephemeral: Uint8Array, recipient: Uint8Array): Buffer =>
  Buffer.from(
    hkdfSync(
      'sha256',
      diffieHellman({ privateKey: own, publicKey: other }),
      Buffer.concat([ephemeral, recipient]),
      'notice subscribers 1',
      32,
    ),
  );

const rawOf = (key: KeyObject): Buffer => Buffer.from(rawPublic(key), 'base64url');

const OPEN_TO = Buffer.alloc(RAW);

/**
 * `recipient` null leaves the names in the open. Everything before the names is authenticated with them. A fresh key each time, so
 * a nonce of zeros is used once.
 */
export function sealSection(named: readonly Named[], recipient: KeyObject | null): Buffer {
  const size = named.reduce((sum, { name }) => sum + 2 + name.length, 0);
  const head = Buffer.alloc(8 + 2 * RAW + named.length * (MARK_BYTES + 4));
  const plain = Buffer.alloc(size);
  const marks = 8 + 2 * RAW;
  const numbers = marks + named.length * MARK_BYTES;
  head.writeUInt32LE(named.length, 0);
  head.writeUInt32LE(size, 4);
  let at = 0;
  for (let i = 0; i < named.length; i++) {
    const { mark, number, name } = named[i] as Named;
    head.set(mark, marks + i * MARK_BYTES);
    head.writeUInt32LE(number, numbers + i * 4);
    plain.writeUInt16LE(name.length, at);
    plain.set(name, at + 2);
    at += 2 + name.length;
  }
  if (recipient === null) return Buffer.concat([head, plain, Buffer.alloc(TAG)]);
  const pair = generateKeyPairSync('x25519');
  const ephemeral = rawOf(pair.publicKey);
  const to = rawOf(recipient);
  ephemeral.copy(head, 8);
  to.copy(head, 8 + RAW);
  const cipher = createCipheriv('aes-256-gcm', keyFor(pair.privateKey, recipient, ephemeral, to), NONCE);
  cipher.setAAD(head);
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The sections of one file, whose bytes bear their seal. */
export function sectionsOf(file: Buffer): Section[] {
  const sections: Section[] = [];
  for (let at = 0; at < file.length; ) {
    const count = file.readUInt32LE(at);
    const size = file.readUInt32LE(at + 4);
    const ephemeral = file.subarray(at + 8, at + 8 + RAW);
    const to = file.subarray(at + 8 + RAW, at + 8 + 2 * RAW);
    const marks = at + 8 + 2 * RAW;
    const numbers = marks + count * MARK_BYTES;
    const body = numbers + count * 4;
    const head = file.subarray(at, body);
    const sealed = file.subarray(body, body + size + TAG);
    sections.push({
      sealedTo: to.toString('base64url'),
      count,
      marks: file.subarray(marks, numbers),
      numbers: new Uint32Array(new Uint8Array(file.subarray(numbers, body)).buffer),
      open: key => {
        if (to.equals(OPEN_TO)) return namesOf(sealed.subarray(0, -TAG));
        if (!key) throw new TypeError('these names are sealed');
        return namesOf(opened(key, ephemeral, to, head, sealed));
      },
    });
    at = body + size + TAG;
  }
  return sections;
}

function opened(key: KeyObject, ephemeral: Buffer, to: Buffer, head: Buffer, sealed: Buffer): Buffer {
  const other = publicOf(ephemeral.toString('base64url'));
  const decipher = createDecipheriv('aes-256-gcm', keyFor(key, other, ephemeral, to), NONCE);
  decipher.setAAD(head);
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
}

function namesOf(plain: Buffer): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let at = 0; at < plain.length; ) {
    const length = plain.readUInt16LE(at);
    names.push(plain.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return names;
}

/** Whether a section can be opened with this key. */
export const isFor = (section: Section, key: KeyObject): boolean =>
  section.sealedTo === rawPublic(createPublicKey(key));
