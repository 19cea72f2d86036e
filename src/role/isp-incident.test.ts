import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { logsOf, openDesk, TUESDAY } from '../../test/fixtures/isp-desk.ts';
import type { IncidentRecord } from '../record/incident.ts';
import { DAY, HOUR } from '../record/instant.ts';
import { haltAlerts, releaseHalts } from './isp-halt.ts';
import { clearIncident, confirmIncident, incidentId, openIncident } from './isp-incident.ts';

const FROM = TUESDAY - 30 * DAY;
const TO = TUESDAY + 400 * DAY;
/** Lines 1 to 6 by the log `east`, 7 and 8 by `west`. */
const LINES = [1, 2, 3, 4, 5, 6, 7, 8];
const held = (n: number) => ({
  of: `10.0.0.${n}/32`,
  who: `LINE-${n}`,
  from: FROM,
  to: TO,
  source: n <= 6 ? 'east' : 'west',
});
const SOURCES = [{ name: 'east' }, { name: 'west' }];
const LOGS = logsOf(LINES.map(held), SOURCES);

const desk = await openDesk(LOGS);
after(() => desk.close());

const id = (n: number) => `case-${n}`;
const dispute = (n: number, word = 'd') =>
  openIncident(
    desk.db,
    desk.logs,
    { id: incidentId(`${word}${n}${desk.now}`), caseId: id(n), toldBy: 'owner' },
    desk.now,
  );
const incidents = () => desk.db.selectFrom('incident').selectAll().orderBy('opened_at').execute();
const told = () => desk.left.map(m => m.contents[0]?.contact.subscriber);
const verdicts = async () =>
  Object.fromEntries(
    (await desk.db.selectFrom('case').select(['id', 'verdict', 'subscriber']).orderBy('id').execute()).map(c => [
      c.id,
      c.subscriber === null ? c.verdict : `${c.verdict} ${c.subscriber}`,
    ]),
  );

test('a dispute stops the case and what its log decided, and says what was read without anybody else', async () => {
  await desk.clear();
  for (const n of [1, 2, 7]) await desk.see(id(n), `10.0.0.${n}`);
  await desk.identify();
  assert.deepEqual(await verdicts(), { 'case-1': 'unique 1', 'case-2': 'unique 2', 'case-7': 'unique 7' });
  // A second line that could have had the address of case 2: it is in the record, but not by number.
  desk.logs = logsOf(
    [
      ...LINES.map(held),
      { ...held(3), of: '10.0.0.1/32', sureFrom: TO, sureTo: 0, possibleFrom: FROM, possibleTo: TO },
    ],
    SOURCES,
  );
  assert.equal((await dispute(1)).result, 'opened');
  assert.equal((await dispute(1)).result, 'repeated');
  assert.equal((await dispute(9)).result, 'unknown');
  assert.deepEqual(await verdicts(), { 'case-1': 'unique 1', 'case-2': 'log_gap', 'case-7': 'unique 7' });
  const [one] = await incidents();
  const record = JSON.parse(one?.record ?? '') as IncidentRecord;
  assert.equal(record.verdict, 'unique');
  assert.match(record.verdictDigest ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(record.sources, ['east']);
  const [asked] = record.asked;
  assert.deepEqual([asked?.address, asked?.at, asked?.verdict], ['10.0.0.1', TUESDAY, 'ambiguous_overlap']);
  assert.deepEqual(
    asked?.steps[0]?.holds.map(h => h.whose),
    ['the line alerted', 'another line'],
  );
  assert.doesNotMatch(one?.record ?? '', /LINE-|"subscriber"/);
  desk.logs = LOGS;
  await desk.identify();
  await desk.send();
  assert.deepEqual(told(), ['7'], 'only what another log decided leaves');
});

test('cleared, the case and the log go on; confirmed, everything halts until two people release it', async () => {
  await desk.clear();
  for (const n of [1, 2]) await desk.see(id(n), `10.0.0.${n}`);
  await desk.identify();
  await dispute(1);
  const [one] = await incidents();
  const incident = one?.id ?? '';
  assert.equal(await clearIncident(desk.db, 'incident-x', 'Aoki', 'w', desk.now), 'unknown');
  assert.equal(await clearIncident(desk.db, incident, 'Aoki', 'their camera after all', desk.now), 'done');
  assert.equal(await clearIncident(desk.db, incident, 'Aoki', 'again', desk.now), 'not-open');
  await desk.identify();
  assert.deepEqual(await verdicts(), { 'case-1': 'unique 1', 'case-2': 'unique 2' });
  await desk.send();
  assert.deepEqual(told().sort(), ['1', '2']);

  desk.now += DAY;
  await desk.see(id(7), '10.0.0.7');
  await dispute(1, 'second');
  const second = (await incidents()).at(-1)?.id ?? '';
  assert.equal(await confirmIncident(desk.db, second, 'Baba', desk.now), 'done');
  assert.equal(await confirmIncident(desk.db, second, 'Baba', desk.now), 'not-open');
  await desk.identify();
  assert.equal((await desk.send()).plan.not.filter(x => x.why === 'halted').length, 2);
  assert.deepEqual(await releaseHalts(desk.db, 'Aoki', desk.now), { left: 1, released: 0 });
  assert.equal((await desk.send()).mails, 0);
  assert.deepEqual(await releaseHalts(desk.db, 'Chiba', desk.now), { left: 0, released: 1 });
  assert.equal((await desk.send()).mails, 1);
  assert.deepEqual(told().slice(2), ['7'], 'the log of the wrong person is still set aside');
  assert.equal(await clearIncident(desk.db, second, 'Aoki', 'the clock was set', desk.now), 'done');
  desk.now += 40 * DAY;
  await desk.identify();
  assert.deepEqual(await verdicts(), { 'case-1': 'conflict_sources', 'case-2': 'unique 2', 'case-7': 'unique 7' });
  await desk.send();
  assert.ok(!told().slice(2).includes('1'), 'the case of the wrong person never goes on');
});

test('a late log that says otherwise keeps an alert from leaving', async () => {
  await desk.clear();
  for (const n of [1, 7]) await desk.see(id(n), `10.0.0.${n}`);
  await desk.identify();
  desk.logs = logsOf(
    [...LINES.map(held), { ...held(2), of: '10.0.0.1/32', from: TUESDAY - HOUR, to: TUESDAY + HOUR }],
    SOURCES,
  );
  await desk.send();
  assert.deepEqual(told(), ['7']);
  assert.deepEqual(await verdicts(), { 'case-1': 'ambiguous_overlap', 'case-7': 'unique 7' });
  const { feedback_sent } = await desk.db
    .selectFrom('case')
    .select('feedback_sent')
    .where('id', '=', id(1))
    .executeTakeFirstOrThrow();
  assert.equal(feedback_sent, false, 'the centre hears of it');
  desk.logs = LOGS;
});

test('two services of one device are judged together, two ports of a shared address apart', async () => {
  await desk.clear();
  // The lease changed hands between the two instants.
  const change = [
    { ...held(1), to: TUESDAY - 2 * HOUR },
    { ...held(2), of: '10.0.0.1/32', from: TUESDAY - 2 * HOUR },
  ];
  desk.logs = logsOf(change, SOURCES);
  await desk.see('one', '10.0.0.1', { seen_at: TUESDAY - 3 * HOUR, bundle_seq: 4 });
  await desk.see('two', '10.0.0.1', { seen_at: TUESDAY - HOUR, bundle_seq: 4, port: 8080 });
  await desk.see('other', '10.0.0.1', { seen_at: TUESDAY - HOUR, bundle_seq: 5, port: 8080 });
  await desk.identify();
  assert.deepEqual(await verdicts(), { one: 'ambiguous_edge', two: 'ambiguous_edge', other: 'unique 2' });
  desk.logs = LOGS;
});

/** What a person, an owner or a log may do between and within ticks. */
const DEED = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const), days: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('see' as const), line: fc.constantFrom(...LINES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dispute' as const), line: fc.constantFrom(...LINES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'confirm' as const), nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), who: fc.constantFrom('Aoki', 'Baba') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('halt' as const) }) },
);
type Deed = typeof DEED extends fc.Arbitrary<infer T> ? T : never;
/** In the middle of the first hand-over of a tick. */
const DURING = fc.option(
  fc.oneof(
    fc.record({ do: fc.constant('dispute' as const), line: fc.constantFrom(...LINES) }),
    fc.record({ do: fc.constant('halt' as const) }),
    fc.record({ do: fc.constant('confirm' as const), nth: fc.nat(5) }),
  ),
  { nil: undefined },
);

test('whatever happens in whatever order: no disputed case, no case of a log set aside and nothing under a halt ever leaves', async () => {
  let messages = 0;
  let stoppedInside = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(DEED, { minLength: 8, maxLength: 36 }),
      fc.array(DURING, { maxLength: 18 }),
      async (deeds, during) => {
        await desk.clear();
        /** The model: kept by what was done, not by the tables. */
        const disputes = new Map<string, { line: number; state: 'open' | 'confirmed' | 'cleared'; aside: boolean }>();
        const seen = new Set<number>();
        let halts: Set<string>[] = [];
        let serial = 0;
        const aside = (line: number) => [...disputes.values()].some(d => d.aside && d.line <= 6 === line <= 6);
        const stopped = (line: number) =>
          halts.length > 0 || aside(line) || [...disputes.values()].some(d => d.line === line && d.state !== 'cleared');
        const act = async (deed: Exclude<Deed, { do: 'tick' }>): Promise<void> => {
          const open = [...disputes.keys()];
          if (deed.do === 'see' && !seen.has(deed.line)) {
            seen.add(deed.line);
            await desk.see(id(deed.line), `10.0.0.${deed.line}`);
          } else if (deed.do === 'dispute' && seen.has(deed.line)) {
            const name = incidentId(`s${serial++}`);
            await openIncident(desk.db, desk.logs, { id: name, caseId: id(deed.line), toldBy: 'desk' }, desk.now);
            disputes.set(name, { line: deed.line, state: 'open', aside: true });
          } else if (deed.do === 'confirm' && open.length > 0) {
            const name = open[deed.nth % open.length] as string;
            const d = disputes.get(name) as NonNullable<ReturnType<typeof disputes.get>>;
            if (d.state !== 'confirmed') halts = [...halts, new Set()];
            await confirmIncident(desk.db, name, 'Aoki', desk.now);
            d.state = 'confirmed';
          } else if (deed.do === 'clear' && open.length > 0) {
            const name = open[deed.nth % open.length] as string;
            const d = disputes.get(name) as NonNullable<ReturnType<typeof disputes.get>>;
            await clearIncident(desk.db, name, 'Aoki', 'looked at it', desk.now);
            d.aside = false;
            if (d.state === 'open') d.state = 'cleared';
          } else if (deed.do === 'halt') {
            await haltAlerts(desk.db, `halt ${serial++}`, desk.now);
            halts = [...halts, new Set()];
          } else if (deed.do === 'release') {
            await releaseHalts(desk.db, deed.who, desk.now);
            for (const one of halts) one.add(deed.who);
            halts = halts.filter(one => one.size < 2);
          }
        };
        let tick = 0;
        for (const deed of deeds) {
          if (deed.do !== 'tick') {
            await act(deed);
            continue;
          }
          desk.now += deed.days * DAY;
          await desk.identify();
          const inside = during[tick++];
          let first = true;
          desk.during = async () => {
            const now = desk.left.at(-1);
            const line = Number(now?.contents[0]?.contact.subscriber);
            assert.ok(!stopped(line), `line ${line} was told although it must not be`);
            messages++;
            if (!first || inside === undefined) return;
            first = false;
            await act(inside);
            stoppedInside++;
          };
          await desk.send();
          desk.during = async () => {};
        }
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(messages > 150 && stoppedInside > 40, `${messages} messages, ${stoppedInside} with a deed inside`);
});
