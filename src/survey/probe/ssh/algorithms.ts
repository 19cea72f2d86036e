/**
 * Which algorithms an attempt offers a server. In: what the server offers. Out: per kind its modern ones that we speak,
 * the cheapest first (measured: docs/decisions/0009); only where it has no modern one, the old ones that real devices still
 * have. Nothing is protected by them but a guess: what counts is that a device is not missed because it is old.
 */
import type { KexInit } from './kexinit.ts';

/** As ssh2 takes them; each list in our order of preference. */
export interface Algorithms {
  readonly kex: readonly string[];
  readonly serverHostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

interface Ages {
  readonly modern: readonly string[];
  readonly old: readonly string[];
}

const KEX: Ages = {
  modern: [
    'ecdh-sha2-nistp256',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group14-sha256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
  ],
  old: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'diffie-hellman-group1-sha1'],
};
/** Ed25519 and P-256 before RSA for the device's sake: an RSA signature is what takes a small one longest. */
const HOST_KEY: Ages = {
  modern: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'rsa-sha2-256',
    'rsa-sha2-512',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ],
  old: ['ssh-rsa', 'ssh-dss'],
};
const CIPHER: Ages = {
  modern: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  old: ['aes128-cbc', 'aes256-cbc', 'aes192-cbc', '3des-cbc'],
};
const MAC: Ages = {
  modern: ['hmac-sha2-256', 'hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512', 'hmac-sha2-512-etm@openssh.com'],
  old: ['hmac-sha1', 'hmac-sha1-etm@openssh.com', 'hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'],
};

/** Ciphers with their own integrity need no MAC (RFC 5647 section 5.1). */
const needsMac = (cipher: string | undefined): boolean =>
  cipher !== undefined && !cipher.includes('gcm') && !cipher.startsWith('chacha20');

/** Undefined when there is a kind without anything in common. */
export function algorithmsFor(server: KexInit): Algorithms | undefined {
  const common = ({ modern, old }: Ages, ...offers: readonly (readonly string[])[]): readonly string[] => {
    const shared = (names: readonly string[]) => names.filter(name => offers.every(offer => offer.includes(name)));
    const ours = shared(modern);
    return ours.length > 0 ? ours : shared(old);
  };
  const kex = common(KEX, server.kex);
  const serverHostKey = common(HOST_KEY, server.hostKey);
  const cipher = common(CIPHER, server.cipherToServer, server.cipherToClient);
  const mac = common(MAC, server.macToServer, server.macToClient);
  const uncompressed = [server.compressionToServer, server.compressionToClient].every(list => list.includes('none'));
  const enough = kex.length > 0 && serverHostKey.length > 0 && cipher.length > 0 && uncompressed;
  if (!enough || (needsMac(cipher[0]) && mac.length === 0)) return undefined;
  // A list may not be empty, though a cipher of the GCM kind never looks at it.
  return { kex, serverHostKey, cipher, mac: mac.length > 0 ? mac : ['hmac-sha2-256'] };
}
