/** Asks an index that a test has just imported. In: its folder, the format. Out: the verdict and the name of the line. */
import { identify } from '../../src/isp/assignment/identify.ts';
import { openAssignments } from '../../src/isp/assignment/index.ts';
import { makePools } from '../../src/isp/assignment/pools.ts';
import { openSubscribers } from '../../src/isp/assignment/subscribers.ts';
import type { Instant } from '../../src/record/instant.ts';
import type { Asked } from './radius-line-stories.ts';

export function answersOf(dir: string, log: string, from: Instant, questions: readonly Asked[]): Asked[] {
  const pool = { pool: 'dynamic' as const, log, logClockErrorMs: 0 };
  const pools = makePools(
    [
      { ...pool, prefix: '198.51.100.0/24' },
      { ...pool, prefix: '2001:db8::/32' },
    ],
    'pools',
  );
  const index = openAssignments(dir, pools);
  const names = openSubscribers(dir);
  return questions.map(({ address, at }) => {
    const { verdict, subscriber } = identify(index, { address, port: 8080, at: from + at * 1000, clockErrorMs: 0 });
    const line = subscriber === undefined ? undefined : names.nameOf(Number(subscriber));
    return { address, at, verdict, ...(line === undefined ? {} : { line }) };
  });
}
