/**
 * Folds the records of carrier NATs. A record names customer and ports but bears no number, so a begin and an end prove what lies
 * between them only when nothing is missing there: the customer may have lost the ports, another had them, and both records gone.
 * So the folder of sessions below is fed with a session for each spell that the records prove to be one. In: events. Out: holds.
 *
 *   begin ... end               sure [begin, end]
 *   begin (no end yet)          sure up to what the box said last, where it numbers its records
 *   begin   lost   end          sure [begin, loss], [end]; possible between
 *   begin   lost   alive since  sure [begin, alive], as the box itself says that it is still the same
 */
import { HOUR, type Instant } from '../../../record/instant.ts';
import type { Folder, LogEvent } from '../event.ts';
import { makeSessionFolder } from '../sessions/fold.ts';
import { type Loss, type Losses, makeLosses } from './losses.ts';
import { isNumbered, isTied } from './mapping.ts';
import { type NatRecord, type Spell, spellOf } from './spells.ts';

/** What is open is told again to be so after this long. */
const TELL_MS = 30_000;
/** A clock that is off by more says nothing of when. */
const MOST_ERROR_MS = 600_000;
/** Spells that ended are remembered for so long, so that repetitions are seen to be that. */
const REMEMBER_MS = HOUR;
/**
 * A box that does not number its records: when more than this share of them shows another to be missing, whole spells of others
 * may be missing too, and nothing is paired over a record that shows it.
 */
const MOST_MISSING = 0.015;
const FADING = 200;
const SWEEP_AFTER = 50_000;
const NEVER = Number.NEGATIVE_INFINITY;

interface Box {
  readonly losses: Losses;
  readonly spells: Map<string, Spell[]>;
  /** Who began last on each range of ports. */
  readonly holders: Map<string, Spell>;
  /** The youngest record, and up to when what is open was told to be so. */
  latest: Instant;
  told: Instant;
  /** Share of its records that showed another to be missing, fading. */
  missing: number;
}

interface Saved {
  readonly inner: unknown;
  readonly boxes: readonly {
    readonly name: string;
    readonly losses: readonly Loss[];
    readonly spells: readonly (readonly [string, Spell[]])[];
    /** Null: nothing was heard. */
    readonly latest: Instant | null;
    readonly missing: number;
  }[];
}

const isOpen = (spell: Spell): boolean => spell.end === undefined && spell.ousted === undefined;
/** Address, ports and protocol, whoever has them: the last two words of a session without a number of its own. */
const portsOf = (session: string): string => session.slice(session.lastIndexOf(' ', session.lastIndexOf(' ') - 1) + 1);

/** Gives whether somebody had to make room whose end was never told, which no known loss explains: a record is missing. */
function hold({ holders, losses }: Box, ports: string, spell: Spell): boolean {
  const other = holders.get(ports);
  let proof = false;
  if (other && other !== spell) {
    const [older, younger] = other.from <= spell.from ? [other, spell] : [spell, other];
    proof = older.ousted === undefined && !losses.between(older.seen, younger.from);
    older.ousted = Math.min(older.ousted ?? younger.from, younger.from);
  }
  if (!other || other.from <= spell.from) holders.set(ports, spell);
  if (spell.end !== undefined && holders.get(ports) === spell) holders.delete(ports);
  return proof;
}

const makeBox = (losses: readonly Loss[] = [], spells: Saved['boxes'][number]['spells'] = []): Box => {
  const box: Box = {
    ...{ losses: makeLosses(losses), spells: new Map(spells), holders: new Map(), latest: NEVER, told: NEVER },
    missing: 0,
  };
  for (const [session, own] of spells) for (const spell of own) if (isOpen(spell)) hold(box, portsOf(session), spell);
  return box;
};

export function makeNatFolder(saved?: unknown): Folder {
  const known = saved as Saved | undefined;
  const inner = makeSessionFolder(known?.inner);
  const boxes = new Map<string, Box>();
  let since = 0;
  for (const { name, losses, spells, latest, missing } of known?.boxes ?? [])
    boxes.set(name, Object.assign(makeBox(losses, spells), { latest: latest ?? NEVER, missing }));

  const boxOf = (name: string): Box => {
    let box = boxes.get(name);
    if (!box) {
      box = makeBox();
      boxes.set(name, box);
    }
    return box;
  };
  const give = (event: NatRecord, { id }: Spell) => inner.take({ ...event, session: `${event.session} @${id}` });

  /** No end had come, and nothing was missing: what is open was so up to `until`. */
  function tell(box: Box, until: Instant, errorMs: number): void {
    for (const spells of box.spells.values())
      for (const spell of spells) {
        if (!isOpen(spell) || spell.seen >= until || !isNumbered(spell.record.session)) continue;
        if (box.losses.between(spell.seen, until)) continue;
        const { since: _, ...plain } = spell.record as NatRecord & { since?: Instant };
        spell.seen = until;
        give({ ...plain, what: 'alive', at: until, errorMs: Math.max(errorMs, plain.errorMs) }, spell);
      }
    box.told = until;
  }

  function lost(box: Box, { from, at, errorMs }: Extract<LogEvent, { what: 'lost' }>): void {
    if (box.losses.has(from, at)) return;
    tell(box, from, errorMs);
    box.losses.add(from, at);
  }

  function record(box: Box, event: NatRecord): void {
    let spells = box.spells.get(event.session);
    if (!spells) {
      spells = [];
      box.spells.set(event.session, spells);
    }
    const spell = spellOf(spells, event, box.losses);
    const proof = hold(box, portsOf(event.session), spell);
    give(event, spell);
    box.missing += ((proof ? 1 : 0) - box.missing) / FADING;
    if (proof && box.missing > MOST_MISSING && !isNumbered(event.session)) box.losses.add(event.at, event.at);
    if (++since >= SWEEP_AFTER) sweep();
  }

  function sweep(): void {
    since = 0;
    for (const { spells, latest } of boxes.values())
      for (const [session, own] of spells)
        if (own.every(s => s.end !== undefined && s.end < latest - REMEMBER_MS)) spells.delete(session);
  }

  return {
    take(event) {
      const box = boxOf(event.exporter);
      if (event.what === 'lost') lost(box, event);
      if (event.what === 'reset') {
        box.spells.clear();
        box.holders.clear();
      }
      if (event.errorMs <= MOST_ERROR_MS && event.at > box.latest) box.latest = event.at;
      const isRecord = event.what === 'begin' || event.what === 'alive' || event.what === 'end';
      if (isRecord && !isTied(event.session)) record(box, event);
      else inner.take(event);
    },
    closed: () => inner.closed(),
    open() {
      for (const box of boxes.values()) if (box.latest - box.told >= TELL_MS) tell(box, box.latest, 0);
      return inner.open();
    },
    save: (): Saved => ({
      inner: inner.save(),
      boxes: [...boxes].map(([name, box]) => ({
        ...{ name, losses: box.losses.all, spells: [...box.spells] },
        latest: box.latest === NEVER ? null : box.latest,
        missing: box.missing,
      })),
    }),
  };
}
