/** How consoles print numbers, instants and states. Times are JST and their headings say so. */
import { timeWords } from '../desk/hours-words.ts';
import { DAY, dayOf, type Instant } from '../record/instant.ts';
import type { Reported } from '../record/observation.ts';

export const n = (value: number): string => value.toLocaleString('en');

/** `2026-11-22 18:05`, sortable; for columns headed "(JST)". */
export const whenIn = (at: Instant | null): string => (at === null ? '' : `${dayOf(at)} ${timeWords(at)}`);
export const dayIn = (at: Instant | null): string => (at === null ? '' : dayOf(at));

export const modelWords = (vendor: string | null, model: string | null): string =>
  [vendor, model].filter(Boolean).join(' ') || 'not identified';

export const daysSince = (at: Instant, now: Instant): number => Math.max(0, Math.floor((now - at) / DAY));

export const REPORTED_WORDS: Readonly<Record<Reported, string>> = {
  positive: 'Weakness found',
  clear: 'None of the tried pairs',
  locked: 'Locked, will cool down',
  'not-a-login': 'No login',
  inconclusive: 'Inconclusive',
  excluded: 'Excluded',
  'out-of-mandate': 'Outside the mandate',
};
