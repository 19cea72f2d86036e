/**
 * Found beside true. In: the world, and what the ISPs opened and decided. Out: one row a stage for the summary, and whether
 * the promises hold. The comparison stands at the ISPs' end, because that is the only place where findings can be read.
 */
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { FindingKind } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import { type Condition, isHoneypot, kindsOf, type Personality } from './personality.ts';
import type { World } from './world.ts';

/** One service as it truly was at an instant. */
export interface TrueService {
  readonly device: string;
  readonly isp: string;
  readonly subscriber: string;
  readonly address: string;
  readonly port: number;
  readonly personality: Personality;
  readonly kinds: readonly FindingKind[];
  readonly condition: Condition;
}

/** Everything that listened at an instant, whatever has changed since. */
export function truthAt(world: World, at: Instant): TrueService[] {
  const out: TrueService[] = [];
  for (const device of world.devices.values()) {
    const condition = world.conditionOf(device.id, at);
    const address = world.register.of(device.line.id, at)?.address;
    if (!condition.online || address === undefined) continue;
    for (const service of device.services)
      out.push({
        device: device.id,
        isp: device.line.isp,
        subscriber: device.line.subscriber,
        address,
        port: world.options.ports[service.role],
        personality: service.personality,
        kinds: kindsOf(service, device.model, condition),
        condition,
      });
  }
  return out;
}

/** One case as its ISP sees it after opening: the fields of the ISP's own case row. */
export interface OpenedCase {
  readonly isp: string;
  readonly kind: FindingKind;
  readonly address: string;
  readonly port: number;
  readonly seenAt: Instant;
  readonly verdict: IdentificationVerdict | null;
  readonly subscriber: string | null;
}

export interface RoundSeen {
  /** An instant by day at which the round ran; the country stood still. */
  readonly at: Instant;
  /** Addresses and ports that answered the sweep. */
  readonly answered: number;
  /** Cases whose last sighting was in this round. */
  readonly cases: readonly OpenedCase[];
  /** Addresses that may not be probed; what stands there counts for nothing. */
  readonly excluded?: (address: string) => boolean;
}

export interface Compared {
  readonly stage: string;
  readonly found: number;
  readonly expected: number;
}

export interface Judgement {
  readonly rows: readonly Compared[];
  /** Refusals by reason, most frequent first. */
  readonly refused: readonly { readonly reason: IdentificationVerdict; readonly cases: number }[];
  readonly falseGuessable: number;
  readonly falseOther: number;
  readonly wrongSubscribers: number;
  /** Found of the true guessable, 0 to 1. */
  readonly guessableFound: number;
  /** Zero false, zero wrong, at least 98 % of the guessable found: the promise of the exit code. */
  readonly holds: boolean;
  /** What is amiss, by personality; no address. */
  readonly amiss: readonly string[];
}

const LEAST_FOUND = 0.98;
const keyOf = (x: { address: string; port: number }) => `${x.address}:${x.port}`;

function tallyOf<T extends string>(words: readonly T[]): { reason: T; cases: number }[] {
  const counts = new Map<T, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([reason, cases]) => ({ reason, cases })).sort((a, b) => b.cases - a.cases);
}

export function judgeRound(world: World, seen: RoundSeen): Judgement {
  const truth = truthAt(world, seen.at).filter(s => !seen.excluded?.(s.address));
  const at = new Map(truth.map(s => [keyOf(s), s]));
  const trueOf = (kind: FindingKind) => truth.filter(s => s.kinds.includes(kind));
  const real = (c: OpenedCase) => at.get(keyOf(c))?.kinds.includes(c.kind) ?? false;
  const services = (cases: readonly OpenedCase[]) => new Set(cases.map(keyOf)).size;
  const foundOf = (kind: FindingKind) => services(seen.cases.filter(c => c.kind === kind && real(c)));

  const falses = seen.cases.filter(c => !real(c));
  const falseGuessable = services(falses.filter(c => c.kind === 'guessable'));
  const named = seen.cases.filter(c => c.verdict === 'unique');
  const holder = (c: OpenedCase) => world.register.holder(c.address, c.port, c.seenAt);
  const wrong = named.filter(c => holder(c)?.subscriber !== c.subscriber || holder(c)?.isp !== c.isp);
  const ispOf = (address: string) => truth.find(s => s.address === address)?.isp;
  const attributed = seen.cases.filter(c => ispOf(c.address) === c.isp);
  const pots = truth.filter(s => isHoneypot(s.personality));
  const fooled = new Set(seen.cases.map(keyOf));

  const kinds: readonly FindingKind[] = ['guessable', 'no-login', 'firmware'];
  const allTrue = truth.flatMap(s => s.kinds.map(kind => ({ ...s, kind })));
  const guessable = trueOf('guessable');
  const guessableFound = guessable.length === 0 ? 1 : foundOf('guessable') / guessable.length;
  const caseKeys = new Set(seen.cases.filter(c => c.kind === 'guessable').map(keyOf));
  const missed = guessable.filter(s => !caseKeys.has(keyOf(s)));
  const say = (what: string, p: readonly (Personality | 'nothing there')[]) =>
    tallyOf(p).map(({ reason, cases }) => `${cases} ${what} ${reason}`);
  return {
    rows: [
      { stage: 'services answering', found: seen.answered, expected: truth.length },
      ...kinds.map(kind => ({ stage: kind, found: foundOf(kind), expected: trueOf(kind).length })),
      { stage: 'honeypots refused', found: pots.filter(s => !fooled.has(keyOf(s))).length, expected: pots.length },
      { stage: 'attributed to the right ISP', found: attributed.length, expected: seen.cases.length },
      { stage: 'subscriber identified', found: named.length - wrong.length, expected: allTrue.length },
    ],
    refused: tallyOf(seen.cases.flatMap(c => (c.verdict === null || c.verdict === 'unique' ? [] : [c.verdict]))),
    falseGuessable,
    falseOther: services(falses.filter(c => c.kind !== 'guessable')),
    wrongSubscribers: wrong.length,
    guessableFound,
    holds: falses.length === 0 && wrong.length === 0 && guessableFound >= LEAST_FOUND,
    amiss: [
      ...say(
        'guessable missed:',
        missed.map(s => s.personality),
      ),
      ...say(
        'false:',
        falses.map(c => at.get(keyOf(c))?.personality ?? 'nothing there'),
      ),
    ],
  };
}

/** After the days of a month: what was said of repairs, beside what owners had done. */
export function judgeRepairs(
  said: {
    readonly alertedMail: number;
    readonly alertedLetter: number;
    readonly rechecked: number;
    readonly fixed: number;
  },
  done: { readonly mails: number; readonly letters: number; readonly checks: number; readonly fixes: number },
): Compared[] {
  return [
    { stage: 'alerted by e-mail', found: said.alertedMail, expected: done.mails },
    { stage: 'alerted by letter', found: said.alertedLetter, expected: done.letters },
    { stage: 're-checked', found: said.rechecked, expected: done.checks },
    { stage: 'fixed', found: said.fixed, expected: done.fixes },
  ];
}
