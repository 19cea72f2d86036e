/** Years of days against the ladder: caps, quiet hours, stops. The model counts for itself and knows nothing of the code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, dayOf, HOUR, type Instant, JST, jstOf } from '../../record/instant.ts';
import { nationalHolidays, nextOpening, notNow } from './calendar.ts';
import { type LadderAlert, type LadderCase, type LadderInput, planAlerts } from './ladder.ts';

const HOLIDAYS = nationalHolidays();
/** 10:00 JST of a day. */
const at = (day: string, hour = 10): Instant => Date.parse(`${day}T00:00:00Z`) - JST + hour * HOUR;
const input = (over: Partial<LadderInput>): LadderInput => ({
  cases: [],
  alerts: [],
  reach: new Map([['a', { mail: true, letter: true }]]),
  now: at('2026-11-24'),
  holidays: HOLIDAYS,
  deskCapacityPerDay: 100,
  halted: false,
  ...over,
});
const open = (id = 'c1', subscriber: string | null = 'a'): LadderCase => ({ id, subscriber, open: true, seenAt: 0 });
const sent = (over: Partial<LadderAlert>): LadderAlert => ({
  messageId: 'm1',
  caseId: 'c1',
  subscriber: 'a',
  channel: 'mail',
  message: 'first',
  state: 'sent',
  sentAt: at('2026-11-24'),
  ...over,
});
const why = (over: Partial<LadderInput>) =>
  planAlerts(input(over))
    .not.map(n => n.why)
    .join();
const what = (over: Partial<LadderInput>) =>
  planAlerts(input(over))
    .due.map(d => `${d.channel} ${d.message}`)
    .join();

test('the steps', () => {
  const cases = [open()];
  assert.equal(what({ cases }), 'mail first');
  assert.equal(what({ cases, reach: new Map([['a', { mail: false, letter: true }]]) }), 'letter first');
  assert.equal(why({ cases, reach: new Map() }), 'no-contact');
  assert.equal(why({ cases: [open('c1', null)] }), 'not-identified');
  const bounced = [sent({ state: 'bounced' })];
  assert.equal(why({ cases, alerts: bounced, now: at('2026-11-24', 17) }), 'nothing-due');
  assert.equal(what({ cases, alerts: bounced, now: at('2026-11-25') }), 'letter first');
  const once = [sent({})];
  assert.equal(why({ cases, alerts: once, now: at('2026-12-07') }), 'nothing-due');
  assert.equal(what({ cases, alerts: once, now: at('2026-12-08') }), 'mail reminder');
  const twice = [...once, sent({ messageId: 'm2', message: 'reminder', sentAt: at('2026-12-08') })];
  assert.equal(why({ cases, alerts: twice, now: at('2026-12-23') }), 'nothing-due');
  assert.equal(what({ cases, alerts: twice, now: at('2026-12-24') }), 'letter reminder');
  const thrice = [
    ...twice,
    sent({ messageId: 'm3', channel: 'letter', message: 'reminder', sentAt: at('2026-12-24') }),
  ];
  assert.equal(why({ cases, alerts: thrice, now: at('2027-03-01') }), 'ladder-done');
  const byLetter = [sent({ channel: 'letter' })];
  assert.equal(
    what({ cases, alerts: byLetter, now: at('2026-12-24'), reach: new Map([['a', { mail: false, letter: true }]]) }),
    'letter reminder',
  );
});

test('stops, caps and hours beat the steps', () => {
  const cases = [open()];
  assert.equal(why({ cases, halted: true }), 'halted');
  assert.deepEqual(planAlerts(input({ cases: [{ ...open(), open: false }] })), { due: [], not: [] });
  assert.equal(why({ cases, now: at('2026-11-24', 8) }), 'quiet-hours');
  assert.equal(why({ cases, now: at('2026-11-24', 18) }), 'quiet-hours');
  assert.equal(why({ cases, now: at('2026-12-29') }), 'new-year');
  assert.equal(why({ cases, now: at('2027-01-03') }), 'new-year');
  const paper = new Map([['a', { mail: false, letter: true }]]);
  assert.equal(why({ cases, reach: paper, now: at('2026-11-23') }), 'holiday', 'Labour Thanksgiving Day');
  assert.equal(what({ cases, now: at('2026-11-23') }), 'mail first', 'a mail may go on a holiday');
  assert.equal(why({ cases, deskCapacityPerDay: 0 }), 'desk-capacity');
  assert.equal(
    why({ cases, alerts: [sent({ caseId: 'other', messageId: 'm0', sentAt: at('2026-11-20') })] }),
    'spacing',
  );
  const unreached = ['m0', 'm1'].map(messageId =>
    sent({ messageId, caseId: 'other', state: 'bounced', sentAt: at('2026-11-20') }),
  );
  assert.equal(why({ cases, alerts: unreached }), 'spacing', 'two that reached nobody are enough');
  assert.equal(what({ cases, alerts: unreached.slice(1) }), 'mail first');
  const four = [1, 2, 3, 4].map(n =>
    sent({
      messageId: `m${n}`,
      state: 'bounced',
      channel: n < 4 ? 'mail' : 'mail',
      sentAt: at('2026-08-01') + n * DAY,
    }),
  );
  assert.equal(why({ cases, alerts: four }), 'case-cap');
});

test('cases of one line go together, three at most; who was never told goes first', () => {
  const cases = ['c1', 'c2', 'c3', 'c4'].map(id => open(id));
  const plan = planAlerts(input({ cases }));
  assert.equal(plan.due.length, 1);
  assert.equal(plan.due[0]?.caseIds.length, 3);
  assert.deepEqual(
    plan.not.map(n => n.why),
    ['told-together'],
  );
  const two = [open('old', 'a'), { ...open('new', 'b'), seenAt: 5 }];
  const alerts = [sent({ caseId: 'old', sentAt: at('2026-10-01') })];
  const reach = new Map([
    ['a', { mail: true, letter: true }],
    ['b', { mail: true, letter: true }],
  ]);
  const scarce = planAlerts(input({ cases: two, alerts, reach, deskCapacityPerDay: 1 }));
  assert.deepEqual(
    scarce.due.map(d => d.subscriber),
    ['b'],
  );
  assert.deepEqual(scarce.not, [{ caseId: 'old', why: 'desk-capacity' }]);
});

test('the next opening is open, and nothing between was', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('2026-01-01'), max: at('2028-12-31') }),
      fc.constantFrom('mail' as const, 'letter' as const),
      (from, channel) => {
        const next = nextOpening(from, channel, HOLIDAYS);
        assert.equal(notNow(next, channel, HOLIDAYS), undefined);
        for (let t = from; t < next; t += HOUR) assert.notEqual(notNow(t, channel, HOLIDAYS), undefined);
      },
    ),
    { numRuns: 200 },
  );
});

interface Life {
  readonly subscriber: number;
  readonly opens: number;
  readonly closes: number | null;
}

test('three years of ticks at any hour: no cap is ever broken, no closed case is written about, everybody is told', () => {
  const life = fc.record({ subscriber: fc.nat(5), opens: fc.nat(700), closes: fc.option(fc.nat(900), { nil: null }) });
  const world = fc.record({
    lives: fc.array(life, { minLength: 1, maxLength: 12 }),
    hours: fc.oneof(
      fc.constant<number[]>([9, 10, 11, 12, 13, 16, 17]),
      fc.array(fc.integer({ min: 6, max: 20 }), { minLength: 7, maxLength: 7 }),
    ),
    capacity: fc.integer({ min: 1, max: 4 }),
    mailLess: fc.array(fc.nat(5), { maxLength: 3 }),
    bounces: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    halts: fc.option(fc.nat(900), { nil: null }),
  });
  let messages = 0;
  fc.assert(
    fc.property(world, ({ lives, hours, capacity, mailLess, bounces, halts }) => {
      const alerts: LadderAlert[] = [];
      const start = at('2026-11-01', 0);
      const cases = lives.map((l: Life, i) => ({ ...l, id: `c${i}`, name: `s${l.subscriber}` }));
      const reach = new Map([0, 1, 2, 3, 4, 5].map(n => [`s${n}`, { mail: !mailLess.includes(n), letter: true }]));
      for (let day = 0; day < 1_000; day++) {
        const now = start + day * DAY + (hours[day % 7] as number) * HOUR;
        const live = (c: (typeof cases)[number]) => c.opens <= day && (c.closes === null || c.closes > day);
        const halted = halts !== null && day >= halts;
        const plan = planAlerts({
          cases: cases
            .filter(c => c.opens <= day)
            .map(c => ({ id: c.id, subscriber: c.name, open: live(c), seenAt: c.opens })),
          alerts,
          reach,
          now,
          holidays: HOLIDAYS,
          deskCapacityPerDay: capacity,
          halted,
        });
        const told = new Set([...plan.due.flatMap(d => d.caseIds), ...plan.not.map(n => n.caseId)]);
        assert.deepEqual(
          [...told].sort(),
          cases
            .filter(live)
            .map(c => c.id)
            .sort(),
          'every open case is either told or explained',
        );
        if (plan.due.length) {
          const t = jstOf(now);
          assert.ok(t.hour >= 9 && t.hour < 18, 'at night');
          assert.ok(!((t.month === 12 && t.day >= 29) || (t.month === 1 && t.day <= 3)), 'at New Year');
          assert.ok(!halted, 'halted');
          assert.ok(plan.due.length <= capacity, 'beyond the desk');
        }
        for (const d of plan.due) {
          messages++;
          const before = alerts.filter(a => a.subscriber === d.subscriber && (a.sentAt ?? 0) > now - 10 * DAY);
          assert.ok(!before.some(a => a.state !== 'bounced'), 'twice in ten days');
          assert.ok(new Set(before.map(a => a.messageId)).size < 2, 'a third try in ten days');
          if (d.channel === 'letter') assert.ok(!HOLIDAYS.has(dayOf(now)) && ![0, 6].includes(jstOf(now).weekday));
          for (const caseId of d.caseIds) {
            const c = cases.find(one => one.id === caseId);
            assert.ok(c && live(c) && c.name === d.subscriber, 'about a case that is closed or of another line');
            assert.ok(alerts.filter(a => a.caseId === caseId).length < 4, 'a fifth about one case');
            alerts.push({
              messageId: `m${messages}`,
              caseId,
              subscriber: d.subscriber,
              channel: d.channel,
              message: d.message,
              state: d.channel === 'mail' && bounces[messages % 5] ? 'bounced' : 'sent',
              sentAt: now,
            });
          }
        }
      }
      const daytime = hours.every(h => h >= 9 && h < 18);
      if (daytime && halts === null)
        for (const c of cases)
          if (c.closes === null || c.closes > c.opens + 90)
            assert.ok(
              alerts.some(a => a.caseId === c.id),
              `nobody was told about ${c.id}`,
            );
    }),
    { numRuns: 40 },
  );
  assert.ok(messages > 100, 'hardly anything was sent');
});
