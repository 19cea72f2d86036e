import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { logsOf, openDesk, TUESDAY } from '../../test/fixtures/isp-desk.ts';
import { SAMPLE_ISSUER } from '../isp/alert/sample.ts';
import { casesSheet, readOutcomes } from '../isp/contact/by-hand.ts';
import { DAY, dayOf } from '../record/instant.ts';
import { handOver, takeOutcomes } from './isp-by-hand.ts';
import { giveFeedback } from './isp-feedback.ts';
import { haltAlerts } from './isp-halt.ts';
import { incidentId, openIncident } from './isp-incident.ts';
import { renumberLines } from './isp-renumber.ts';

const held = (n: number) => ({
  of: `10.0.0.${n}/32`,
  who: `A-000${n}`,
  from: TUESDAY - 90 * DAY,
  to: TUESDAY + 400 * DAY,
});
const desk = await openDesk(logsOf([1, 2, 3, 4, 5].map(held)));
after(() => desk.close());
const lines = { nameOf: (n: string) => (Number(n) <= 5 ? `A-000${n}` : undefined), forget: () => {} };

const hand = (again = false) =>
  handOver(
    {
      db: desk.db,
      lines,
      stillUnique: async () => true,
      issuer: SAMPLE_ISSUER,
      holidays: new Set(),
      deskCapacityPerDay: 50,
    },
    again,
    desk.now,
  );
const take = (sheet: string) =>
  takeOutcomes(
    desk.db,
    readOutcomes(sheet).rows,
    async (caseId, alertId) =>
      (await openIncident(desk.db, desk.logs, { id: incidentId(alertId), caseId, toldBy: 'isp' }, desk.now)).result,
    desk.now,
  );
const actions = async () => {
  const told: string[] = [];
  await giveFeedback(desk.db, async items => told.push(...items.map(i => `${i.caseId} ${i.action}`)), desk.now);
  return told.sort();
};

test('out once, back once: what people say becomes the alert, and the ladder goes on from it', async () => {
  await desk.clear();
  desk.now = TUESDAY + 14 * 3_600_000;
  for (const n of [1, 2, 3, 4]) await desk.see(`case-${n}`, `10.0.0.${n}`, { model: n === 2 ? '=1+1' : 'Cam' });
  await desk.see('case-1b', '10.0.0.1', { kind: 'firmware' });
  await desk.identify();
  const first = await hand();
  assert.deepEqual(
    [first.messages, first.rows.length, first.stopped],
    [4, 5, 0],
    'also at midnight: people keep the hours',
  );
  assert.deepEqual(first.rows.map(r => r.line).sort(), ['A-0001', 'A-0001', 'A-0002', 'A-0003', 'A-0004']);
  const words = first.rows.filter(r => r.line === 'A-0001').map(r => r.text);
  assert.match(words.join(''), /\{name\} 様/);
  assert.equal(words.filter(Boolean).length, 1, 'one message tells both');
  const sheet = casesSheet(first.rows);
  assert.ok(sheet.includes("'=1+1") || !sheet.includes(',=1+1'));
  assert.deepEqual((await hand()).rows, [], 'nothing is handed over twice');
  assert.equal((await hand(true)).rows.length, 5, 'a lost sheet can be written again');
  assert.deepEqual(
    (await actions()).filter(a => !a.endsWith(' none')),
    [],
    'nothing was done yet, as far as anybody knows',
  );

  const row = (n: number) => first.rows.find(r => r.case === `case-${n}`)?.alert ?? '';
  const back = [
    'alert,outcome,day',
    `${row(1)},sent-mail,${dayOf(desk.now)}`,
    `${row(2)},called,${dayOf(desk.now)}`,
    `${row(3)},not-reached,`,
    `${row(4)},not-sent,`,
    `alert-${'f'.repeat(32)},called,`,
    `${row(1)},called,2031-01-01`,
  ].join('\n');
  const { rejected, ...counts } = await take(back);
  assert.deepEqual(counts, { taken: 4, repeated: 0, incidents: 0 });
  assert.deepEqual(
    rejected.map(r => r.line),
    [6, 7],
  );
  assert.equal((await take(back)).repeated, 4);
  assert.deepEqual(await actions(), ['case-1 alerted-mail', 'case-2 called', 'case-3 unreachable', 'case-4 none']);
  desk.now += DAY;
  const next = await hand();
  assert.deepEqual(
    next.rows.filter(r => r.do === 'send').map(r => `${r.line} ${r.channel}`),
    ['A-0004 mail', 'A-0003 letter'].sort((a, b) => (a < b ? -1 : 1)),
    'who was not reached gets a letter, what was not sent is due again',
  );
});

test('ended or disputed since: stop. A wrong person opens an incident. Under a halt nothing is handed over', async () => {
  await desk.clear();
  for (const n of [1, 2, 3]) await desk.see(`case-${n}`, `10.0.0.${n}`);
  await desk.identify();
  const { rows } = await hand();
  await desk.db.updateTable('case').set({ state: 'closed' }).where('id', '=', 'case-1').execute();
  const stop = await hand();
  assert.deepEqual(
    stop.rows.map(r => [r.do, r.case, r.text]),
    [['stop', 'case-1', '']],
  );
  const alert = rows.find(r => r.case === 'case-2')?.alert;
  const wrong = `alert,outcome\n${alert},wrong-person\n`;
  assert.equal((await take(wrong)).incidents, 1);
  assert.equal((await take(wrong)).repeated, 1);
  assert.match((await take(`alert,outcome\n${alert},called\n`)).rejected[0]?.why ?? '', /an incident decides/);
  const incidents = await desk.db.selectFrom('incident').select(['case_id', 'told_by', 'state']).execute();
  assert.deepEqual(incidents, [{ case_id: 'case-2', told_by: 'isp', state: 'open' }]);
  const third = await desk.db.selectFrom('case').select('verdict').where('id', '=', 'case-3').executeTakeFirstOrThrow();
  assert.equal(third.verdict, 'log_gap', 'the same log decided it');
  await haltAlerts(desk.db, 'x', desk.now);
  await desk.see('case-4', '10.0.0.4', { verdict: 'unique', subscriber: '4' });
  const halted = await hand();
  assert.deepEqual([halted.messages, halted.waiting.halted], [0, 2]);
});

test('names of lines from an older version become numbers; unknown ones are nobody; a number-like name stays a name', async () => {
  await desk.clear();
  await desk.see('case-1', '10.0.0.1', { verdict: 'unique', subscriber: 'name:A-0003' });
  await desk.see('case-2', '10.0.0.2', { verdict: 'unique', subscriber: 'name:7' });
  assert.equal(await renumberLines(desk.db, lines), 2);
  const rows = await desk.db.selectFrom('case').select(['id', 'verdict', 'subscriber']).orderBy('id').execute();
  assert.deepEqual(rows, [
    { id: 'case-1', verdict: 'unique', subscriber: '3' },
    { id: 'case-2', verdict: null, subscriber: null },
  ]);
  assert.equal(await renumberLines(desk.db, lines), 0);
});
