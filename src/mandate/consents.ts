/**
 * The consents: each ISP's signed list of its own prefixes. In: the folder and the trust. Out: the newest list of each
 * ISP, its signature verified, inside the trusted space, and disjoint from every other ISP's. Age is judged elsewhere,
 * because it depends on the calendar.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Prefix } from '../record/address.ts';
import { parsePrefix } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import { instantOf } from '../record/instant.ts';
import type { Consent, Trust } from '../record/mandate.ts';
import { CONSENT_LASTS } from './ceilings.ts';
import type { JsonFile } from './json-file.ts';
import { readJson, shaped } from './json-file.ts';
import { verifyBody } from './keys.ts';
import { firstOverlap, prefixSet } from './prefix-set.ts';
import { consentShape } from './shapes.ts';

const ASK = 'ask the ISP to sign a new list';

export const signedAtOf = (consent: Consent): Instant => instantOf(consent.body.signedAt) ?? Number.NaN;

/** The first instant at which the consent no longer holds. */
export const consentEndOf = (consent: Consent): Instant => signedAtOf(consent) + CONSENT_LASTS;

interface Listed {
  readonly owner: string;
  readonly prefix: Prefix;
  readonly text: string;
  readonly where: string;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch (thrown) {
    throw new Fault('consent', 'the consents cannot be read', 'put the signed lists of the ISPs in this folder', {
      where: dir,
      cause: thrown,
    });
  }
}

function readConsent(file: string, trust: Trust): { consent: Consent; json: JsonFile } {
  const json = readJson(file, 'consent', ASK);
  const consent = shaped(consentShape, json, 'a consent', ASK);
  const { isp } = consent.body;
  const where = json.where(['signatures']);
  const keys = Object.hasOwn(trust.isps, isp) ? trust.isps[isp] : undefined;
  if (!keys)
    throw new Fault('consent', `no key of "${isp}" is pinned`, 'pin its key in the trust file, or remove this list', {
      where: json.where(['body', 'isp']),
    });
  const body = (json.value as { body: unknown }).body;
  const good = consent.signatures.some(s => s.by === isp && verifyBody(body, s, keys));
  if (!good) throw new Fault('consent', `consent of "${isp}" is not signed with its key`, ASK, { where });
  return { consent, json };
}

export function loadConsents(dir: string, trust: Trust): Consent[] {
  const newest = new Map<string, { consent: Consent; json: JsonFile }>();
  for (const name of namesIn(dir)) {
    if (!name.endsWith('.json') || name.startsWith('.')) continue;
    const read = readConsent(join(dir, name), trust);
    const other = newest.get(read.consent.body.isp);
    // An ISP's last word counts: an older, perhaps wider list must not come back.
    if (!other || signedAtOf(read.consent) > signedAtOf(other.consent)) newest.set(read.consent.body.isp, read);
  }
  const within = prefixSet(trust.within.map(text => parsePrefix(text) as Prefix));
  const listed: Listed[] = [];
  for (const { consent, json } of newest.values())
    for (const [n, { prefix: text }] of consent.body.prefixes.entries()) {
      const prefix = parsePrefix(text) as Prefix;
      const where = json.where(['body', 'prefixes', n]);
      if (!within.covers(prefix))
        throw new Fault('consent', `${text} lies outside the space the trust file allows`, ASK, { where });
      listed.push({ owner: consent.body.isp, prefix, text, where });
    }
  const overlap = firstOverlap(listed);
  if (overlap) {
    const [a, b] = overlap;
    const what = `${b.text} of "${b.owner}" overlaps ${a.text} of "${a.owner}"`;
    throw new Fault('consent', what, 'ask both ISPs whose it is', { where: b.where });
  }
  return [...newest.values()].map(read => read.consent);
}
