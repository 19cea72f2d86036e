/**
 * Who checks: this process itself, or workers (probe-workers.ts). In: targets, as they are wanted. Out: what became of
 * each; the next one is taken when the receiver is done with it, so nothing queues without bound.
 */
import type { Gate } from '../mandate/authority.ts';
import { runChecks } from '../survey/probe/scheduler.ts';
import type { ProbeTarget } from './probe-intake.ts';
import type { Checked, ProbeUnit } from './probe-unit.ts';

export interface Crew {
  /** Asked at the intake; whoever sends asks its own. */
  readonly gate: Gate;
  /** Checks that have begun, or are with a worker, and have not ended. */
  readonly inFlight: number;
  /** Rejects with the Fault that stopped it, when every conversation has ended. */
  run(
    targets: AsyncIterable<ProbeTarget>,
    signal: AbortSignal,
    onChecked: (target: ProbeTarget, checked: Checked) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

export function soloCrew(unit: ProbeUnit, concurrency: number): Crew {
  let inFlight = 0;
  return {
    gate: unit.gate,
    get inFlight() {
      return inFlight;
    },
    run: async (targets, signal, onChecked) => {
      await runChecks(
        targets,
        target => {
          inFlight++;
          return unit.check(target, signal);
        },
        { concurrency, signal },
        (target, checked) => {
          inFlight--;
          return onChecked(target, checked);
        },
      );
    },
    close: async () => unit.close(),
  };
}
