/**
 * The caps that no step of the ladder may break, counted over all kinds and channels. In: every alert so far, now, the desk's
 * capacity. Out: who may still get a message today. A message that reached nobody does not use up the ten days, but two of
 * those do; a message about several cases of a line counts once.
 */
import { DAY, dayOf, type Instant } from '../../record/instant.ts';
import type { LadderAlert } from './ladder.ts';

export const SPACING = 10 * DAY;
export const UNREACHED_MOST = 2;
export const PER_CASE = 4;

export interface LadderCaps {
  caseFree(caseId: string): boolean;
  refuses(subscriber: string): 'spacing' | 'desk-capacity' | undefined;
  /** Counts one more message to a subscriber today. */
  take(subscriber: string): void;
}

export function openCaps(alerts: readonly LadderAlert[], now: Instant, deskCapacityPerDay: number): LadderCaps {
  // Withdrawn after the hand-over began still counts: it may have arrived.
  const begun = alerts.filter(a => a.sentAt !== null);
  const perCase = new Map<string, Set<string>>();
  for (const a of begun) perCase.set(a.caseId, (perCase.get(a.caseId) ?? new Set()).add(a.messageId));
  const messages = new Map(begun.map(a => [a.messageId, a]));
  const recent = [...messages.values()].filter(a => (a.sentAt ?? 0) > now - SPACING);
  const arrived = new Set(recent.filter(a => a.state !== 'bounced').map(a => a.subscriber));
  const unreached = Map.groupBy(
    recent.filter(a => a.state === 'bounced'),
    a => a.subscriber,
  );
  const today = [...messages.values()].filter(a => dayOf(a.sentAt ?? 0) === dayOf(now)).length;
  let left = Math.max(0, Math.floor(deskCapacityPerDay) - today);
  return {
    caseFree: caseId => (perCase.get(caseId)?.size ?? 0) < PER_CASE,
    refuses: subscriber => {
      if (arrived.has(subscriber)) return 'spacing';
      if ((unreached.get(subscriber)?.length ?? 0) >= UNREACHED_MOST) return 'spacing';
      return left <= 0 ? 'desk-capacity' : undefined;
    },
    take: subscriber => {
      arrived.add(subscriber);
      left--;
    },
  };
}
