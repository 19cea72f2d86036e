/** What the site is handed. It opens nothing itself: stores, clocks, chance and who is asking all come from outside. */
import type { Context } from 'hono';
import type { OpeningHours } from '../desk/hours.ts';
import type { Issuer } from '../record/alert.ts';
import type { Clocks } from '../record/instant.ts';
import type { Language } from './language.ts';
import type { MandateFacts } from './mandate-facts.ts';
import type { SiteStore } from './store.ts';

/** Where a model's newest software is, and whether there still is any. */
export interface UpdatePage {
  /** The maker's own page. */
  readonly url: string;
  /** The first version without the weakness; null when there will be none. */
  readonly fixedIn: string | null;
  /** False when the maker has ended support: replacing it is the only remedy. */
  readonly supported: boolean;
}

/** One request as the log may know it: a route's pattern instead of its path, a network instead of an address. */
export interface AccessLine {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly network: string;
  /** The name of what was thrown; never its message, which could quote what was typed. */
  readonly error?: string;
}

export interface SiteDeps {
  readonly store: SiteStore;
  readonly clocks: Clocks;
  readonly random: (bytes: number) => Uint8Array;
  /** Key of the hash that stands for an alert code everywhere but at the ISP. */
  readonly hashKey: Uint8Array;
  readonly issuer: Pick<Issuer, 'programme' | 'site' | 'supportLines' | 'rehearsal'>;
  readonly mandate: MandateFacts;
  readonly hours: OpeningHours;
  /** The visitor's address as the connection shows it. */
  readonly visitorOf: (c: Context) => string;
  readonly updatePage?: (vendor: string, model: string) => UpdatePage | undefined;
  readonly log?: (line: AccessLine) => void;
  /** Waits between two looks at a re-check, for live pages. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** The same, for the pages of one language. */
export type PageDeps = SiteDeps & { readonly language: Language };
