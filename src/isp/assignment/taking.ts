/**
 * One import of one source as it is read: holds gathered, events folded, exporters heard, bad records named. In: what a feeder finds.
 * Out: what is to be committed.
 */
import { Fault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import type { Folder, Held, LogEvent } from './event.ts';
import type { Box, Intake } from './feeder.ts';
import { type Extents, Gathering, secondsDown, secondsUp } from './gathering.ts';
import type { Exporter, Hearing } from './hearing.ts';
import { type Interning, LONGEST_NAME } from './interning.ts';
import type { Told } from './parser-feeder.ts';

export interface Rejected {
  /** `file:line`. */
  readonly where: string;
  readonly why: string;
}

/** Bad records that are named; the rest are counted. */
export const NAMED = 1_000;
const MOST_EXPORTERS = 65_535;

interface HeardBox extends Box {
  readonly hearing: Exporter;
}

export interface Gathered {
  readonly four: Gathering;
  readonly six: Gathering;
}

const gathered = (): Gathered => ({ four: new Gathering(4), six: new Gathering(6) });

export class Taking implements Intake, Told {
  readonly interning: Interning;
  readonly hearing: Hearing;
  readonly folder: Folder | undefined;
  used = 0;
  rejectedCount = 0;
  readonly rejected: Rejected[] = [];
  /** File that is being read. */
  file = '';
  /** Records are read only to know where the file stands. */
  muted = false;
  #gathered = gathered();
  #counted = { used: 0, rejectedCount: 0 };
  readonly #source: string;
  readonly #boxes = new Map<string, HeardBox>();

  constructor(source: string, interning: Interning, hearing: Hearing, folder: Folder | undefined) {
    this.#source = source;
    this.interning = interning;
    this.hearing = hearing;
    this.folder = folder;
  }

  box(name: string): HeardBox {
    let box = this.#boxes.get(name);
    if (!box) {
      if (this.#boxes.size > MOST_EXPORTERS)
        throw new Fault('input', 'more than 65,535 boxes are named', 'check which column names the box');
      const exporter = name === '' ? this.#source : name;
      box = { index: this.#boxes.size, name: exporter, hearing: this.hearing.exporter(exporter) };
      this.#boxes.set(name, box);
    }
    return box;
  }

  /** By index. */
  get exporters(): string[] {
    return [...this.#boxes.values()].map(box => box.name);
  }

  four(address: number, ports: number, from: Instant, to: Instant, subscriber: number, box: Box): void {
    const bucket = this.#gathered.four.bucket(address >>> 16);
    const key = bucket.add(secondsDown(from), secondsUp(to), secondsUp(from), secondsDown(to), subscriber, box.index);
    bucket.cells[key] = address;
    bucket.cells[key + 1] = ports;
    this.#heardHeld((box as HeardBox).hearing, from, to);
  }

  six(prefix: bigint, length: number, from: Instant, to: Instant, subscriber: number, box: Box): void {
    const extents = { possibleFrom: from, sureFrom: from, sureTo: to, possibleTo: to };
    this.#gathered.six.hold({ family: 6, prefix, length }, extents, subscriber, box.index);
    this.#heardHeld((box as HeardBox).hearing, from, to);
  }

  /** A list tells of a hold when it begins and when it ends. */
  #heardHeld(hearing: Exporter, from: Instant, to: Instant): void {
    hearing.heard(from);
    if (to !== Number.POSITIVE_INFINITY) hearing.heard(to);
  }

  refuse(line: number, why: string): void {
    if (this.muted) return;
    this.rejectedCount++;
    if (this.rejected.length < NAMED) this.rejected.push({ where: `${this.file}:${line}`, why });
  }

  event(event: LogEvent, line: number): void {
    if (this.muted) return;
    if ('subscriber' in event && Buffer.byteLength(event.subscriber) > LONGEST_NAME) {
      this.refuse(line, `the subscriber is longer than ${LONGEST_NAME} bytes`);
      return;
    }
    this.used++;
    const { hearing } = this.box(event.exporter);
    if (event.what === 'lost') hearing.lost(event.from, event.at);
    hearing.heard(event.at);
    if (this.folder) this.folder.take(event);
    else if (event.what === 'held') {
      const { from, to } = event;
      const end = to ?? Number.POSITIVE_INFINITY;
      const extents = { possibleFrom: from, sureFrom: from, sureTo: end, possibleTo: end };
      this.#hold({ ...event, ...extents }, this.#gathered);
    }
  }

  #hold(held: Held & Extents, into: Gathered): void {
    const { holder } = held;
    const gathering = holder.family === 4 ? into.four : into.six;
    gathering.hold(holder, held, this.interning.internText(held.subscriber), this.box(held.exporter).index);
  }

  /** Records since this was last asked. */
  counted(): { used: number; rejectedCount: number } {
    const { used, rejectedCount } = this;
    const since = { used: used - this.#counted.used, rejectedCount: rejectedCount - this.#counted.rejectedCount };
    this.#counted = { used, rejectedCount };
    return since;
  }

  /** What is final so far, once; what of a folder is still open, each time. */
  drain(): { closed: Gathered; open: Gathered | undefined } {
    const closed = this.#gathered;
    this.#gathered = gathered();
    if (!this.folder) return { closed, open: undefined };
    for (const held of this.folder.closed()) this.#hold(held, closed);
    const open = gathered();
    for (const held of this.folder.open()) this.#hold(held, open);
    return { closed, open };
  }
}
