/**
 * The heading of a syslog line: which box wrote it and when. In: a line and where its message begins. Out: host, instant and how
 * far the clocks in it disagree. Where the box writes a stamp of its own beside the collector's, its own counts.
 */
import type { Instant } from '../../../record/instant.ts';
import type { NatOptions } from './options.ts';
import { type Dating, type Reading, readingAt } from './stamp.ts';

export interface Heading {
  readonly at: Instant;
  /** How far the stamps of the line are apart, ms; the folder distrusts what is too far. */
  readonly errorMs: number;
  readonly host: string;
  /** Word after the host (RFC 5424 APP-NAME, else the tag); '' when there is none. */
  readonly tag: string;
}

/** Nothing longer is a heading. */
const LONGEST = 400;

const PRIORITY = /(?:<\d{1,3}>)? ?(?:1 )?/y;
const WORD = / {1,4}([^\s[\]]{1,255})/y;
/** A second stamp: after a collector's own heading, or in the text of the box. */
const SECOND = /(?:^|[ )>])(?=\d{4}(?:-\d\d-\d\d| [A-Z][a-z][a-z]) ?)/g;

function secondStamp(text: string, from: number, to: number): Reading | undefined {
  SECOND.lastIndex = from;
  for (let m = SECOND.exec(text); m && m.index < to; m = SECOND.exec(text)) {
    const found = readingAt(text, SECOND.lastIndex);
    if (found && found.end <= to) return found;
    SECOND.lastIndex = Math.max(SECOND.lastIndex, m.index + 1);
  }
  return undefined;
}

function word(text: string, from: number, to: number): readonly [word: string, end: number] {
  WORD.lastIndex = from;
  const m = WORD.exec(text);
  return m && WORD.lastIndex <= to ? [(m[1] as string).replace(/:$/, ''), WORD.lastIndex] : ['', from];
}

/**
 * `to`: where the message of the box begins, undefined for a line of another program, which only shows that the box lives.
 * `boxZone`: zone of the box's own stamp where the options give none, in minutes. A text says why the line cannot be dated.
 */
export function headingOf(
  text: string,
  to: number | undefined,
  dating: Dating,
  options: NatOptions,
  boxZone: number | undefined,
): Heading | string {
  const end = to ?? Math.min(text.length, LONGEST);
  if (end > LONGEST) return 'the heading is too long';
  PRIORITY.lastIndex = 0;
  PRIORITY.exec(text);
  const outer = readingAt(text, PRIORITY.lastIndex);
  if (!outer || outer.end > end) return 'the line has no syslog heading';
  const [host, afterHost] = word(text, outer.end, end);
  if (host === '') return 'the heading names no host';
  const [tag] = word(text, afterHost, end);
  const own = to === undefined ? undefined : secondStamp(text, outer.end, to);
  const zoneOfBox = options.boxZone ?? boxZone;
  const dated = datedBy(outer, own, dating, outer.form === 'year-first' ? zoneOfBox : options.zone, zoneOfBox);
  return typeof dated === 'string' ? dated : { ...dated, host, tag };
}

function datedBy(
  outer: Reading,
  own: Reading | undefined,
  dating: Dating,
  zone: number | undefined,
  boxZone: number | undefined,
): { readonly at: Instant; readonly errorMs: number } | string {
  const inner = own && dating.instantOf(own, boxZone);
  const doubt = typeof inner === 'number' ? dating.doubtMs : 0;
  // A stamp without a zone still tells a heading the year, as it is within a day.
  const about = typeof inner === 'number' ? inner : own?.wall;
  const first = dating.instantOf(outer, zone, outer.year === undefined ? about : undefined);
  if (typeof inner !== 'number') return typeof first === 'string' ? first : { at: first, errorMs: dating.doubtMs };
  if (typeof first !== 'number') return { at: inner, errorMs: doubt };
  return { at: inner, errorMs: Math.max(doubt, Math.abs(inner - first)) };
}
