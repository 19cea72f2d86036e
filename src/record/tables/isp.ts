/**
 * One ISP's compartment (schema `isp_<id>`): its own cases opened, whose line it was, its alerts. Contact data stays in
 * the ISP's own customer file and in an alert row only while that alert is open.
 */
import type { AlertState, Channel, Message } from '../alert.ts';
import type { IdentificationVerdict } from '../assignment.ts';
import type { FindingKind, Protocol } from '../glossary.ts';

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
    /** The ISP's own line id; null unless the verdict is `unique`. */
    subscriber: string | null;
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
  };
  /** Two people must release a halt (invariant 14). */
  halt: { id: string; since: number; reason: string; released_by: string; released_at: number | null };
}
