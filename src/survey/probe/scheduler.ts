/**
 * Runs many checks at once with at most one open connection to an address (invariant 5): a target whose address is busy
 * is parked until the running one ends. Pull-based: a target is only taken from the source when there is room for it,
 * so nothing queues without bound. Results come in the order they are decided.
 */
export interface AddressedTarget {
  readonly address: string;
}

export interface SchedulerOptions {
  /** Checks running at the same time; as many again may be parked behind a busy address. */
  readonly concurrency: number;
  /** No new target is taken once aborted; running checks end by themselves. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves with the number of results when the source is dry and every check has ended. A check that throws (a Fault:
 * the audit log cannot be written) stops the taking of targets, lets the running ones end, and is thrown again.
 */
export async function runChecks<T extends AddressedTarget, R>(
  targets: AsyncIterable<T> | Iterable<T>,
  check: (target: T) => Promise<R>,
  { concurrency, signal }: SchedulerOptions,
  onResult: (target: T, result: R) => void | Promise<void>,
): Promise<{ done: number }> {
  /** Busy addresses, each with those waiting for it. */
  const busy = new Map<string, T[]>();
  const running = new Set<Promise<void>>();
  let parked = 0;
  let done = 0;
  let failure: { thrown: unknown } | undefined;
  const stopped = () => signal?.aborted === true || failure !== undefined;

  const begin = (target: T) => {
    const work = (async () => {
      try {
        const result = await check(target);
        await onResult(target, result);
        done++;
      } catch (thrown) {
        failure ??= { thrown };
      }
    })().then(() => {
      running.delete(work);
      const waiting = busy.get(target.address);
      const next = waiting?.shift();
      if (next === undefined) busy.delete(target.address);
      else {
        parked--;
        if (stopped()) busy.delete(target.address);
        else begin(next);
      }
    });
    running.add(work);
  };

  const source = Symbol.asyncIterator in targets ? targets[Symbol.asyncIterator]() : targets[Symbol.iterator]();
  try {
    while (!stopped()) {
      while (running.size >= concurrency || parked >= concurrency) await Promise.race(running);
      if (stopped()) break;
      const pulled = await source.next();
      if (pulled.done || stopped()) break;
      const target = pulled.value;
      const waiting = busy.get(target.address);
      if (waiting) {
        waiting.push(target);
        parked++;
      } else {
        busy.set(target.address, []);
        begin(target);
      }
    }
  } finally {
    // A source that waits for ever must not hold a stopped run: it is told, not waited for.
    if (stopped()) void source.return?.();
    while (running.size > 0) await Promise.race(running);
  }
  if (failure) throw failure.thrown;
  return { done };
}
