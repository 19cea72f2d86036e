/**
 * A mandate to begin with: every member the ordinances ask for, cautious limits, and `FILL IN:` wherever only people can
 * say the truth. In: an instant and whatever is known already. Out: a body; one with `FILL IN:` left can be neither
 * signed nor loaded.
 */
import type { Act } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, isoOf, jstMidnight, MINUTE, monthOf, SECOND } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import { PUBLISHED_BEFORE } from './ceilings.ts';
import { UNFILLED } from './shapes.ts';

/** Any member of the body, taken as given; the rest is drafted around `at`. */
export type DraftOptions = { readonly at: Instant } & Partial<MandateBody>;

const ALL_ACTS: readonly Act[] = ['sweep', 'identify', 'no-login', 'attempt', 'decoy', 'recheck'];
const fill = (what: string): string => `${UNFILLED} ${what}`;

/** In force for 31 days from the first JST midnight at which sources published now have been public for seven days. */
export function draftMandate(options: DraftOptions): MandateBody {
  const { at, ...known } = options;
  const from = jstMidnight(at + PUBLISHED_BEFORE + DAY);
  return {
    format: 'notice-mandate/1',
    id: `mandate-${monthOf(from)}`,
    legalBasis: fill('the law and the approval, with its date and number'),
    period: { from: isoOf(from), to: isoOf(from + 31 * DAY) },
    organisation: { name: fill('who does the survey'), contact: fill('telephone and address') },
    staff: [{ name: fill('who operates it'), department: fill('their department'), contact: fill('their telephone') }],
    sources: {
      addresses: [fill('an address that probes come from')],
      publishedAt: isoOf(at),
      publishedAs: fill('where the public can read the addresses'),
    },
    facilities: [fill('where the machines stand')],
    targets: [{ isp: 'isp-a', prefixes: [fill('a prefix that the ISP has consented to')] }],
    identifiers: {
      policy: 'only pairs that fail the standard of the ordinance; the catalogue lists all of them',
      catalogueVersion: fill('the version of the catalogue'),
      catalogueSha256: fill('sha256sum catalogue.json'),
    },
    ports: [
      { port: 23, protocol: 'telnet', acts: ALL_ACTS },
      { port: 80, protocol: 'http', acts: ALL_ACTS },
      { port: 8080, protocol: 'http', acts: ALL_ACTS },
    ],
    hours: { from: '00:00', to: '24:00' },
    limits: {
      total: { perSecond: 5_000, burst: 500 },
      perIsp: { perSecond: 1_000, burst: 100 },
      per24: { perSecond: 4, burst: 8 },
      triesPerDevicePerDay: 12,
      // Many devices lock an account at the third wrong try in a row; a round stays below.
      triesPerAccountPerDay: 3,
      triesPerDevicePerRound: 12,
      triesPer24PerDay: 512,
      triesPerIspPerDay: 100_000,
      gapMs: MINUTE,
    },
    deadlines: {
      connectMs: 3 * SECOND,
      settleMs: 2 * SECOND,
      conversationMs: 30 * SECOND,
      checkMs: 20 * MINUTE,
    },
    decoys: { permitted: true, perDevicePerDay: 2 },
    noLoginChecks: { permitted: true },
    records: {
      security: fill('how logs and records are kept safe'),
      outsourcing: fill('what is done by others, or: none'),
    },
    ...known,
  };
}
