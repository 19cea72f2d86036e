/**
 * Call-back numbers. In: what a person typed, in any width and with any punctuation. Out: E.164 for a number of Japan's
 * plan that the centre may ring at an ordinary charge, or why not. Numbers abroad and numbers that charge the caller more
 * (0570, 0990) are refused: a call-back form is an old way to make somebody else pay.
 */
export type TelephoneReading =
  | { readonly ok: true; readonly e164: string }
  | { readonly ok: false; readonly why: 'not-a-number' | 'abroad' | 'length' | 'charged' };

export function readTelephone(typed: string): TelephoneReading {
  const plain = typed.normalize('NFKC').replace(/[\s\-‐-―−ーｰ()（）.・]/gu, '');
  if (!/^\+?\d{1,20}$/.test(plain)) return { ok: false, why: 'not-a-number' };
  const national = plain.startsWith('+81')
    ? `0${plain.slice(3).replace(/^0/, '')}`
    : plain.startsWith('01081') && plain.length > 11
      ? `0${plain.slice(5)}`
      : plain;
  if (national.startsWith('+')) return { ok: false, why: 'abroad' };
  if (!/^0[1-9]/.test(national)) return { ok: false, why: national.startsWith('00') ? 'abroad' : 'not-a-number' };
  if (/^0(570|990)/.test(national)) return { ok: false, why: 'charged' };
  // Mobile, IP telephony and 0800 have eleven digits, everything else ten (Telecommunications Numbering Plan).
  const digits = /^0[5-9]0|^0800/.test(national) ? 11 : 10;
  if (national.length !== digits) return { ok: false, why: 'length' };
  return { ok: true, e164: `+81${national.slice(1)}` };
}
