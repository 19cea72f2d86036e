/**
 * `notice probe` without its command line: lines in, checked by one prober or several, printed, kept in the journal. In:
 * lines, paper, a state folder. Out: rows in the order they are decided, progress, and what was done and what was not.
 */
import type { Refusal } from '../mandate/authority.ts';
import type { PaperFiles } from '../mandate/paper.ts';
import { daysKept } from '../mandate/retention.ts';
import type { Clocks } from '../record/instant.ts';
import { DAY, monthOf } from '../record/instant.ts';
import type { Reported } from '../record/observation.ts';
import { lockFolder } from './lock.ts';
import { type Crew, soloCrew } from './probe-crew.ts';
import { dealOf } from './probe-deal.ts';
import { type IntakeCounts, intake, noIntake, type ProbeLine } from './probe-intake.ts';
import { dropJournals, openJournal } from './probe-journal.ts';
import { openOutlet } from './probe-outlet.ts';
import { FOR_ALL, openUnit } from './probe-unit.ts';
import { workerCrew } from './probe-workers.ts';
import { noneReported } from './spool.ts';

export interface ProbeRunOptions {
  readonly files: PaperFiles;
  readonly state: string;
  /** Folder of the signing key and the recognition secret. */
  readonly keys: string;
  readonly workers: number;
  /** Conversations at once, in all workers together. */
  readonly concurrency: number;
  readonly again: boolean;
  readonly clocks: Clocks;
  readonly random: (bytes: number) => Uint8Array;
  readonly signal: AbortSignal;
  readonly lines: AsyncIterable<ProbeLine>;
  /** As in probe-outlet.ts. */
  readonly print: (rows: string) => Promise<boolean>;
  /** Names a line that is passed over. Resolves when more may be told. */
  readonly tell: (line: ProbeLine, why: string) => void | Promise<void>;
  readonly onMessage: (text: string) => void;
  readonly onProgress: (progress: ProbeProgress) => void;
}

export interface ProbeProgress extends IntakeCounts {
  checked: number;
  /** Services whose finding was sealed. */
  positive: number;
  tries: number;
  /** Not done, for want of something on this machine. */
  local: number;
  inFlight: number;
  readonly reported: Record<Reported, number>;
}

export interface ProbeReport extends ProbeProgress {
  /** Services that earlier starts did in this round, whether or not they stand in this input. */
  readonly before: number;
  /** The gate closed for everybody: what is left was not checked. */
  readonly closed: Refusal | null;
}

/** Throws Fault. Every file is closed and every conversation has ended when it returns or throws. */
export async function runProbe(options: ProbeRunOptions): Promise<ProbeReport> {
  const { state, clocks, random, signal } = options;
  const now = clocks.calendar();
  const round = `probe-${monthOf(now)}`;
  const unlock = lockFolder(state);
  let crew: Crew | undefined;
  try {
    const deal = dealOf(state, options.workers, random);
    const shared = { files: options.files, keys: options.keys, round, clocks, random, onMessage: options.onMessage };
    crew =
      deal.workers === 1
        ? soloCrew(
            openUnit({ ...shared, folder: state, shares: 1, onExclusions: options.onMessage }),
            options.concurrency,
          )
        : await workerCrew({ ...shared, state, deal, concurrency: options.concurrency });
    dropJournals(state, now - daysKept('journals of probes') * DAY, round);
    const journal = openJournal({ state, round, now, random, again: options.again });
    try {
      const count: ProbeProgress = {
        ...noIntake(),
        checked: 0,
        positive: 0,
        tries: 0,
        local: 0,
        inFlight: 0,
        reported: noneReported(),
      };
      const outlet = openOutlet(options.print, journal);
      let closed: Refusal | null = null;
      const shut = new AbortController();
      const close = (refusal: Refusal): void => {
        closed ??= refusal;
        shut.abort();
      };
      const { gate } = crew;
      const targets = intake(options.lines, { gate, journal, tell: options.tell, onClosed: close }, count);
      const working = crew;
      await crew.run(targets, AbortSignal.any([signal, shut.signal]), async (target, checked) => {
        const { undone, reported, tries } = checked;
        if (undone === 'local') {
          if (count.local++ === 0)
            options.onMessage('this machine ran out of open files or ports; such services are left for another start');
        } else if (undone !== null) {
          if (FOR_ALL.has(undone) && !signal.aborted) close(undone);
        } else {
          if (!checked.refused) count.checked++;
          count.positive += Number(reported === 'positive');
          count.reported[reported]++;
          await outlet.put(checked.rows, journal.keyOf(target.place, target.mark));
        }
        count.tries += tries;
        count.inFlight = working.inFlight;
        options.onProgress(count);
      });
      return { ...count, before: journal.before, closed };
    } finally {
      journal.close();
    }
  } finally {
    await crew?.close();
    unlock();
  }
}
