/** A complete, valid paper in a temporary folder, and ways to spoil it: every refusal is tried against a good one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { draftMandate } from '../../src/mandate/draft.ts';
import type { SigningKey } from '../../src/mandate/keys.ts';
import { makeSealingKey, makeSigningKey, signBody } from '../../src/mandate/keys.ts';
import type { Paper } from '../../src/mandate/paper.ts';
import { loadPaper } from '../../src/mandate/paper.ts';
import { sha256 } from '../../src/record/digest.ts';
import type { Clocks, Instant } from '../../src/record/instant.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import type { ConsentBody, MandateBody, Signature, TrustedKey } from '../../src/record/mandate.ts';

/** 2026-11-20 12:00 JST. */
export const NOW: Instant = Date.UTC(2026, 10, 20, 3);

const CATALOGUE = '{"version":"lab-1","pairs":[]}\n';

export interface LabIsp {
  readonly isp: string;
  readonly prefixes: readonly string[];
  readonly consented?: readonly string[];
  readonly signedAt?: Instant;
}

export interface LabOptions {
  readonly isps?: readonly LabIsp[];
  readonly within?: readonly string[];
  readonly exclusions?: string;
  readonly body?: Partial<MandateBody>;
  /** Which signatures the mandate gets. */
  readonly sign?: readonly ('operator' | 'authority')[];
}

export const ISPS: readonly LabIsp[] = [
  { isp: 'isp-a', prefixes: ['192.0.2.0/25', '192.0.2.160/27'], consented: ['192.0.2.0/24'] },
  { isp: 'isp-b', prefixes: ['198.51.100.0/24'] },
];

export const pinOf = ({ key, publicKey }: SigningKey): TrustedKey => ({ key, publicKey });

export const KEYS = {
  operator: makeSigningKey(),
  authority: makeSigningKey(),
  isp: new Map<string, SigningKey>(),
  sealing: makeSealingKey(),
};
export function ispKey(isp: string): SigningKey {
  const key = KEYS.isp.get(isp) ?? makeSigningKey();
  KEYS.isp.set(isp, key);
  return key;
}

/** A mandate body in force at NOW, complete in every member. */
export function labBody(isps: readonly LabIsp[] = ISPS, changes: Partial<MandateBody> = {}): MandateBody {
  return draftMandate({
    at: NOW,
    id: 'lab',
    legalBasis: 'a test',
    period: { from: isoOf(NOW - 10 * DAY), to: isoOf(NOW + 20 * DAY) },
    organisation: { name: 'Laboratory', contact: '0' },
    staff: [{ name: 'A Person', department: 'Laboratory', contact: '0' }],
    sources: { addresses: ['192.0.2.250', '127.0.0.1'], publishedAt: isoOf(NOW - 30 * DAY), publishedAs: 'a page' },
    facilities: ['a room'],
    targets: isps.map(({ isp, prefixes }) => ({ isp, prefixes })),
    identifiers: { policy: 'short ones', catalogueVersion: 'lab-1', catalogueSha256: sha256(CATALOGUE) },
    records: { security: 'kept', outsourcing: 'none' },
    ...changes,
  });
}

export interface Lab {
  readonly dir: string;
  readonly mandate: string;
  load(): Paper;
  /** Rewrites a JSON file of the folder. */
  edit(file: string, change: (value: Record<string, unknown>) => unknown): void;
  /** Writes a body with these signatures as the mandate. */
  write(body: unknown, signatures?: readonly Signature[]): void;
  remove(): void;
}

export function consentBody(isp: LabIsp): ConsentBody {
  return {
    format: 'notice-consent/1',
    isp: isp.isp,
    displayName: `The ISP ${isp.isp}`,
    signedAt: isoOf(isp.signedAt ?? NOW - 3 * DAY),
    prefixes: (isp.consented ?? isp.prefixes).map(prefix => ({ prefix, pool: 'dynamic' })),
    sealing: KEYS.sealing.publicKey,
  };
}

export function makeLab(options: LabOptions = {}): Lab {
  const dir = mkdtempSync(join(tmpdir(), 'notice-lab-'));
  const isps = options.isps ?? ISPS;
  const put = (file: string, value: unknown) => writeFileSync(join(dir, file), `${JSON.stringify(value, null, 2)}\n`);
  const write: Lab['write'] = (body, signatures) =>
    put('mandate.json', {
      body,
      signatures: signatures ?? (options.sign ?? ['operator', 'authority']).map(by => signBody(body, by, KEYS[by])),
    });
  mkdirSync(join(dir, 'consents'));
  put('trust.json', {
    format: 'notice-trust/1',
    operator: [pinOf(KEYS.operator)],
    authority: [pinOf(KEYS.authority)],
    isps: Object.fromEntries(isps.map(({ isp }) => [isp, [pinOf(ispKey(isp))]])),
    within: options.within ?? isps.flatMap(i => i.consented ?? i.prefixes),
  });
  for (const isp of isps) {
    const body = consentBody(isp);
    put(`consents/${isp.isp}.json`, { body, signatures: [signBody(body, isp.isp, ispKey(isp.isp))] });
  }
  writeFileSync(join(dir, 'exclusions.txt'), options.exclusions ?? '');
  writeFileSync(join(dir, 'catalogue.json'), CATALOGUE);
  write(labBody(isps, options.body));
  const mandate = join(dir, 'mandate.json');
  return {
    dir,
    mandate,
    write,
    load: () => loadPaper({ mandate }),
    edit: (file, change) =>
      put(file, change(JSON.parse(readFileSync(join(dir, file), 'utf8')) as Record<string, unknown>)),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Clocks that a test moves. */
export function labClocks(at: Instant = NOW): Clocks & { pass(ms: number): void; jump(ms: number): void } {
  let calendar = at;
  let monotonic = 1_000;
  return {
    calendar: () => calendar,
    monotonic: () => monotonic,
    pass: ms => {
      calendar += ms;
      monotonic += ms;
    },
    jump: ms => {
      calendar += ms;
    },
  };
}
