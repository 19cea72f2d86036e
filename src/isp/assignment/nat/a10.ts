/**
 * Carrier NAT of A10 Thunder. Default messages are `NAT-TCP-C: …` (a port or a session) and `FIXED-NAT-PORTS …`; the common event
 * format is `CEF:0|A10|…|CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=… sourceTranslatedAddress=… sourceTranslatedPort=first
 * cn3=last`. Source: ACOS traffic logging as public collectors parse it. A template of the ISP's own (`custom
 * port-batch-allocated`) is declared with option `wordings`.
 */
import type { Dialect, Record, Said } from './dialect.ts';
import { type Field, type Fields, type Wording, wordingOf } from './wording.ts';

/** Class of the event in the common event format. A batch must say its last port. */
const CEF_EVENTS: Readonly<{ [id: string]: { readonly what: Said['what']; readonly batch?: true } }> = {
  'CGN 100': { what: 'begin' },
  'CGN 101': { what: 'end' },
  'CGN 102': { what: 'begin' },
  'CGN 103': { what: 'end' },
  'CGN 106': { what: 'begin', batch: true },
  'CGN 107': { what: 'end', batch: true },
};
const named = (name: string) => new RegExp(`[ |]${name}=([^\\s|=\\\\]{1,45})(?= |$)`, 'g');
const NAMES: readonly (readonly [Field, RegExp])[] = [
  ['protocol', named('proto')],
  ['inside', named('src')],
  ['outside', named('sourceTranslatedAddress')],
  ['first', named('sourceTranslatedPort')],
  ['last', named('cn3')],
];
const CEF = /CEF: ?0\|A10\|/g;
const CEF_HEAD = /CEF: ?0\|A10\|[^|]{0,40}\|[^|]{0,40}\|([^|]{1,20})\|([^|]{1,60})\|[^|]{0,10}\|/y;

/** Letter after the protocol: created, allocated, batch; deleted, freed; still there. */
const LETTERS: Readonly<{ [letter: string]: Said['what'] }> = {
  C: 'begin',
  A: 'begin',
  B: 'begin',
  D: 'end',
  F: 'end',
  U: 'alive',
};
const PLAIN_HEAD = /NAT-([A-Z]{2,8})-([A-Z]): /y;
const FIXED = 'FIXED-NAT-PORTS ';
const PLAIN = /NAT-[A-Z]{2,8}-[A-Z]: |FIXED-NAT-PORTS /g;

const wording = (text: string) => wordingOf(text, 'cgn-a10');
/** After `NAT-TCP-C: `; a block before a port, as a port begins alike. */
const PLAIN_WORDINGS: readonly Wording[] = [
  '{inside} -> {outside}:{first}-{last}',
  '{inside} -> {outside}: {first}-{last}',
  '{inside}<-->{outside}:{first}-{last}',
  '{inside}<->{elsewhere},{outside}:{first}<-->',
  '{inside}<->{elsewhere}, {outside}:{first}<-->',
  '{inside} -> {outside}: {first}',
  '{inside} -> {outside}:{first}',
  '{inside}<-->{outside}:{first}',
].map(wording);
const FIXED_WORDING = wording('FIXED-NAT-PORTS {inside}->{outside}:{first}-{last}');

/** An IPv4 address with a port behind it; IPv6 is written without. */
const withoutPort = (inside: string | undefined) => inside?.replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/, '$1');

/** The value after `from`; one that is there twice is none. */
function extension(text: string, pattern: RegExp, from: number): string | undefined {
  pattern.lastIndex = from;
  const value = pattern.exec(text)?.[1];
  return value !== undefined && !pattern.test(text) ? value : undefined;
}

function cefRecord(text: string, from: number): Record {
  CEF_HEAD.lastIndex = from;
  const head = CEF_HEAD.exec(text);
  if (!head) return 'the record has not the heading of the common event format';
  const id = head[1] as string;
  if (!id.startsWith('CGN ')) return { what: 'heard', fields: {} };
  const event = Object.hasOwn(CEF_EVENTS, id) ? CEF_EVENTS[id] : undefined;
  if (!event) return 'the record is of no kind that this format knows';
  const fields: Partial<{ [field in Field]: string }> = {};
  for (const [field, pattern] of NAMES) {
    const value = extension(text, pattern, CEF_HEAD.lastIndex - 1);
    if (value !== undefined) fields[field] = value;
  }
  if (event.batch && fields.last === undefined) return 'the batch has no last port';
  if (!event.batch) delete fields.last;
  return { what: event.what, fields };
}

function plainRecord(text: string, from: number): Record {
  if (text.startsWith(FIXED, from)) {
    const fields = FIXED_WORDING(text, from);
    return fields ? { what: 'alive', fields } : 'the record is not worded as one of its kind';
  }
  PLAIN_HEAD.lastIndex = from;
  const head = PLAIN_HEAD.exec(text);
  const what = head && Object.hasOwn(LETTERS, head[2] as string) ? LETTERS[head[2] as string] : undefined;
  if (!head || !what) return 'the record is of no kind that this format knows';
  const at = PLAIN_HEAD.lastIndex;
  const fields = PLAIN_WORDINGS.reduce<Fields | undefined>((found, read) => found ?? read(text, at), undefined);
  if (!fields) return 'the record is not worded as one of its kind';
  const { inside: _, ...others } = fields;
  const inside = withoutPort(fields.inside);
  if (inside?.includes(':')) return 'an IPv6 address and a port behind it cannot be told apart';
  return { what, fields: { ...others, protocol: head[1] as string, ...(inside === undefined ? {} : { inside }) } };
}

export const A10: Dialect = {
  name: 'cgn-a10',
  find(text) {
    CEF.lastIndex = 0;
    PLAIN.lastIndex = 0;
    return (CEF.exec(text) ?? PLAIN.exec(text))?.index ?? -1;
  },
  read: (text, from) => [text.startsWith('CEF', from) ? cefRecord(text, from) : plainRecord(text, from)],
  // `box/partition`: private addresses repeat from partition to partition.
  realm: tag => (tag.includes('/') ? tag.slice(tag.lastIndexOf('/') + 1) : undefined),
};
