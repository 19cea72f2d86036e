/**
 * The spells in which one customer had the same ports, told apart by the records alone. In: his begin, alive and end records of
 * those ports. Out: the spell each belongs to. A record joins a spell only when nothing is missing between them, or when it says
 * itself since when the ports were his.
 */
import type { Instant } from '../../../record/instant.ts';
import type { LogEvent } from '../event.ts';
import type { Losses } from './losses.ts';

export type NatRecord = Extract<LogEvent, { what: 'begin' | 'alive' | 'end' }>;

export interface Spell {
  /** Unique among the spells of one session. */
  readonly id: string;
  /** Its begin, or the first record of it that was seen. */
  from: Instant;
  began: boolean;
  seen: Instant;
  end: Instant | undefined;
  /** Another had the ports at this instant, though no end was told. */
  ousted: Instant | undefined;
  /** To say more of the same. */
  readonly record: NatRecord;
}

/** A begin that is sent again. */
const AGAIN_MS = 2_000;
/** Boxes round the time at which they gave a block. */
const ROUNDING_MS = 60_000;
/** A record this much later than an end still belongs to what ended. */
const STRAGGLER_MS = 120_000;
/** Spells of one session that are remembered. */
const MOST = 4;

const sinceOf = (event: NatRecord): Instant | undefined => ('since' in event ? event.since : undefined);

export function spellOf(spells: Spell[], event: NatRecord, losses: Losses): Spell {
  const spell = event.what === 'begin' ? begun(spells, event.at, losses) : joined(spells, event, losses);
  if (spell) {
    take(spell, event);
    return spell;
  }
  const { at, what } = event;
  const fresh: Spell = {
    ...{ id: what === 'begin' ? `${at}` : `?${at}`, from: at, seen: at },
    ...{ began: what === 'begin', end: what === 'end' ? at : undefined, ousted: undefined, record: event },
  };
  spells.push(fresh);
  if (spells.length > MOST) spells.shift();
  return fresh;
}

function take(spell: Spell, { what, at }: NatRecord): void {
  if (what === 'begin') {
    spell.began = true;
    spell.from = Math.min(spell.from, at);
  }
  if (what === 'end') spell.end = Math.min(spell.end ?? at, at);
  else if (spell.end === undefined && at > spell.seen) spell.seen = at;
}

/** The same begin again, or one that comes after records of what it began. */
const begun = (spells: readonly Spell[], at: Instant, losses: Losses): Spell | undefined =>
  spells.find(s => s.began && Math.abs(at - s.from) <= AGAIN_MS && (s.end === undefined || at < s.end)) ??
  spells.find(s => !s.began && s.from >= at && !losses.between(at, s.from));

function joined(spells: readonly Spell[], event: NatRecord, losses: Losses): Spell | undefined {
  const { at, what } = event;
  const since = sinceOf(event);
  const fits = spells.filter(s => {
    if (s.from > at || (s.end !== undefined && at > s.end + STRAGGLER_MS)) return false;
    if (s.ousted !== undefined && at > s.ousted) return false;
    // The box gave the ports anew since then.
    if (since !== undefined && since > s.seen + ROUNDING_MS) return false;
    const same = since !== undefined && s.began && Math.abs(since - s.from) <= ROUNDING_MS;
    return same || !losses.between(Math.min(s.seen, at), Math.max(s.seen, at));
  });
  // Ports that are given again at the instant at which they were given back: the older spell has ended.
  const youngest = fits.at(-1);
  const older = fits.at(-2);
  return what === 'end' && youngest?.from === at && older && older.end === undefined ? older : youngest;
}
