/**
 * Keeps when each exporter was heard. In: instants in any order and number, and what is known to be lost. Out: the stretches in
 * which it was never silent for longer than its source allows; the same whatever the order.
 */
import type { Instant } from '../../record/instant.ts';

type Pair = readonly [from: Instant, to: Instant];

export interface HeardOf {
  readonly stretches: readonly Pair[];
  readonly lost: readonly Pair[];
  /** What it said after this instant is lost up to its next word. */
  readonly broken?: Instant;
}

export interface Heard {
  readonly exporters: Readonly<Record<string, HeardOf>>;
  /** Longest silence that is no gap; absent when the source may be silent as long as it likes. */
  readonly silenceMs?: number;
  /** Declared complete up to here; `capped` when nothing later that was heard counts. */
  readonly through?: Instant;
  readonly capped?: boolean;
  /** Older holds were forgotten. */
  readonly keptFrom?: Instant;
}

export const NOTHING_HEARD: Heard = { exporters: {} };

/** Stretches of one exporter that are kept; of more the oldest go, and its log begins later. */
const MOST = 10_000;

export class Exporter {
  readonly #silence: number;
  readonly #stretches: [Instant, Instant][];
  readonly #lost: Pair[];
  /** The stretch that the last instant fell into. */
  #current: Pair | undefined;
  #broken: Instant | undefined;

  constructor(silence: number, of: HeardOf = { stretches: [], lost: [] }) {
    this.#silence = silence;
    this.#stretches = of.stretches.map(([from, to]) => [from, to]);
    this.#lost = [...of.lost];
    this.#broken = of.broken;
  }

  heard(at: Instant): void {
    const current = this.#current;
    if (current !== undefined && at >= current[0] && at <= current[1]) return;
    if (this.#broken !== undefined && at > this.#broken) {
      this.lost(this.#broken, at);
      this.#broken = undefined;
    }
    this.#current = this.stretch(at, at);
  }

  /** What was heard without a silence from `from` to `to`. */
  stretch(from: Instant, to: Instant): [Instant, Instant] {
    const all = this.#stretches;
    const silence = this.#silence;
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((all[middle] as Pair)[1] + silence >= from) high = middle;
      else low = middle + 1;
    }
    const found: [Instant, Instant] = [from, to];
    let end = low;
    for (; end < all.length && (all[end] as Pair)[0] - silence <= to; end++) {
      found[0] = Math.min(found[0], (all[end] as Pair)[0]);
      found[1] = Math.max(found[1], (all[end] as Pair)[1]);
    }
    all.splice(low, end - low, found);
    if (all.length > MOST) all.shift();
    return found;
  }

  /** Nobody knows what it said between its last word so far and its next. */
  broken(): void {
    const last = this.#stretches.at(-1);
    if (last === undefined || this.#broken !== undefined) return;
    this.#broken = last[1];
    this.#current = undefined;
  }

  lost(from: Instant, to: Instant): void {
    if (this.#lost.some(([f, t]) => f <= from && to <= t)) return;
    this.#lost.push([from, to]);
    if (this.#lost.length > MOST) this.#mergeLost();
  }

  /** Losing more than was lost is safe. */
  #mergeLost(): void {
    const from = Math.min(...this.#lost.map(l => l[0]));
    const to = Math.max(...this.#lost.map(l => l[1]));
    this.#lost.splice(0, this.#lost.length, [from, to]);
  }

  save(): HeardOf {
    const lost = [...this.#lost].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const broken = this.#broken === undefined ? {} : { broken: this.#broken };
    return { stretches: this.#stretches.map(([from, to]) => [from, to]), lost, ...broken };
  }
}

export class Hearing {
  readonly #was: Heard;
  readonly #exporters = new Map<string, Exporter>();
  #through: Pick<Heard, 'through' | 'capped'>;

  constructor(was: Heard, silenceMs?: number) {
    this.#was = silenceMs === undefined ? was : { ...was, silenceMs };
    const { through, capped } = was;
    this.#through = through === undefined ? {} : { through, ...(capped ? { capped } : {}) };
    for (const [name, of] of Object.entries(was.exporters)) this.#exporters.set(name, this.#make(of));
  }

  #make(of?: HeardOf): Exporter {
    return new Exporter(this.#was.silenceMs ?? Number.POSITIVE_INFINITY, of);
  }

  exporter(name: string): Exporter {
    let found = this.#exporters.get(name);
    if (!found) {
      found = this.#make();
      this.#exporters.set(name, found);
    }
    return found;
  }

  /** Adds what another hearing of the same source gave. */
  join({ exporters }: Heard): void {
    for (const [name, of] of Object.entries(exporters)) {
      const own = this.exporter(name);
      for (const [from, to] of of.stretches) own.stretch(from, to);
      for (const [from, to] of of.lost) own.lost(from, to);
    }
  }

  /** A file went away before its end was read. */
  broken(): void {
    for (const exporter of this.#exporters.values()) exporter.broken();
  }

  /** The files are complete up to `at`; undefined: as far as they speak. */
  declare(at: Instant | undefined): void {
    if (at !== undefined) this.#through = { through: at, capped: true };
    else if (this.#through.through !== undefined) this.#through = { through: this.#through.through };
  }

  save(): Heard {
    const { through: _through, capped: _capped, ...was } = this.#was;
    const exporters = Object.fromEntries([...this.#exporters].map(([name, e]) => [name, e.save()]));
    return { ...was, ...this.#through, exporters };
  }
}
