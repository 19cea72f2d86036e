/** A site with a few cases, months and support lines, all invented, for tests that look at pages. */

import { DEFAULT_HOURS } from '../../src/desk/hours.ts';
import { alertCodeFor, alertCodeHash } from '../../src/record/alert-code.ts';
import type { CaseState } from '../../src/record/case.ts';
import { FINDING_KINDS, type FindingKind } from '../../src/record/glossary.ts';
import { instantOf } from '../../src/record/instant.ts';
import type { MonthCounts } from '../../src/record/statistics.ts';
import type { AccessLine, SiteDeps } from '../../src/site/deps.ts';
import { releaseOf } from '../../src/statistics/release.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';

export const NOON = instantOf('2026-11-22T12:00:00+09:00') as number;
export const HASH_KEY = new Uint8Array(32).fill(7);
const CODE_KEY = new Uint8Array(32).fill(9);

export const codeNamed = (name: string): string => alertCodeFor(CODE_KEY, name, 0);

export const SUPPORT_LINES = [
  {
    name: '訓練サポートセンター',
    number: '0120-000-000',
    cost: { ja: '通話料無料', en: 'free of charge' },
    reach: { ja: '固定電話から', en: 'from landlines' },
    hours: { ja: '10:00〜18:00（年末年始を除く）', en: '10:00-18:00 JST except New Year' },
  },
  {
    name: '訓練サポートセンター',
    number: '03-0000-0000',
    cost: { ja: '通話料がかかります', en: 'charged as a normal call' },
    reach: { ja: '携帯電話・固定電話から', en: 'from mobiles and landlines' },
    hours: { ja: '10:00〜18:00（年末年始を除く）', en: '10:00-18:00 JST except New Year' },
  },
] as const;

const counts = (month: string, scale: number): MonthCounts => ({
  month,
  rehearsal: true,
  isps: 5,
  addresses: 65_536,
  ports: 3,
  answered: 1_204 * scale,
  prompts: 611 * scale,
  detected: { guessable: 203 * scale, 'no-login': 31 * scale, firmware: 88 * scale, infected: 0, reflector: 0 },
  returned: 4,
  handedOver: 322 * scale,
  identified: 291 * scale,
  refused: [
    { reason: 'shared_no_port', cases: 21 * scale },
    { reason: 'ambiguous_edge', cases: 3 },
  ],
  alertedMail: 201 * scale,
  alertedLetter: 90 * scale,
  rechecked: 61 * scale,
  fixed: 140 * scale,
  notSeen: 22 * scale,
  stillOpen: 160 * scale,
  models: [
    { label: 'Aoba Cam-120', cases: 122 * scale },
    { label: '=HYPERLINK("x")', cases: 81 * scale },
  ],
  inquiries: [
    { outcome: 'solved', count: 31 * scale },
    { outcome: 'needs-isp', count: 12 * scale },
  ],
});

export interface Sample {
  readonly deps: SiteDeps;
  readonly store: MemoryStore;
  readonly lines: AccessLine[];
  /** The address every request comes from until it is changed. */
  visitor: string;
  now: number;
  /** Milliseconds of the monotonic clock. */
  ticks: number;
}

export function sampleSite(changes: Partial<SiteDeps> = {}): Sample {
  const store = memoryStore();
  const add = (name: string, kind: FindingKind, state: CaseState, model: string | null = 'Cam-120') =>
    store.codes.set(alertCodeHash(HASH_KEY, codeNamed(name)), {
      caseId: `case-${name}`,
      isp: { ja: '訓練ネット', en: 'Rehearsal Net' },
      month: '2026-11',
      kind,
      protocol: kind === 'firmware' ? 'http' : 'telnet',
      vendor: model && 'Aoba',
      model,
      state,
      updatedAt: NOON,
    });
  for (const kind of FINDING_KINDS) add(kind, kind, 'open');
  for (const state of ['fixed', 'not-seen', 'withdrawn'] as const) add(state, 'guessable', state);
  add('hostile', 'guessable', 'open', '"><script>alert(1)</script>');
  add('nameless', 'no-login', 'open', null);
  for (const [month, scale] of [
    ['2026-09', 3],
    ['2026-10', 2],
    ['2026-11', 1],
  ] as const)
    store.published.push({ ...releaseOf(counts(month, scale)), publishedAt: NOON });
  const lines: AccessLine[] = [];
  let chance = 0;
  const sample: Sample = {
    store,
    lines,
    visitor: '127.65.1.2',
    now: NOON,
    ticks: 0,
    deps: {
      store,
      clocks: { calendar: () => sample.now, monotonic: () => sample.ticks },
      random: n => Uint8Array.from({ length: n }, () => (chance = (chance * 73 + 41) % 251)),
      hashKey: HASH_KEY,
      issuer: {
        programme: { ja: 'みんなの機器点検プログラム', en: 'Device Check Programme' },
        site: 'http://127.0.0.1:8600/',
        supportLines: SUPPORT_LINES,
        rehearsal: true,
      },
      mandate: {
        organisation: { name: 'Rehearsal Institute', contact: 'survey@rehearsal.example' },
        legalBasis: 'Rehearsal: no real law is behind this',
        period: { from: '2026-09-01T00:00:00Z', to: '2027-03-31T00:00:00Z' },
        sources: ['127.0.0.1'],
        publishedAt: '2026-08-20T00:00:00Z',
        publishedAs: 'http://127.0.0.1:8600/how',
        ports: [
          { port: 2323, protocol: 'telnet', acts: ['sweep', 'identify', 'no-login', 'attempt', 'decoy', 'recheck'] },
          { port: 8080, protocol: 'http', acts: ['sweep', 'identify', 'attempt', 'decoy', 'recheck'] },
        ],
        hours: { from: '00:00', to: '24:00' },
        triesPerDevicePerDay: 24,
        isps: [
          { ja: '訓練ネット', en: 'Rehearsal Net' },
          { ja: '練習ケーブル', en: 'Practice Cable' },
        ],
      },
      hours: DEFAULT_HOURS,
      visitorOf: () => sample.visitor,
      updatePage: (vendor, model) =>
        vendor === 'Aoba' && model === 'Cam-120'
          ? { url: 'https://aoba.example/cam-120/', fixedIn: '2.4.1', supported: true }
          : undefined,
      log: line => lines.push(line),
      wait: async milliseconds => {
        sample.ticks += milliseconds;
      },
      ...changes,
    },
  };
  return sample;
}
