/** What the public may know of the mandate: who surveys, on which ground, from where, what, and when. */
import type { MandateBody, MandatePort } from '../record/mandate.ts';
import type { Both } from './language.ts';

export interface MandateFacts {
  readonly organisation: { readonly name: string; readonly contact: string };
  readonly legalBasis: string;
  /** ISO 8601. */
  readonly period: { readonly from: string; readonly to: string };
  readonly sources: readonly string[];
  readonly publishedAt: string;
  readonly publishedAs: string;
  readonly ports: readonly MandatePort[];
  readonly hours: { readonly from: string; readonly to: string };
  readonly triesPerDevicePerDay: number;
  /** Names of the providers that take part. */
  readonly isps: readonly Both[];
}

export const mandateFactsOf = (body: MandateBody, isps: readonly Both[]): MandateFacts => ({
  organisation: body.organisation,
  legalBasis: body.legalBasis,
  period: body.period,
  sources: body.sources.addresses,
  publishedAt: body.sources.publishedAt,
  publishedAs: body.sources.publishedAs,
  ports: body.ports,
  hours: body.hours,
  triesPerDevicePerDay: body.limits.triesPerDevicePerDay,
  isps,
});
