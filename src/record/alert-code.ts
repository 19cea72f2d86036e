/**
 * The alert code: 12 digits and a check digit by Damm's quasigroup (H. M. Damm, 2004), printed 4-4-5. It catches every
 * single-digit error and every adjacent transposition, can be read out, and can be keyed into a telephone.
 */
import { createHmac } from 'node:crypto';
import { keyedHash } from './digest.ts';

/** Damm's totally anti-symmetric quasigroup of order 10. */
const DAMM = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
];

function damm(digits: string): string {
  let state = 0;
  for (const digit of digits) state = Number((DAMM[state] as string)[Number(digit)]);
  return String(state);
}

/** The 13 digits for a case; a collision elsewhere is resolved by raising `generation`. */
export function alertCodeFor(codeKey: Uint8Array, caseId: string, generation: number): string {
  const mac = createHmac('sha256', codeKey).update(`${caseId}/${generation}`).digest();
  const digits = String(mac.readBigUInt64BE(0) % 1_000_000_000_000n).padStart(12, '0');
  return digits + damm(digits);
}

export const printAlertCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;

const KANJI_DIGITS: Readonly<Record<string, string>> = {
  〇: '0',
  零: '0',
  一: '1',
  二: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
};

export type CodeReading =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly why: 'length' | 'digit' | 'check' };

/** Reads a code as people type it: full-width or kanji digits, any spaces and hyphens, o for 0, l for 1. */
export function readAlertCode(typed: string): CodeReading {
  const plain = [...typed.normalize('NFKC')]
    .map(c => KANJI_DIGITS[c] ?? c)
    .join('')
    .replace(/[\s\-‐-―−ーｰ_.・]/gu, '')
    .replace(/[oO]/g, '0')
    .replace(/[lI|]/g, '1');
  if (!/^\d*$/.test(plain)) return { ok: false, why: 'digit' };
  if (plain.length !== 13) return { ok: false, why: 'length' };
  return damm(plain) === '0' ? { ok: true, code: plain } : { ok: false, why: 'check' };
}

/** What every compartment but the ISP's holds instead of the code. */
export const alertCodeHash = (hashKey: Uint8Array, code: string): string => keyedHash(hashKey, 'alert-code', code);
