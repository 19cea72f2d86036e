/**
 * One month's counts from the record. In: the centre's tables, what only others know (consents, inquiries), a JST month.
 * Out: counts before suppression. Reads only rows that a later month does not change, so a re-count gives the same.
 */
import { type Kysely, sql } from 'kysely';
import type { FindingKind } from '../record/glossary.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import { monthStart, nextMonth } from '../record/instant.ts';
import type { MonthCounts } from '../record/statistics.ts';
import type { CentreTables } from '../record/tables/centre.ts';

export interface Known {
  readonly rehearsal: boolean;
  readonly isps: number;
  readonly ports: number;
  readonly rechecked: number;
  readonly inquiries: readonly { readonly outcome: string; readonly count: number }[];
}

const NAMELESS = '–';

export async function countMonth(db: Kysely<CentreTables>, known: Known, month: string): Promise<MonthCounts> {
  const [from, to] = [monthStart(month), monthStart(nextMonth(month))];
  const rounds = await db.selectFrom('round').select(['id', 'addresses']).where('month', '=', month).execute();
  const ids = rounds.length ? rounds.map(r => r.id) : [''];
  const n = sql<number>`count(*)::int`;

  const answered = await db
    .selectFrom('sweep_count')
    .select(sql<number>`coalesce(sum(answered), 0)::int`.as('n'))
    .where('round', 'in', ids)
    .executeTakeFirstOrThrow();
  const prompts = await db
    .selectFrom('observation')
    .select(n.as('n'))
    .where('round', 'in', ids)
    .where('prompt', '=', true)
    .executeTakeFirstOrThrow();
  // Observations are kept for 30 days, which is less than a month and the days until it is frozen.
  const dropped = await db
    .selectFrom('dropped_prompts')
    .select(sql<number>`coalesce(sum(prompts), 0)::int`.as('n'))
    .where('round', 'in', ids)
    .executeTakeFirstOrThrow();
  const kinds = await db
    .selectFrom('finding')
    .select(['kind', n.as('n')])
    .where('round', 'in', ids)
    .groupBy('kind')
    .execute();
  const models = await db
    .selectFrom('finding')
    .select(['vendor', 'model', n.as('n')])
    .where('round', 'in', ids)
    .where('kind', '=', 'guessable')
    .groupBy(['vendor', 'model'])
    .execute();

  // Handed over: the cases in this month's bundles, each once however often it was sent again.
  const handed = await db
    .selectFrom('bundle_row')
    .innerJoin('bundle', join =>
      join.onRef('bundle.isp', '=', 'bundle_row.isp').onRef('bundle.seq', '=', 'bundle_row.seq'),
    )
    .select('bundle_row.case_id')
    .distinct()
    .where('bundle.month', '=', month)
    .where('bundle_row.type', '=', 'case')
    .execute();
  const ours = new Set(handed.map(row => row.case_id));
  // An ISP may revise its answer; the last revision given within the month stands.
  const feedback = await db
    .selectFrom('feedback')
    .selectAll()
    .where('day', '>=', `${month}-01`)
    .where('day', '<=', `${month}-31`)
    .orderBy('case_id')
    .orderBy('revision')
    .execute();
  const verdicts = new Map(feedback.filter(row => ours.has(row.case_id)).map(row => [row.case_id, row.verdict]));
  const refused = new Map<string, number>();
  for (const verdict of verdicts.values())
    if (verdict !== 'unique') refused.set(verdict, (refused.get(verdict) ?? 0) + 1);
  /** Cases, not messages: one letter may tell of several, and a case may be told of twice. */
  const acted = (action: string) => new Set(feedback.filter(row => row.action === action).map(row => row.case_id)).size;

  const closed = async (state: 'fixed' | 'not-seen') =>
    (
      await db
        .selectFrom('case')
        .select(n.as('n'))
        .where('state', '=', state)
        .where('closed_at', '>=', from)
        .where('closed_at', '<', to)
        .executeTakeFirstOrThrow()
    ).n;
  const stillOpen = await db
    .selectFrom('case')
    .select(n.as('n'))
    .where('first_seen', '<', to)
    .where(e => e.or([e('closed_at', 'is', null), e('closed_at', '>=', to)]))
    .executeTakeFirstOrThrow();
  const returned = await db
    .selectFrom('case')
    .select(n.as('n'))
    .where('returned', '=', true)
    .where('first_seen', '>=', from)
    .where('first_seen', '<', to)
    .executeTakeFirstOrThrow();

  const byCount = (a: { count: number; word: string }, b: { count: number; word: string }) =>
    b.count - a.count || (a.word < b.word ? -1 : 1);
  return {
    month,
    rehearsal: known.rehearsal,
    isps: known.isps,
    addresses: rounds.reduce((sum, r) => sum + r.addresses, 0),
    ports: known.ports,
    answered: answered.n,
    prompts: prompts.n + dropped.n,
    detected: Object.fromEntries(
      FINDING_KINDS.map(kind => [kind, kinds.find(row => row.kind === kind)?.n ?? 0]),
    ) as Record<FindingKind, number>,
    returned: returned.n,
    handedOver: ours.size,
    identified: [...verdicts.values()].filter(verdict => verdict === 'unique').length,
    refused: [...refused]
      .map(([word, count]) => ({ word, count }))
      .sort(byCount)
      .map(r => ({ reason: r.word, cases: r.count })),
    alertedMail: acted('alerted-mail'),
    alertedLetter: acted('alerted-letter'),
    rechecked: known.rechecked,
    fixed: await closed('fixed'),
    notSeen: await closed('not-seen'),
    stillOpen: stillOpen.n,
    models: models
      .map(m => ({ word: m.vendor ? `${m.vendor} ${m.model ?? ''}`.trim() : NAMELESS, count: m.n }))
      .sort(byCount)
      .map(m => ({ label: m.word, cases: m.count })),
    inquiries: known.inquiries,
  };
}
