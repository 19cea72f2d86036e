/**
 * Lets one try through: waits out the gap, takes it from the budget, writes it to the audit log, in this order, before
 * anything is sent. In: who, which account, which kind. Out: granted, or why not.
 */
import type { Audit, Budget, TryKind } from '../../mandate/authority.ts';
import type { Clocks } from '../../record/instant.ts';
import type { Target } from './knock.ts';

export interface ReserveDeps {
  readonly clocks: Clocks;
  readonly budget: Budget;
  readonly audit: Audit;
  readonly signal?: AbortSignal;
}

export interface TryRequest {
  readonly account: string;
  readonly kind: TryKind;
  /** Ordinal in the catalogue; null for a decoy. */
  readonly ordinal: number | null;
  readonly catalogueVersion: string;
  /** Monotonic: no try before this instant. The budget counts from reserving, this from the last byte sent. */
  readonly notBefore: number;
  /** Monotonic: no use in waiting beyond. */
  readonly notAfter: number;
}

export type Reserved = 'granted' | 'device-day' | 'account-day' | 'decoy-day' | 'stopped' | 'too-late' | 'aborted';

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

export async function reserveTry(target: Target, request: TryRequest, deps: ReserveDeps): Promise<Reserved> {
  const { clocks, budget, audit, signal } = deps;
  const { account, kind, ordinal, catalogueVersion, notAfter } = request;
  let until = request.notBefore;
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const ms = until - clocks.monotonic();
    if (until >= notAfter) return 'too-late';
    if (ms > 0) await wait(Math.ceil(ms), signal);
    if (signal?.aborted) return 'aborted';
    if (clocks.monotonic() < until) continue;
    const grant = budget.reserve(target.address, account, kind);
    if (grant.granted) {
      const { address, port, protocol } = target;
      audit.commit(kind, { address, port, protocol, account, ordinal, catalogue: catalogueVersion });
      return 'granted';
    }
    if (grant.why !== 'gap') return grant.why;
    until = clocks.monotonic() + Math.max(1, grant.retryAt - clocks.calendar());
  }
  return 'too-late';
}
