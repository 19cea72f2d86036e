import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { logsOf, openDesk, TUESDAY } from '../../test/fixtures/isp-desk.ts';
import type { LookedUp } from '../isp/contact/contact.ts';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import { DAY, HOUR } from '../record/instant.ts';
import { haltAlerts } from './isp-halt.ts';
import { incidentId, openIncident } from './isp-incident.ts';

const held = (n: number) => ({ of: `10.0.0.${n}/32`, who: `L${n}`, from: TUESDAY - 90 * DAY, to: TUESDAY + 400 * DAY });
const desk = await openDesk(logsOf([1, 2, 3, 4, 5, 6].map(held)));
after(() => desk.close());

const STATES = ['open', 'open', 'open', 'closed', 'revoked'] as const;
const VERDICT = fc.oneof(
  { weight: 2, arbitrary: fc.constant('unique' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...IDENTIFICATION_VERDICTS, null) },
);
const CASE = fc.record({
  line: fc.integer({ min: 1, max: 6 }),
  state: fc.constantFrom(...STATES),
  verdict: VERDICT,
  /** A number that should not be there: left from before, or put there by a mistake elsewhere. */
  numbered: fc.boolean(),
  disputed: fc.nat(4).map(n => n === 0),
  told: fc.option(fc.integer({ min: 1, max: 60 }), { nil: null, freq: 1 }),
});

test('only lines with an open, undisputed, unique case that an alert is due for now are ever asked about', async () => {
  let asked = 0;
  const world = fc.record({
    cases: fc.array(CASE, { minLength: 1, maxLength: 8 }),
    halted: fc.integer({ min: 0, max: 5 }).map(n => n === 0),
    hour: fc.constantFrom(1, 2, 3, 3, 12),
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ cases, halted, hour }) => {
      await desk.clear();
      desk.now = TUESDAY + (hour - 1) * HOUR;
      if (halted) await haltAlerts(desk.db, 'a halt', desk.now);
      const may = new Set<string>();
      const recently = new Set<string>();
      for (const [n, c] of cases.entries()) {
        const unique = c.verdict === 'unique';
        await desk.see(`case-${n}`, `10.0.0.${c.line}`, {
          state: c.state,
          verdict: c.verdict,
          subscriber: unique || c.numbered ? String(c.line) : null,
          disputed_at: c.disputed ? desk.now : null,
        });
        if (c.state === 'open' && unique && !c.disputed) may.add(String(c.line));
        if (c.told === null) continue;
        const sent_at = desk.now - c.told * DAY;
        if (c.told < 10) recently.add(String(c.line));
        await desk.db
          .insertInto('alert')
          .values({
            id: `alert-${n}`,
            case_id: `case-${n}`,
            subscriber: String(c.line),
            channel: 'mail',
            message: 'first',
            due_at: sent_at,
            state: 'sent',
            sent_at,
            ended_reason: null,
            delivered_to: null,
            outcome: null,
          })
          .execute();
      }
      await desk.send();
      for (const line of desk.asked) {
        assert.ok(may.has(line), `line ${line} was looked up without a case to be told of`);
        assert.ok(!recently.has(line), `line ${line} was looked up although nothing may be sent to it yet`);
        assert.ok(!halted && hour <= 3, 'looked up although nothing may leave now');
      }
      assert.equal(new Set(desk.asked).size, desk.asked.length, 'nobody is looked up twice in one tick');
      for (const { contents } of desk.left) assert.ok(desk.asked.includes(contents[0]?.contact.subscriber ?? ''));
      asked += desk.asked.length;
    }),
    { numRuns: 120 },
  );
  assert.ok(asked > 60, `${asked} looked up`);
});

const CANARY = { name: 'かなりあ 花子', email: 'canary@minato.example', address: ['訓練県カナリア市1-1'] };
const everything = async (): Promise<string> => {
  const tables = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'isp_minato'`.execute(desk.db);
  const rows = await Promise.all(
    tables.rows.map(({ name }) =>
      sql`select * from ${sql.table(name)}`.execute(desk.db).then(r => JSON.stringify(r.rows)),
    ),
  );
  const letters = join(desk.dir, 'letters');
  const files = existsSync(letters)
    ? readdirSync(letters).map(f => `${f} ${readFileSync(join(letters, f), 'latin1')}`)
    : [];
  return [...rows, ...files, readFileSync(join(desk.dir, 'verdicts'), 'utf8')].join('\n');
};

test('who was written to is nowhere once the alert has ended: no table, no file', async () => {
  await desk.clear();
  desk.lookUp = async subscriber => ({
    subscriber,
    ...CANARY,
    email: subscriber === '2' ? null : CANARY.email,
    postcode: '000-0001',
    language: 'ja',
  });
  for (const n of [1, 2, 3]) await desk.see(`case-${n}`, `10.0.0.${n}`);
  await desk.identify();
  const { mails, letters } = await desk.send();
  assert.deepEqual([mails, letters], [2, 1]);
  assert.ok((await everything()).includes(CANARY.email), 'while it is open, a bounce must be recognised');
  for (const n of [1, 2, 3])
    await openIncident(desk.db, desk.logs, { id: incidentId(`${n}`), caseId: `case-${n}`, toldBy: 'owner' }, desk.now);
  const left = await everything();
  for (const word of [CANARY.email, CANARY.name, 'かなりあ', 'カナリア市']) assert.ok(!left.includes(word), word);
  assert.doesNotMatch(left, /"L\d"/, 'no line by its name either');
});

test('a source that does not answer is asked again and nobody is given up; a wrong entry is named', async () => {
  await desk.clear();
  const answers: Record<string, LookedUp> = {
    1: { refused: 'no answer', where: 'crm', later: true },
    2: { refused: 'the postcode is not seven digits', where: 'customers.csv:7', later: false },
    3: 'unknown',
  };
  desk.lookUp = async subscriber => answers[subscriber] ?? 'unknown';
  for (const n of [1, 2, 3]) await desk.see(`case-${n}`, `10.0.0.${n}`);
  await desk.identify();
  const { plan, rejected } = await desk.send();
  assert.deepEqual(plan.not.map(n => `${n.caseId} ${n.why}`).sort(), [
    'case-1 contact-later',
    'case-2 no-contact',
    'case-3 no-contact',
  ]);
  assert.deepEqual(rejected.map(r => r.where).sort(), ['crm', 'customers.csv:7']);
  const why = await desk.db.selectFrom('case').select(['id', 'why']).orderBy('id').execute();
  assert.deepEqual(
    why.map(c => /no way known/.test(c.why ?? '')),
    [false, true, true],
  );
});
