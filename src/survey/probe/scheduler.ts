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
  /** Busy addresses, each with those waiting for it; null for nearly all. */
  const busy = new Map<string, T[] | null>();
  let running = 0;
  let parked = 0;
  let done = 0;
  let failure: { thrown: unknown } | undefined;
  const stopped = () => signal?.aborted === true || failure !== undefined;

  // One waiter at a time, woken by whatever happens: a race over all running checks would cost each of them for each target.
  let wake = () => {};
  const happening = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort);

  // One function and no chain of promises: whatever is kept for a check under way is kept ten thousand times.
  const begin = async (target: T): Promise<void> => {
    running++;
    try {
      await onResult(target, await check(target));
      done++;
    } catch (thrown) {
      failure ??= { thrown };
    }
    running--;
    const next = busy.get(target.address)?.shift();
    if (next === undefined) busy.delete(target.address);
    else {
      parked--;
      if (!stopped()) void begin(next);
    }
    wake();
  };

  const source = Symbol.asyncIterator in targets ? targets[Symbol.asyncIterator]() : targets[Symbol.iterator]();
  let pulling = false;
  let dry = false;
  const pull = async () => {
    pulling = true;
    try {
      const pulled = await source.next();
      if (pulled.done || stopped()) dry = true;
      else {
        const target = pulled.value;
        const waiting = busy.get(target.address);
        if (waiting === undefined) {
          busy.set(target.address, null);
          void begin(target);
        } else {
          if (waiting) waiting.push(target);
          else busy.set(target.address, [target]);
          parked++;
        }
      }
    } catch (thrown) {
      failure ??= { thrown };
    }
    pulling = false;
    wake();
  };

  while (!stopped() && !(dry && running === 0)) {
    if (!dry && !pulling && running < concurrency && parked < concurrency) void pull();
    await happening();
  }
  // A source that stays silent for ever must not hold a stopped run: it is told, not waited for.
  if (!dry) void source.return?.();
  while (running > 0) await happening();
  signal?.removeEventListener('abort', onAbort);
  if (failure) throw failure.thrown;
  return { done };
}
