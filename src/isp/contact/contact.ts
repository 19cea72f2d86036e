/**
 * Whom to write to about one line, asked for at the moment an alert about it is due and at no other. In: the ISP's own id of a
 * line. Out: a contact, or that nobody knows the line, or why the source would not say. Three sources are behind it:
 * a customer file, a statement in the ISP's own database, its customer system over HTTP.
 */
import type { Contact } from '../../record/alert.ts';

export interface RefusedContact {
  /** What is wrong, without the customer's own data. */
  readonly refused: string;
  /** `file:line`, or which source. */
  readonly where: string;
  /** The source did not answer: asked again at the next tick. Otherwise the entry itself is wrong. */
  readonly later: boolean;
}

export type LookedUp = Contact | 'unknown' | RefusedContact;

export interface ContactSource {
  /** Never rejects for what the source says or fails to say; Fault when it is set up wrongly. */
  lookUp(subscriber: string): Promise<LookedUp>;
}

export const isContact = (x: LookedUp): x is Contact => x !== 'unknown' && !('refused' in x);
export const isRefused = (x: LookedUp): x is RefusedContact => x !== 'unknown' && 'refused' in x;

export const FIELDS = ['name', 'email', 'postcode', 'address1', 'address2', 'language'] as const;
export type Field = (typeof FIELDS)[number];

/** One address and nothing that could become another header or another recipient. */
const MAIL = /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9.-]{1,253}$/;
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;
const LONGEST = 200;

/** The contact of a line, or what is wrong with it. Fields as text; empty where there is none. */
export function contactOf(subscriber: string, field: (name: Field) => string): Contact | string {
  const email = field('email').trim();
  const postcode = field('postcode').trim();
  const language = field('language').trim() || 'ja';
  const address = [field('address1').trim(), field('address2').trim()].filter(Boolean);
  const name = field('name').trim();
  if (name === '') return 'there is no name';
  if ([name, ...address].some(text => CONTROL.test(text))) return 'a control character is in it';
  if ([name, ...address].some(text => text.length > LONGEST)) return `a field is longer than ${LONGEST} characters`;
  if (email !== '' && !MAIL.test(email)) return 'the e-mail address is malformed';
  if (postcode !== '' && !/^\d{3}-?\d{4}$/.test(postcode)) return 'the postcode is not seven digits';
  if (language !== 'ja' && language !== 'en') return 'the language is neither ja nor en';
  const hyphened = postcode === '' ? '' : `${postcode.slice(0, 3)}-${postcode.slice(-4)}`;
  return { subscriber, name, email: email || null, postcode: hyphened, address, language };
}

export const canBeWrittenTo = (contact: Contact): boolean => contact.postcode !== '' && contact.address.length > 0;
