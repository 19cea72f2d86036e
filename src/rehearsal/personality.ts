/**
 * How a device behaves towards somebody who knocks, and which of its weaknesses are true. Nothing here opens a socket:
 * `devices/` gives each of these a voice.
 */
import type { FindingKind, Protocol } from '../record/glossary.ts';
import type { Pair } from './guessable-pairs.ts';
import { type ModelId, TN_VULNERABLE } from './models.ts';

export const TELNET_PERSONALITIES = [
  'shell', // login, then a root shell
  'menu', // login, then a numbered menu without any shell character
  'no-login', // a shell at once
  'accepts-anything', // honeypot: any pair opens a shell
  'lockout', // locks the account after four wrong tries
  'tarpit', // one byte every two seconds
  'garbage', // endless data
  'silent', // accepts the connection and says nothing
  'closes', // closes at once
  'banner-art', // a banner full of prompt characters, then a login
  'japanese', // rejects in Japanese
  'byte-by-byte', // every byte in its own packet
  'nop-sb', // IAC NOP and a sub-negotiation in the greeting
  'password-only', // asks for no user name
] as const;
export const HTTP_PERSONALITIES = [
  'basic', // 401 with Basic
  'http-anything', // honeypot: any pair opens the page
  'portal', // redirects everything elsewhere
  'error-500', // fails on any credential
  'login-page', // a wrong pair gets a page with status 200
  'lockout-403', // forbids everything after four wrong tries
] as const;
export type TelnetPersonality = (typeof TELNET_PERSONALITIES)[number];
export type HttpPersonality = (typeof HTTP_PERSONALITIES)[number];
export type Personality = TelnetPersonality | HttpPersonality;

/** Wrong tries a lockout device forgives. */
export const LOCKOUT_AFTER = 4;

export const PORT_ROLES = ['telnet', 'http', 'telnet-alt'] as const;
export type PortRole = (typeof PORT_ROLES)[number];
/** The port each role has in this rehearsal's mandate. */
export type Ports = Readonly<Record<PortRole, number>>;
export const DEFAULT_PORTS: Ports = { telnet: 2323, http: 8080, 'telnet-alt': 12323 };

export const protocolOfRole = (role: PortRole): Protocol => (role === 'http' ? 'http' : 'telnet');

export interface Service {
  readonly role: PortRole;
  readonly personality: Personality;
}

/** What may change about a device: its secret, its firmware, whether it is plugged in. */
export interface Condition {
  /** Null on devices that never ask. */
  readonly pair: Pair | null;
  /** Whether `pair` is one of GUESSABLE_PAIRS. */
  readonly guessable: boolean;
  readonly firmware: string | null;
  readonly online: boolean;
  /** An owner who repairs a no-login device gives it a password: from then on it asks. */
  readonly asks: boolean;
}

const HONEST: ReadonlySet<Personality> = new Set<Personality>([
  'shell',
  'menu',
  'banner-art',
  'japanese',
  'byte-by-byte',
  'nop-sb',
  'basic',
]);

export const isHoneypot = (p: Personality): boolean => p === 'accepts-anything' || p === 'http-anything';

/** The ordinary device, as opposed to a trap laid for the survey. */
export const isTrap = (p: Personality): boolean => !['shell', 'menu', 'basic', 'no-login'].includes(p);

/** The true weaknesses of one service. Honeypots have none: nobody's camera is behind them. */
export function kindsOf(service: Service, model: ModelId, condition: Condition): FindingKind[] {
  if (!condition.online) return [];
  const kinds: FindingKind[] = [];
  if (HONEST.has(service.personality) && condition.guessable) kinds.push('guessable');
  if (service.personality === 'no-login') kinds.push(condition.asks ? 'guessable' : 'no-login');
  if (model === 'tn-1600' && service.role === 'http' && condition.firmware === TN_VULNERABLE) kinds.push('firmware');
  return kinds.filter(kind => kind !== 'guessable' || condition.guessable);
}
