/** Alerts: one message to one subscriber over one channel. Lives in the ISP's compartment. */
import type { FindingKind, Protocol } from './glossary.ts';
import type { Instant } from './instant.ts';

export const CHANNELS = ['mail', 'letter'] as const;
export type Channel = (typeof CHANNELS)[number];

export const MESSAGES = ['first', 'reminder'] as const;
export type Message = (typeof MESSAGES)[number];

export const ALERT_STATES = ['due', 'sent', 'bounced', 'withdrawn'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** The person to write to, looked up per unique case and dropped when the alert closes. */
export interface Contact {
  readonly subscriber: string;
  readonly name: string;
  readonly email: string | null;
  readonly postcode: string;
  /** Prefecture to block number, then building and room; one or two lines. */
  readonly address: readonly string[];
  readonly language: 'ja' | 'en';
}

/** A telephone number is never shown without what it costs, where it works from and when it is answered. */
export interface SupportLine {
  readonly name: string;
  readonly number: string;
  readonly cost: { readonly ja: string; readonly en: string };
  readonly reach: { readonly ja: string; readonly en: string };
  readonly hours: { readonly ja: string; readonly en: string };
}

/** Who signs the alert. Unmarked (non-rehearsal) alerts need `approved`: an issuer profile signed by the authority. */
export interface Issuer {
  readonly programme: { readonly ja: string; readonly en: string };
  readonly isp: { readonly ja: string; readonly en: string };
  readonly returnAddress: string;
  readonly site: string;
  readonly supportLines: readonly SupportLine[];
  readonly rehearsal: boolean;
}

/** Everything a template may say; templates get this as data, never spliced into source. */
export interface AlertContent {
  readonly message: Message;
  readonly kind: FindingKind;
  readonly alertCode: string;
  readonly protocol: Protocol;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly seenAt: Instant;
  readonly writtenAt: Instant;
  readonly contact: Contact;
  readonly issuer: Issuer;
}
