/**
 * Challenges of HTTP authentication (RFC 9110 §11.6.1): Basic (RFC 7617) and Digest (RFC 7616; MD5, MD5-sess, SHA-256 and
 * SHA-256-sess, with qop `auth` or none). In: the WWW-Authenticate values, one character a byte, in whatever encoding and
 * however badly quoted. Out: the one challenge we would answer.
 */
import { isUtf8 } from 'node:buffer';
import { bytesOf } from '../machine.ts';

export interface DigestChallenge {
  readonly scheme: 'digest';
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly session: boolean;
  readonly qop: boolean;
  /** The nonce in our last answer was too old; that says nothing about the pair. */
  readonly stale: boolean;
  /** What goes back as it came, between the quotes; algorithm as it was spelled. */
  readonly echo: {
    readonly realm: string;
    readonly nonce: string;
    readonly opaque: string | undefined;
    readonly algorithm: string | undefined;
  };
}

export type Challenge = { readonly scheme: 'basic'; readonly realm: string } | DigestChallenge;

interface Parameter {
  /** Without quotes and escapes. */
  readonly value: string;
  /** As it stood between the quotes. */
  readonly raw: string;
}
interface Offered {
  readonly scheme: string;
  readonly parameters: Map<string, Parameter>;
}

const MOST_VALUES = 8;
const MOST_LENGTH = 4096;
const MOST_PARAMETER = 512;

const isBlank = (code: number) => code === 32 || code === 9;
/** Wider than a token of RFC 9110, so that nothing odd in front of a name hides it. */
const isToken = (code: number) => code > 32 && code !== 44 && code !== 61 && code !== 34;
const isLead = (code: number) => (code >= 0x81 && code <= 0x9f) || (code >= 0xe0 && code <= 0xfc);
const HIGH = /[\x80-\xff]/;

/**
 * All challenges of one value, in one pass. A word opens a challenge at the start or behind a comma, and is a parameter
 * when `=` follows. In Shift_JIS the second byte of a character may be a backslash: there it escapes nothing.
 */
function offeredIn(text: string): Offered[] {
  const value = text.length > MOST_LENGTH ? text.slice(0, MOST_LENGTH) : text;
  const doubleByte = HIGH.test(value) && !isUtf8(bytesOf(value));
  const offered: Offered[] = [];
  let at = 0;
  const skipBlanks = () => {
    while (isBlank(value.charCodeAt(at))) at++;
  };
  const quoted = (): Parameter => {
    const begin = ++at;
    let plain = '';
    let copied = begin;
    while (at < value.length && value.charCodeAt(at) !== 34) {
      const code = value.charCodeAt(at);
      if (doubleByte && isLead(code) && value.charCodeAt(at + 1) >= 64) at += 2;
      else if (code === 92 && at + 1 < value.length) {
        plain += value.slice(copied, at);
        copied = at + 1;
        at += 2;
      } else at++;
    }
    const end = Math.min(at++, value.length);
    return { value: plain + value.slice(copied, end), raw: value.slice(begin, end) };
  };
  const bare = (): Parameter => {
    const begin = at;
    while (at < value.length && value.charCodeAt(at) !== 44 && !isBlank(value.charCodeAt(at))) at++;
    const plain = value.slice(begin, at);
    return { value: plain, raw: plain.replace(/["\\]/g, '\\$&') };
  };

  let opens = true;
  while (at < value.length && offered.length <= MOST_VALUES) {
    const begin = at;
    while (at < value.length && isToken(value.charCodeAt(at))) at++;
    if (at === begin) {
      opens ||= value.charCodeAt(at) === 44;
      at++;
      continue;
    }
    const word = value.slice(begin, at).toLowerCase();
    skipBlanks();
    const current = offered.at(-1);
    if (value.charCodeAt(at) !== 61 || !current) {
      if (opens) offered.push({ scheme: word, parameters: new Map() });
    } else {
      at++;
      skipBlanks();
      const parameter = value.charCodeAt(at) === 34 ? quoted() : bare();
      if (!current.parameters.has(word)) current.parameters.set(word, parameter);
    }
    opens = false;
  }
  return offered;
}

/** It comes back in a header line, so it may be any text in any encoding, but no control. */
const UNFIT = /[\x00-\x1f\x7f]/;
const isFit = (text: string) => text.length <= MOST_PARAMETER && !UNFIT.test(text);
const ALGORITHM = /^(md5|sha-256)(-sess)?$/i;

function digestOf(parameters: ReadonlyMap<string, Parameter>): DigestChallenge | undefined {
  const realm = parameters.get('realm') ?? { value: '', raw: '' };
  const nonce = parameters.get('nonce');
  const opaque = parameters.get('opaque')?.raw;
  const named = parameters.get('algorithm')?.value;
  const algorithm = ALGORITHM.exec(named ?? 'MD5');
  const qops = parameters.get('qop')?.value.toLowerCase().split(',') ?? [];
  const qop = qops.some(q => q.trim() === 'auth');
  if (!nonce || !algorithm || (!qop && qops.some(q => q.trim() !== ''))) return undefined;
  if (!isFit(realm.raw) || !isFit(nonce.raw) || !isFit(opaque ?? '')) return undefined;
  return {
    scheme: 'digest',
    realm: realm.value,
    nonce: nonce.value,
    algorithm: algorithm[1]?.length === 3 ? 'MD5' : 'SHA-256',
    session: algorithm[2] !== undefined,
    qop,
    stale: parameters.get('stale')?.value.toLowerCase() === 'true',
    echo: { realm: realm.raw, nonce: nonce.raw, opaque, algorithm: named },
  };
}

/**
 * Basic where it is offered: there is least in it that a device can get wrong, and the pairs tried are public anyway. Else
 * the first Digest that can be answered, in the order of the device. Undefined when none can. `userhash` is not asked for.
 */
export function challengeOf(values: readonly string[]): Challenge | undefined {
  let digest: DigestChallenge | undefined;
  for (const value of values.slice(0, MOST_VALUES)) {
    for (const { scheme, parameters } of offeredIn(value)) {
      if (scheme === 'basic') return { scheme, realm: parameters.get('realm')?.value ?? '' };
      if (scheme === 'digest') digest ??= digestOf(parameters);
    }
  }
  return digest;
}
