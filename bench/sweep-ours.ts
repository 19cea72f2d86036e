/** The command line of one sweep of ours for the benchmark: what sweep-run.ts is asked, as JSON in its first argument. */
import { fileURLToPath } from 'node:url';

export interface OurWish {
  readonly driver: string;
  readonly prefixes: readonly string[];
  readonly ports: readonly number[];
  readonly ledgerFile: string;
  /** Past the queueing discipline (PACKET_QDISC_BYPASS), raw drivers only. */
  readonly bypass?: boolean;
  /** So many processes, each with its part of the shards. */
  readonly workers?: number;
}

/** What one process is asked: `part` of `workers`. */
export interface OurPart extends OurWish {
  readonly part: number;
}

/** What sweep-run.ts prints when it is done. */
export interface OurResult {
  readonly total: number;
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  /** Hits told; equal to `answered` when none was told twice. */
  readonly hits: number;
  readonly driver: string;
  /** Greatest resident memory, MB. */
  readonly megabytes: number;
}

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const RUN = fileURLToPath(new URL(`./sweep-run${extension}`, import.meta.url));

/** Runs its arguments after the first two beside each other. */
const BESIDE = 'node=$1 run=$2; shift 2; for wish; do "$node" "$run" "$wish" & done; wait';

export function ourRun(wish: OurWish): readonly string[] {
  const { workers = 1, ledgerFile } = wish;
  const parts = Array.from({ length: workers }, (_, part): string =>
    JSON.stringify({ ...wish, part, ledgerFile: `${ledgerFile}-${part}` } satisfies OurPart),
  );
  const one = [process.execPath, RUN, ...parts];
  return workers === 1 ? one : ['bash', '-c', BESIDE, 'bash', ...one];
}
