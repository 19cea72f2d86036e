/**
 * The rehearsal's own legal paper: keys made at the start, a mandate signed by two of them, consents signed anew every
 * month. Its trust pins 127.0.0.0/8 as the widest space, so that nothing signed here is good for anything beyond.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSealingKey, makeSigningKey, readKey, type SigningKey, signBody, writeKey } from '../mandate/keys.ts';
import { formatIpv4 } from '../record/address.ts';
import { sha256 } from '../record/digest.ts';
import { DAY, type Instant, isoOf, monthOf } from '../record/instant.ts';
import type { ConsentBody, MandateBody, Trust, TrustedKey } from '../record/mandate.ts';
import { type CountryIsp, rangesOf } from './country.ts';
import type { Ports } from './personality.ts';

export interface RehearsalKeys {
  readonly operator: SigningKey;
  readonly authority: SigningKey;
  readonly prober: SigningKey;
  readonly centre: SigningKey;
  readonly isps: ReadonlyMap<string, { readonly signing: SigningKey; readonly sealing: SigningKey }>;
}

export const paperFolder = (folder: string): string => join(folder, 'paper');

const CATALOGUE = fileURLToPath(new URL('../survey/credential/rehearsal-catalogue.json', import.meta.url));
const VERSION = (JSON.parse(readFileSync(CATALOGUE, 'utf8')) as { version: string }).version;

/** The keys in FOLDER/keys, made the first time. */
export function keysIn(folder: string, country: readonly CountryIsp[]): RehearsalKeys {
  const keys = join(folder, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const key = (name: string, make: () => SigningKey): SigningKey => {
    const file = join(keys, `${name}.key.json`);
    if (!existsSync(file)) writeKey(file, make());
    return readKey(file);
  };
  return {
    operator: key('operator', makeSigningKey),
    authority: key('authority', makeSigningKey),
    prober: key('prober', makeSigningKey),
    centre: key('centre', makeSigningKey),
    isps: new Map(
      country.map(({ id }) => [
        id,
        { signing: key(`${id}-signing`, makeSigningKey), sealing: key(`${id}-sealing`, makeSealingKey) },
      ]),
    ),
  };
}

export const trusted = ({ key, publicKey }: SigningKey): TrustedKey => ({ key, publicKey });

/** Limits that only a scope wholly inside loopback may have; deadlines short, because loopback answers at once. */
function mandateBody(
  country: readonly CountryIsp[],
  ports: Ports,
  from: Instant,
  to: Instant,
  site: string,
): MandateBody {
  const lift = { perSecond: 10_000_000, burst: 1_000_000 };
  const acts = ['sweep', 'identify', 'no-login', 'attempt', 'decoy', 'recheck'] as const;
  return {
    format: 'notice-mandate/1',
    id: 'rehearsal',
    legalBasis: '訓練 / REHEARSAL: devices of this machine only, on its own loopback addresses',
    period: { from: isoOf(from), to: isoOf(to) },
    organisation: { name: 'Rehearsal operator (fictional)', contact: site },
    staff: [{ name: 'Rehearsal engineer (fictional)', department: 'Survey', contact: site }],
    sources: { addresses: ['127.0.0.1/32'], publishedAt: isoOf(from - 30 * DAY), publishedAs: `${site}/how` },
    facilities: ['this machine'],
    targets: country.map(isp => ({ isp: isp.id, prefixes: isp.prefixes })),
    identifiers: {
      policy: 'a dozen universally known pairs, each of which breaks the rule for passwords',
      catalogueVersion: VERSION,
      catalogueSha256: sha256(readFileSync(CATALOGUE)),
    },
    ports: [
      { port: ports.telnet, protocol: 'telnet', acts },
      { port: ports.http, protocol: 'http', acts },
      { port: ports['telnet-alt'], protocol: 'telnet', acts },
    ],
    hours: { from: '00:00', to: '24:00' },
    limits: { total: lift, perIsp: lift, per24: lift, triesPerDevicePerDay: 60, triesPerAccountPerDay: 30, gapMs: 300 },
    deadlines: { connectMs: 1_000, settleMs: 120, conversationMs: 4_000, checkMs: 20_000 },
    decoys: { permitted: true, perDevicePerDay: 12 },
    noLoginChecks: { permitted: true },
    records: { security: 'kept in this folder, readable by this user only', outsourcing: 'none' },
  };
}

const write = (file: string, value: unknown): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
};

/** Addresses whose owners asked not to be probed: a few of each ISP, so that a round shows exclusions being honoured. */
export const excludedAddresses = (country: readonly CountryIsp[]): string[] =>
  country.flatMap(isp =>
    rangesOf(isp)
      .slice(0, 1)
      .map(range => `${formatIpv4(range.from + 256)}/28`),
  );

export interface PaperOptions {
  readonly folder: string;
  readonly country: readonly CountryIsp[];
  readonly keys: RehearsalKeys;
  readonly ports: Ports;
  readonly from: Instant;
  readonly to: Instant;
  readonly site: string;
}

/** Writes mandate, trust, exclusions and catalogue once; they are the same however often it is called. */
export function writePaper({ folder, country, keys, ports, from, to, site }: PaperOptions): string {
  const paper = paperFolder(folder);
  const mandate = join(paper, 'mandate.json');
  if (existsSync(mandate)) return mandate;
  mkdirSync(paper, { recursive: true, mode: 0o700 });
  const trust: Trust = {
    format: 'notice-trust/1',
    operator: [trusted(keys.operator)],
    authority: [trusted(keys.authority)],
    isps: Object.fromEntries([...keys.isps].map(([id, { signing }]) => [id, [trusted(signing)]])),
    within: ['127.0.0.0/8'],
  };
  write(join(paper, 'trust.json'), trust);
  writeFileSync(
    join(paper, 'exclusions.txt'),
    `# one prefix a line; a new line holds within a second\n${excludedAddresses(country)
      .map(p => `${p} asked by its owner\n`)
      .join('')}`,
  );
  writeFileSync(join(paper, 'catalogue.json'), readFileSync(CATALOGUE));
  const body = mandateBody(country, ports, from, to, site);
  write(mandate, {
    body,
    signatures: [signBody(body, 'operator', keys.operator), signBody(body, 'authority', keys.authority)],
  });
  return mandate;
}

/** Every ISP signs this month's list of its own prefixes. */
export function signConsents(folder: string, country: readonly CountryIsp[], keys: RehearsalKeys, at: Instant): void {
  for (const isp of country) {
    const mine = keys.isps.get(isp.id);
    if (!mine) continue;
    const body: ConsentBody = {
      format: 'notice-consent/1',
      isp: isp.id,
      displayName: isp.en,
      signedAt: isoOf(at),
      prefixes: isp.prefixes.map(prefix => ({ prefix, pool: isp.pool })),
      sealing: mine.sealing.publicKey,
    };
    write(join(paperFolder(folder), 'consents', `${isp.id}-${monthOf(at)}.json`), {
      body,
      signatures: [signBody(body, isp.id, mine.signing)],
    });
  }
}
