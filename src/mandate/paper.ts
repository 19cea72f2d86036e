/**
 * Loads the paper and judges all of it that does not depend on the day. In: mandate.json and, beside it by default,
 * trust.json, consents/*.json, exclusions.txt, catalogue.json. Out: the Paper that gate and scope are compiled from, or
 * a Fault with `file:line`. Nothing here can be switched off.
 */
import { dirname, join } from 'node:path';
import { digestOf } from '../record/digest.ts';
import type { Consent, Mandate, Trust } from '../record/mandate.ts';
import { loadCatalogueText } from './catalogue.ts';
import { loadConsents } from './consents.ts';
import type { Exclusion } from './exclusions.ts';
import { loadExclusions } from './exclusions.ts';
import { readJson, shaped } from './json-file.ts';
import type { Where } from './rules.ts';
import { checkCeilings, checkPorts, checkSignatures, checkTargets } from './rules.ts';
import { mandateShape } from './shapes.ts';
import { loadTrust } from './trust.ts';

export interface PaperFiles {
  readonly mandate: string;
  readonly trust?: string | undefined;
  /** A folder. */
  readonly consents?: string | undefined;
  readonly exclusions?: string | undefined;
  readonly catalogue?: string | undefined;
}

export interface Paper {
  readonly mandate: Mandate;
  /** Hex SHA-256 of the canonical body. */
  readonly digest: string;
  readonly trust: Trust;
  /** The newest of each ISP; signatures verified, age not. */
  readonly consents: readonly Consent[];
  readonly exclusions: readonly Exclusion[];
  readonly catalogueText: string;
  readonly files: {
    readonly mandate: string;
    readonly trust: string;
    readonly consents: string;
    readonly exclusions: string;
    readonly catalogue: string;
  };
  /** `file:line` of a member of the mandate file, such as `['body', 'period', 'to']`. */
  readonly where: Where;
}

export function loadPaper(files: PaperFiles): Paper {
  const dir = dirname(files.mandate);
  const all = {
    mandate: files.mandate,
    trust: files.trust ?? join(dir, 'trust.json'),
    consents: files.consents ?? join(dir, 'consents'),
    exclusions: files.exclusions ?? join(dir, 'exclusions.txt'),
    catalogue: files.catalogue ?? join(dir, 'catalogue.json'),
  };
  const json = readJson(all.mandate, 'mandate-unreadable', 'name the signed mandate');
  const mandate = shaped(mandateShape, json, 'a mandate', 'complete it and have it signed again');
  const signed = (json.value as { body: unknown }).body;
  const trust = loadTrust(all.trust);
  checkSignatures(mandate, signed, trust, json.where);
  const consents = loadConsents(all.consents, trust);
  checkTargets(mandate.body, consents, trust, json.where);
  checkPorts(mandate.body, json.where);
  checkCeilings(mandate.body, json.where);
  const exclusions = loadExclusions(all.exclusions);
  const catalogueText = loadCatalogueText(all.catalogue, mandate.body);
  const { where } = json;
  return { mandate, digest: digestOf(signed), trust, consents, exclusions, catalogueText, files: all, where };
}
