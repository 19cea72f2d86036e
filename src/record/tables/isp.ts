/**
 * One ISP's compartment (schema `isp_<id>`): its own cases opened, whose line it was, its alerts. Lines are agent-local numbers;
 * which customer a number is stands in the sealed map beside the logs. Contact data stays with the ISP's own source and in an
 * alert row only while that alert is open.
 */
import type { AlertState, Channel, Message } from '../alert.ts';
import type { IdentificationVerdict } from '../assignment.ts';
import type { FindingKind, Protocol } from '../glossary.ts';
import type { IncidentTeller, Outcome } from '../incident.ts';

export interface IspTables {
  bundle: { seq: number; digest: string; received_at: number; rows: number };
  case: {
    id: string;
    kind: FindingKind;
    protocol: Protocol;
    vendor: string | null;
    model: string | null;
    alert_code: string;
    address: string;
    port: number;
    seen_at: number;
    clock_error_ms: number;
    state: 'open' | 'closed' | 'revoked';
    closed_reason: string | null;
    closed_at: number | null;
    verdict: IdentificationVerdict | null;
    why: string | null;
    /** Agent-local number of the line, in decimal; null unless the verdict is `unique`. */
    subscriber: string | null;
    /** The bundle that brought its last sighting: cases of one bundle and one device are identified together. */
    bundle_seq: number;
    /** When the logs were last asked, and what they were asked with; null before. */
    verdict_at: number | null;
    /** JSON array of the log sources that the verdict rests on. */
    sources: string | null;
    verdict_digest: string | null;
    /** Somebody said "this is not mine": nothing leaves until a person has cleared it; a confirmed one is never cleared. */
    disputed_at: number | null;
    /** Revision of the feedback already sent. */
    feedback_revision: number;
    feedback_sent: boolean;
  };
  alert: {
    /** Also the Message-ID's local part: the same alert always has the same one. */
    id: string;
    case_id: string;
    subscriber: string;
    channel: Channel;
    message: Message;
    due_at: number;
    state: AlertState;
    sent_at: number | null;
    ended_reason: string | null;
    /** File name of the letter, or the mail's recipient; null once the alert's case is closed. */
    delivered_to: string | null;
    /** Given to people who send by hand: `handed` until they say what came of it. Null where the agent itself sends. */
    outcome: 'handed' | Outcome | null;
  };
  /** Two people must release a halt (invariant 14). */
  halt: { id: string; since: number; reason: string; released_by: string; released_at: number | null };
  /** "This is not mine": what was asked, which holds were read and why, without any other person's data. */
  incident: {
    id: string;
    case_id: string;
    told_by: IncidentTeller;
    opened_at: number;
    state: 'open' | 'confirmed' | 'cleared';
    /** JSON (IncidentRecord). */
    record: string;
    /** JSON array of {act, by, at, why}. */
    acts: string;
  };
  /** Log sources that decided a disputed case: nothing is `unique` by them until a person has cleared them. */
  quarantine: { source: string; incident_id: string; since: number; cleared_at: number | null };
}
