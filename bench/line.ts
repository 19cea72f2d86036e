/** The line a benchmark prints for each case, and what all benchmarks put in it. */
import { cpus } from 'node:os';

export interface BenchLine {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  /** Words where there is no number: `missing`, or what became of it. A peer is never left out silently. */
  readonly peers: Readonly<Record<string, number | string>>;
  /** How many times better than the best peer; null without one. */
  readonly ratio: number | null;
  readonly runs: number;
  readonly machine: string;
  /** What the figure is to be read with. */
  readonly note?: string;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
