/**
 * A centre and two ISPs on a real store with three invented months: bundles in every state, every verdict, alerts, a halt,
 * vendors that try to be markup. For tests that look at the consoles.
 */
import type { Insertable } from 'kysely';
import type { LogShown } from '../../src/console/isp-logs-advice.ts';
import { alertCodeFor } from '../../src/record/alert-code.ts';
import { IDENTIFICATION_VERDICTS } from '../../src/record/assignment.ts';
import type { ActionCode } from '../../src/record/bundle.ts';
import type { CaseState } from '../../src/record/case.ts';
import { sha256 } from '../../src/record/digest.ts';
import { DAY, dayOf, HOUR, instantOf, monthStart } from '../../src/record/instant.ts';
import type { RoundProgress } from '../../src/record/progress.ts';
import type { CentreTables } from '../../src/record/tables/centre.ts';
import type { IspTables } from '../../src/record/tables/isp.ts';
import { releaseOf } from '../../src/statistics/release.ts';
import type { Store } from '../../src/store/open.ts';
import { NOVEMBER } from '../statistics/sample-month.ts';

export const NOW = instantOf('2026-11-22T12:00:00+09:00') as number;
export const EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
export const ISPS = ['isp-a', 'isp-b', 'isp-c'] as const;
export const NAMES = new Map([
  ['isp-a', { en: 'Aozora Net' }],
  ['isp-b', { en: 'Midori Cable' }],
]);
const MONTHS = ['2026-09', '2026-10', '2026-11'] as const;
const MODELS = [
  ['Aoba', 'Cam-120'],
  ['Aoba', 'Cam-300'],
  ['Minato', 'R2'],
  ['Kisaragi', 'NVR-16 long model name with revision B'],
  [null, null],
] as const;
const KINDS = ['guessable', 'guessable', 'firmware', 'no-login'] as const;
const CODE_KEY = new Uint8Array(32).fill(5);

export const PROGRESS: RoundProgress = {
  round: 'r-2026-11',
  month: '2026-11',
  stage: 'sweep',
  total: 196_608,
  done: 123_863,
  perSecond: 18_240.4,
  answered: 412,
  refused: 3,
  checked: 388,
  reported: {
    positive: 96,
    clear: 214,
    locked: 12,
    'not-a-login': 31,
    inconclusive: 35,
    excluded: 0,
    'out-of-mandate': 0,
  },
  secondsLeft: 41,
};

export const MANDATE_WORDS = [
  'From 1 September 2026 to 31 December 2026, 00:00 to 24:00 JST.',
  '5 ISPs, 65,536 addresses, minus 12 exclusions.',
  'Ports 2323 (telnet), 8080 (http), 12323 (telnet).',
];

/** Rows of the centre: `many` cases an ISP and month. */
export async function seedCentre(store: Store, many = 24): Promise<void> {
  const db = store.centre();
  const cases: Insertable<CentreTables['case']>[] = [];
  const feedback: CentreTables['feedback'][] = [];
  const rows: CentreTables['bundle_row'][] = [];
  const bundles: CentreTables['bundle'][] = [];
  const receipts: CentreTables['receipt'][] = [];
  for (const [m, month] of MONTHS.entries()) {
    const began = monthStart(month) + DAY + HOUR;
    await db
      .insertInto('round')
      .values({
        id: `r-${month}`,
        month,
        mandate_id: 'm',
        mandate_digest: 'd',
        addresses: 65_536,
        started_at: began,
        finished_at: m === 2 ? null : began + 3 * HOUR,
        state: m === 2 ? 'running' : 'done',
      })
      .execute();
    for (const isp of ISPS) {
      const state = m === 0 ? 'acknowledged' : m === 1 ? 'delivered' : 'queued';
      bundles.push({
        isp,
        seq: m + 1,
        prev: '',
        digest: sha256(`${isp}${m}`),
        sealed: '',
        rows: many,
        month,
        created_at: began + DAY,
        state,
        delivered_at: state === 'queued' ? null : began + 2 * DAY,
        acknowledged_at: state === 'acknowledged' ? began + 2 * DAY + HOUR : null,
      });
      if (state === 'acknowledged')
        receipts.push({ isp, seq: 1, digest: '', accepted: many - 1, rejected: 1, at: began + 2 * DAY });
      for (let i = 0; i < many; i++) {
        const id = `case-${isp}-${month}-${i}`;
        const [vendor, model] = i === 7 ? [EVIL, EVIL] : (MODELS[i % MODELS.length] ?? [null, null]);
        const ended: CaseState = m < 2 && i % 3 === 0 ? 'fixed' : m === 0 && i % 7 === 1 ? 'not-seen' : 'open';
        cases.push({
          id,
          code_generation: 0,
          isp,
          kind: KINDS[i % KINDS.length] ?? 'guessable',
          line_key: sha256(id).slice(0, 32),
          port: 2323,
          protocol: 'telnet',
          vendor,
          model,
          state: ended,
          returned: i % 11 === 0,
          first_seen: began,
          last_seen: began,
          rounds_unseen: 0,
          closed_at: ended === 'open' ? null : began + 20 * DAY,
          finding_id: `f-${id}`,
        });
        rows.push({ isp, seq: m + 1, case_id: id, type: 'case', finding_id: `f-${id}` });
        const verdict =
          i % 4 === 3 ? (IDENTIFICATION_VERDICTS[i % IDENTIFICATION_VERDICTS.length] ?? 'unique') : 'unique';
        const action: ActionCode = verdict === 'unique' ? (i % 2 === 0 ? 'alerted-mail' : 'alerted-letter') : 'none';
        const answer = { isp, case_id: id, day: dayOf(began + 3 * DAY), received_at: began + 3 * DAY };
        feedback.push({ ...answer, revision: 1, verdict: 'log_pending', action: 'none' });
        feedback.push({ ...answer, revision: 2, verdict, action });
      }
    }
    if (m < 2) {
      const release = releaseOf({ ...NOVEMBER, month, fixed: m === 0 ? 4 : 31 });
      await db
        .insertInto('release')
        .values({ ...release, state: m === 0 ? 'frozen' : 'draft', frozen_at: m === 0 ? began + 33 * DAY : null })
        .execute();
    }
  }
  await db.insertInto('bundle').values(bundles).execute();
  await db.insertInto('receipt').values(receipts).execute();
  await db.insertInto('case').values(cases).execute();
  await db.insertInto('bundle_row').values(rows).execute();
  await db.insertInto('feedback').values(feedback).execute();
}

/** What only this ISP may know, so that a test can look for it elsewhere. */
export const secretOf = (isp: string, i: number) => ({
  address: `127.${isp === 'isp-a' ? 66 : 77}.${Math.floor(i / 200) + 10}.${(i % 200) + 20}`,
  subscriber: `LINE-${isp.toUpperCase()}-${1000 + i}`,
  code: alertCodeFor(CODE_KEY, `${isp}-${i}`, 0),
});

/** Rows of one ISP: as many cases as verdicts and more, alerts for those that are unique, one halt. */
export async function seedIsp(store: Store, isp: string, many = 60): Promise<void> {
  const db = store.isp(isp);
  const cases: Insertable<IspTables['case']>[] = [];
  const alerts: Insertable<IspTables['alert']>[] = [];
  for (let i = 0; i < many; i++) {
    const { address, subscriber, code } = secretOf(isp, i);
    const verdict =
      i === 3 ? null : i % 3 === 0 ? (IDENTIFICATION_VERDICTS[i % IDENTIFICATION_VERDICTS.length] ?? null) : 'unique';
    const [vendor, model] = i === 7 ? [EVIL, EVIL] : (MODELS[i % MODELS.length] ?? [null, null]);
    const seen_at = NOW - (i % 60) * DAY;
    cases.push({
      id: `case-${isp}-${i}`,
      feedback_revision: 0,
      feedback_sent: false,
      kind: KINDS[i % KINDS.length] ?? 'guessable',
      protocol: i % 4 === 2 ? 'http' : 'telnet',
      vendor,
      model,
      alert_code: code,
      address,
      port: i % 4 === 2 ? 8080 : 2323,
      seen_at,
      clock_error_ms: 40,
      state: i % 5 === 4 ? 'closed' : i % 19 === 18 ? 'revoked' : 'open',
      closed_reason: i % 5 === 4 ? 'fixed' : null,
      closed_at: i % 5 === 4 ? NOW - HOUR : null,
      verdict,
      why:
        verdict === null
          ? null
          : 'the lease began at 02:11:09 and ended at 14:11:09; nobody else held the address between',
      subscriber: verdict === 'unique' ? subscriber : null,
      bundle_seq: 1 + (i % 3),
      // Whatever waits was asked about again today.
      verdict_at:
        verdict === null ? null : verdict === 'log_pending' || verdict === 'log_gap' ? NOW - HOUR : seen_at + HOUR,
      sources: verdict === null ? null : '["kea-tokyo"]',
      verdict_digest: verdict === null ? null : sha256(`${isp}${i}`).slice(0, 32),
      disputed_at: i === 1 ? NOW - 2 * HOUR : null,
    });
    if (verdict !== 'unique') continue;
    const letter = i % 2 === 1;
    alerts.push({
      id: i === 5 ? 'alert-0005.1' : `alert-${String(i).padStart(4, '0')}`,
      case_id: `case-${isp}-${i}`,
      subscriber,
      channel: letter ? 'letter' : 'mail',
      message: i % 4 === 0 ? 'reminder' : 'first',
      due_at: seen_at + DAY,
      state: i % 10 === 2 ? 'bounced' : i % 10 === 4 ? 'withdrawn' : i % 10 === 6 ? 'due' : 'sent',
      sent_at: i % 10 === 6 ? null : seen_at + DAY + HOUR,
      ended_reason: i % 10 === 2 ? '5.1.1 no such mailbox' : null,
      delivered_to: letter ? 'x.pdf' : 'someone@example.invalid',
      outcome: null,
    });
  }
  await db.insertInto('case').values(cases).execute();
  await db.insertInto('alert').values(alerts).execute();
  for (const seq of [1, 2, 3])
    await db
      .insertInto('bundle')
      .values({ seq, digest: sha256(`${isp}${seq}`), received_at: NOW - (3 - seq) * 30 * DAY, rows: 24 })
      .execute();
  await db
    .insertInto('incident')
    .values({
      id: `incident-${sha256(isp).slice(0, 32)}`,
      case_id: `case-${isp}-1`,
      told_by: 'owner',
      opened_at: NOW - 2 * HOUR,
      state: 'open',
      record: '{}',
      acts: '[]',
    })
    .execute();
  await db
    .insertInto('quarantine')
    .values({
      source: 'cgn-osaka',
      incident_id: `incident-${sha256(isp).slice(0, 32)}`,
      since: NOW - 2 * HOUR,
      cleared_at: null,
    })
    .execute();
  await db
    .insertInto('halt')
    .values({
      id: 'halt-1',
      since: NOW - HOUR,
      reason: 'a subscriber was told about another line',
      released_by: '["Sato"]',
      released_at: null,
    })
    .execute();
}

const log = (
  name: string,
  format: string,
  exporters: LogShown['exporters'],
  rows: number,
  rejected: number,
): LogShown => ({
  name,
  format,
  exporters,
  first: Math.min(...exporters.map(e => e.first)),
  through: Math.max(...exporters.map(e => e.through)),
  rows,
  rejected,
});
const box = (exporter: string, days: number, untilHours: number, ...gaps: (readonly [number, number])[]) => ({
  exporter,
  first: NOW - days * DAY,
  through: NOW - untilHours * HOUR,
  // Days ago it began, hours it lasted.
  gaps: gaps.map(([ago, hours]) => ({ from: NOW - ago * DAY, to: NOW - ago * DAY + hours * HOUR })),
});

/** A log that is whole, two boxes of which one was silent, a carrier NAT far behind. */
export const LOGS: readonly LogShown[] = [
  log('kea-tokyo', 'kea', [box('kea-tokyo', 62, 1)], 81_204, 14),
  log(
    'radius',
    'radius-detail',
    [
      box('bras-1.chiba.minato.example', 150, 2),
      box('bras-2.chiba.minato.example', 150, 2, [95, 30], [21, 5], [3, 0.5]),
    ],
    1_204_331,
    3,
  ),
  log('cgn-osaka', 'cgn-juniper', [box('203.0.113.9', 12, 70)], 402, 0),
];
