/**
 * From an alert to the one JSON string the letter template reads. In: the findings of one line and the envelope's window.
 * Out: the data, and every string in it that must be printable.
 */
import type { AlertContent, Contact } from '../../record/alert.ts';
import { addressNumber } from './address-number.ts';
import { barcodeSvg, customerBarcode } from './barcode.ts';
import { qrSvg } from './qr.ts';
import { alertWords, codeUrl, type Language, MARK, typedSite, type Words } from './words.ts';

/** Where the address shows on the sheet, mm from its left and top edge, and how far the sheet may slip. */
export interface EnvelopeWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly tolerance: number;
}

/** A common window of long envelopes for A4 folded in three; another stock is another value. */
export const LONG_ENVELOPE: EnvelopeWindow = { left: 18, top: 11, width: 92, height: 50, tolerance: 3 };

const POINTS = 9;
/** Of the template's page, mm. */
const TOP_MARGIN = 10;

function barcodeOf(contact: Contact) {
  const code = customerBarcode(contact.postcode, addressNumber(contact.address.join(' ')));
  if (!code) return null;
  const { svg, width } = barcodeSvg(code.bars, POINTS);
  return { svg, width };
}

const SLIP = {
  ja: {
    heading: '機器を管理している方へ',
    see: (site: string) => `手順は ${site} に番号を入力すると見られます。`,
    qrAlt: (code: string) => `お知らせ番号 ${code} のページを開くQRコード`,
  },
  en: {
    heading: 'For whoever looks after the device',
    see: (site: string) => `Enter the code at ${site} to see what to do.`,
    qrAlt: (code: string) => `QR code that opens the page of code ${code}`,
  },
} as const;

function slipOf(contents: readonly AlertContent[], words: Words, language: Language) {
  const first = contents[0] as AlertContent;
  const model = [first.vendor, first.model].filter(Boolean).join(' ');
  return {
    heading: SLIP[language].heading,
    text: [...new Set(words.codes.map(c => c.what)), ...(model ? [model] : [])],
    // Four steps fit the slip; the longer list of several findings does not.
    steps: words.steps.text.length > 4 ? [] : words.steps.text,
    see: words.steps.text.length > 4 ? SLIP[language].see(typedSite(first.issuer)) : '',
    qrAlt: SLIP[language].qrAlt(words.codes[0]?.code ?? ''),
  };
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** `contents` is not empty; all are of one line. */
export function letterData(contents: readonly AlertContent[], window: EnvelopeWindow) {
  const first = contents[0] as AlertContent;
  const { contact, issuer } = first;
  const ja = alertWords(contents, 'ja');
  const en = alertWords(contents, 'en');
  const words = {
    mark: issuer.rehearsal ? MARK : null,
    ja,
    en,
    slip: { ja: slipOf(contents, ja, 'ja'), en: slipOf(contents, en, 'en') },
    address: { postcode: contact.postcode, lines: contact.address, name: ja.greeting },
  };
  const data = {
    ...words,
    barcode: barcodeOf(contact),
    qr: qrSvg(codeUrl(issuer, first.alertCode)),
    window,
    bodyTop: window.top + window.height - TOP_MARGIN + window.tolerance,
  };
  return { data: JSON.stringify(data), printed: stringsOf(words) };
}
