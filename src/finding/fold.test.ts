import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Case, CaseChange } from '../record/case.ts';
import { contentId } from '../record/digest.ts';
import type { FindingKind } from '../record/glossary.ts';
import type { Observation, Reported, SealedFinding } from '../record/observation.ts';
import { foldRound } from './fold.ts';
import { recheckFold } from './recheck.ts';

const found = (
  round: string,
  at: number,
  line = 'l1',
  kind: FindingKind = 'guessable',
  port = 2323,
): SealedFinding => ({
  id: contentId('finding', [round, line, kind, port]),
  round,
  isp: 'isp-a',
  kind,
  lineKey: line,
  port,
  protocol: 'telnet',
  at,
  vendor: null,
  model: null,
  ruleCodes: [],
  sealed: `sealed ${round} ${line} ${kind} ${port} ${at}`,
});

const saw = (
  round: string,
  at: number,
  clears: FindingKind[],
  line = 'l1',
  reported: Reported = 'clear',
  port = 2323,
): Observation => ({
  id: contentId('observation', [round, line, port, at, reported, clears]),
  round,
  shard: 0,
  lineKey: line,
  port,
  protocol: 'telnet',
  at,
  reported,
  prompt: true,
  vendor: null,
  model: null,
  firmwareState: null,
  catalogueVersion: 'c',
  clears,
  isp: 'isp-a',
});

/** Folds rounds r1, r2, … one after another; each is a list of findings and observations. Says the changes of each. */
function story(...rounds: (SealedFinding | Observation)[][]): { cases: Case[]; told: CaseChange[][] } {
  let cases: Case[] = [];
  const told: CaseChange[][] = [];
  for (const [n, records] of rounds.entries()) {
    const findings = records.filter(r => 'sealed' in r);
    const observations = records.filter(r => 'clears' in r);
    const folded = foldRound(cases, findings, observations, { id: `r${n + 1}`, at: (n + 1) * 100 });
    cases = folded.cases;
    told.push(folded.changes.map(c => c.change));
  }
  return { cases, told };
}

test('new, confirmed, gone, not-seen', () => {
  const { cases, told } = story([found('r1', 10)], [found('r2', 110)], [], []);
  assert.deepEqual(told, [['new'], ['confirmed'], ['gone'], ['not-seen']]);
  const [one] = cases;
  assert.equal(one?.id, contentId('case', ['l1', 'guessable', 2323, 'r1']));
  assert.equal(one?.state, 'not-seen');
  assert.equal(one?.closedAt, 400);
  assert.equal(one?.firstSeen, 10);
  assert.equal(one?.lastSeen, 110);
  assert.equal(one?.findingId, found('r2', 110).id);
});

test('gone once and seen again counts from zero', () => {
  const { told } = story([found('r1', 10)], [], [found('r3', 210)], [], []);
  assert.deepEqual(told, [['new'], ['gone'], ['confirmed'], ['gone'], ['not-seen']]);
});

test('a clear answer fixes; a later finding returns; a case not seen does not return', () => {
  const { cases, told } = story([found('r1', 10)], [saw('r2', 110, ['guessable'])], [found('r3', 210)]);
  assert.deepEqual(told, [['new'], ['fixed'], ['returned']]);
  assert.deepEqual(cases.map(c => [c.state, c.returned]).sort(), [
    ['fixed', false],
    ['open', true],
  ]);
  assert.deepEqual(story([found('r1', 10)], [], [], [found('r4', 310)]).told.at(-1), ['new']);
});

test('in one round the later instant wins, and a tie is no proof of a fix', () => {
  const first = [found('r1', 10)];
  assert.deepEqual(story(first, [found('r2', 110), saw('r2', 120, ['guessable'])]).told[1], ['fixed']);
  assert.deepEqual(story(first, [found('r2', 120), saw('r2', 110, ['guessable'])]).told[1], ['confirmed']);
  assert.deepEqual(story(first, [found('r2', 110), saw('r2', 110, ['guessable'])]).told[1], ['confirmed']);
  assert.deepEqual(
    story([found('r1', 10), saw('r1', 20, ['guessable'])]).cases.map(c => c.state),
    ['fixed'],
  );
});

test('only the same line, port and kind closes a case', () => {
  const elsewhere = [
    saw('r2', 110, ['guessable'], 'l2'),
    saw('r2', 110, ['guessable'], 'l1', 'clear', 8080),
    saw('r2', 110, ['no-login'], 'l1', 'inconclusive'),
  ];
  assert.deepEqual(story([found('r1', 10)], elsewhere).told[1], ['gone']);
});

test('a conversation without a word on the weakness neither closes nor counts as unseen', () => {
  for (const reported of ['clear', 'locked', 'not-a-login', 'positive'] as const)
    assert.deepEqual(story([found('r1', 10)], [saw('r2', 110, [], 'l1', reported)]).told[1], []);
  for (const reported of ['inconclusive', 'excluded', 'out-of-mandate'] as const)
    assert.deepEqual(story([found('r1', 10)], [saw('r2', 110, [], 'l1', reported)]).told[1], ['gone']);
});

test('a round that did not look says nothing; records of other rounds are ignored', () => {
  const { cases } = story([found('r1', 10)]);
  assert.deepEqual(foldRound(cases, [], [], { id: 'r2', at: 200, looked: () => false }).changes, []);
  assert.deepEqual(
    foldRound(cases, [found('r9', 110)], [saw('r9', 150, ['guessable'])], { id: 'r2', at: 200 }).changes.map(
      c => c.change,
    ),
    ['gone'],
  );
});

test('a re-check closes only what is open and only with a later, clear answer', () => {
  const [open] = story([found('r1', 10)]).cases as [Case];
  assert.equal(recheckFold(open, 'fixed', 50).case.state, 'fixed');
  assert.equal(recheckFold(open, 'fixed', 50).case.closedAt, 50);
  for (const result of ['no-answer', 'address-changed', 'not-allowed', 'too-often'] as const)
    assert.deepEqual(recheckFold(open, result, 50), { case: open });
  assert.deepEqual(recheckFold(open, 'fixed', 10), { case: open });
  const still = recheckFold({ ...open, roundsUnseen: 1 }, 'still-open', 60);
  assert.deepEqual([still.change, still.case.lastSeen, still.case.roundsUnseen], ['confirmed', 60, 0]);
  const fixed = recheckFold(open, 'fixed', 50).case;
  assert.deepEqual(recheckFold(fixed, 'still-open', 70), { case: fixed });
});

test('a finding made before the re-check that found it fixed does not come back', () => {
  const [open] = story([found('r1', 10)]).cases as [Case];
  const fixed = recheckFold(open, 'fixed', 150).case;
  assert.deepEqual(foldRound([fixed], [found('r2', 110)], [], { id: 'r2', at: 200 }).changes, []);
  const later = foldRound([fixed], [found('r2', 160)], [], { id: 'r2', at: 200 });
  assert.deepEqual(
    later.changes.map(c => c.change),
    ['returned'],
  );
});

/** Few lines, kinds, ports and instants, so that everything collides. */
const anyRecord = (round: string, from: number) => {
  const line = fc.constantFrom('l1', 'l2', 'l3');
  const kind = fc.constantFrom<FindingKind[]>('guessable', 'no-login', 'firmware');
  const port = fc.constantFrom(23, 80);
  const at = fc.integer({ min: from, max: from + 6 });
  const reported = fc.constantFrom<Reported[]>('clear', 'inconclusive', 'locked', 'positive', 'not-a-login');
  return fc.oneof(
    fc.tuple(at, line, kind, port).map(([t, l, k, p]) => found(round, t, l, k, p)),
    fc.tuple(at, fc.uniqueArray(kind), line, reported, port).map(([t, ks, l, r, p]) => saw(round, t, ks, l, r, p)),
  );
};
const anyRounds = fc.tuple(
  ...[1, 2, 3, 4].map(n => fc.array(anyRecord(`r${n}`, n * 100 - 90), { maxLength: 14 })),
) as fc.Arbitrary<(SealedFinding | Observation)[][]>;

test('order and copies change nothing', () => {
  fc.assert(
    fc.property(anyRounds, fc.infiniteStream(fc.nat()), (rounds, dice) => {
      const roll = () => dice.next().value as number;
      const shuffled = rounds.map(records => {
        const copies = records.flatMap(r => (roll() % 3 === 0 ? [r, r] : [r]));
        return copies
          .map(r => [roll(), r] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, r]) => r);
      });
      assert.deepEqual(story(...shuffled), story(...rounds));
    }),
    { numRuns: 300 },
  );
});

test('whatever happens, the books balance', () => {
  fc.assert(
    fc.property(anyRounds, rounds => {
      const { cases, told } = story(...rounds);
      const open = cases.filter(c => c.state === 'open').map(c => `${c.lineKey} ${c.port} ${c.kind}`);
      assert.equal(new Set(open).size, open.length, 'two open cases about one weakness');
      assert.equal(new Set(cases.map(c => c.id)).size, cases.length);
      const all = new Map<string, SealedFinding>();
      const clears: [string, number][] = [];
      for (const r of rounds.flat())
        if ('sealed' in r) all.set(r.id, r);
        else clears.push(...r.clears.map(k => [`${r.lineKey} ${r.port} ${k}`, r.at] as [string, number]));
      for (const c of cases) {
        assert.equal(c.state === 'open', c.closedAt === null);
        assert.ok(c.firstSeen <= c.lastSeen && c.lastSeen <= (c.closedAt ?? Number.POSITIVE_INFINITY));
        assert.ok(all.has(c.findingId), 'a case without a finding');
        // Nothing is called fixed without a clear answer at that very instant.
        if (c.state === 'fixed')
          assert.ok(clears.some(([key, at]) => key === `${c.lineKey} ${c.port} ${c.kind}` && at === c.closedAt));
      }
      const opened = told.flat().filter(t => t === 'new' || t === 'returned').length;
      const atOnce = cases.filter(
        c => c.state === 'fixed' && Math.floor((c.firstSeen - 10) / 100) === Math.floor(((c.closedAt ?? 0) - 10) / 100),
      ).length;
      assert.ok(cases.length >= opened && cases.length <= opened + atOnce, 'a case nobody was told of');
    }),
    { numRuns: 300 },
  );
});
