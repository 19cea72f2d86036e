/**
 * Lets one try through: waits out the gap and the pace of the /24, takes it from the budget, writes it to the audit log, in
 * this order, before anything is sent. In: who, which account, which kind. Out: granted, or why not.
 */
import type { Audit, Budget, Grant, TryKind } from '../../mandate/authority.ts';
import type { Clocks } from '../../record/instant.ts';
import type { Target } from './knock.ts';

export interface ReserveDeps {
  readonly clocks: Clocks;
  readonly budget: Budget;
  readonly audit: Audit;
  readonly signal?: AbortSignal;
}

export interface TryOf {
  readonly account: string;
  readonly kind: TryKind;
  /** Ordinal in the catalogue; null for a decoy. */
  readonly ordinal: number | null;
  readonly catalogueVersion: string;
}

export interface Times {
  /** Monotonic: no try before this instant. The budget counts from reserving, this from the last byte sent. */
  readonly notBefore: number;
  /** Monotonic: no use in waiting beyond. */
  readonly notAfter: number;
}

type Refused = Exclude<Grant, { granted: true }>['why'];
export type Reserved = 'granted' | Exclude<Refused, 'gap'> | 'too-late' | 'aborted';

/** Two services of one device may meet here; the gap is won at latest after so many rounds. */
const MOST_WAITS = 64;

/** Resolves early when aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    if (signal?.aborted) over();
    else signal?.addEventListener('abort', over, { once: true });
  });
}

/** Now or not at all: reserved and logged when it returns a grant. Throws Fault when either cannot be written. */
export function reserveNow({ address, port, protocol }: Target, of: TryOf, deps: ReserveDeps): Grant {
  const { account, kind, ordinal, catalogueVersion } = of;
  const grant = deps.budget.reserve(address, account, kind);
  if (grant.granted)
    deps.audit.commit(kind, { address, port, protocol, account, ordinal, catalogue: catalogueVersion });
  return grant;
}

export async function reserveTry(target: Target, of: TryOf, times: Times, deps: ReserveDeps): Promise<Reserved> {
  const { clocks, signal } = deps;
  const { notAfter } = times;
  let until = times.notBefore;
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const ms = until - clocks.monotonic();
    if (until >= notAfter) return 'too-late';
    if (ms > 0) await wait(Math.ceil(ms), signal);
    if (signal?.aborted) return 'aborted';
    if (clocks.monotonic() < until) continue;
    const grant = reserveNow(target, of, deps);
    if (grant.granted) return 'granted';
    if (grant.why !== 'gap') return grant.why;
    until = clocks.monotonic() + Math.max(1, grant.retryAt - clocks.calendar());
  }
  return 'too-late';
}

/** Waits until the /24 has room for one conversation, which it then has: `leave` must follow. Else says why it never had. */
async function waitTurn(
  first: number,
  address: string,
  notAfter: number,
  { clocks, budget, signal }: ReserveDeps,
): Promise<'too-late' | 'aborted' | undefined> {
  for (let ms = first; ms > 0; ms = budget.pace.enter(address)) {
    if (clocks.monotonic() + ms >= notAfter) return 'too-late';
    await wait(ms, signal);
    if (signal?.aborted) return 'aborted';
  }
  return undefined;
}

/**
 * A place for one conversation with the /24, nearly always at once: undefined, or why it never came, which may have to be
 * waited for. With a place, `deps.budget.pace.leave` must follow the conversation.
 */
export function turnFor(
  address: string,
  notAfter: number,
  deps: ReserveDeps,
): Promise<'too-late' | 'aborted' | undefined> | undefined {
  const ms = deps.budget.pace.enter(address);
  return ms > 0 ? waitTurn(ms, address, notAfter, deps) : undefined;
}

/** Does `work`, which is one conversation, when the /24 has room for it; says why it never had. */
export async function inTurn<T>(
  address: string,
  notAfter: number,
  deps: ReserveDeps,
  work: () => Promise<T>,
): Promise<T | 'too-late' | 'aborted'> {
  const never = await turnFor(address, notAfter, deps);
  if (never) return never;
  try {
    return await work();
  } finally {
    deps.budget.pace.leave(address);
  }
}
