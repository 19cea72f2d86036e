/**
 * The centre's compartment (schema `centre`). No address, no code, no subscriber: kinds, ports, models, ISPs, keyed
 * hashes, sealed envelopes. Instants are bigint ms UTC, read as numbers; JSON columns hold text.
 */

import type { IdentificationVerdict } from '../assignment.ts';
import type { ActionCode } from '../bundle.ts';
import type { CaseState } from '../case.ts';
import type { FindingKind, Protocol } from '../glossary.ts';
import type { FirmwareState, Reported } from '../observation.ts';

export interface CentreTables {
  round: {
    id: string;
    month: string;
    mandate_id: string;
    mandate_digest: string;
    addresses: number;
    started_at: number;
    finished_at: number | null;
    state: 'running' | 'done' | 'stopped';
  };
  sweep_count: {
    round: string;
    shard: number;
    total: number;
    sent: number;
    excluded: number;
    answered: number;
    done: boolean;
  };
  observation: {
    id: string;
    round: string;
    shard: number;
    isp: string;
    line_key: string;
    port: number;
    protocol: Protocol;
    at: number;
    reported: Reported;
    prompt: boolean;
    vendor: string | null;
    model: string | null;
    firmware_state: FirmwareState | null;
    catalogue_version: string;
    /** JSON array of FindingKind. */
    clears: string;
  };
  /** Login prompts among a round's observations that are gone by age, so that its month can still be counted. */
  dropped_prompts: { round: string; prompts: number };
  finding: {
    id: string;
    round: string;
    isp: string;
    kind: FindingKind;
    line_key: string;
    port: number;
    protocol: Protocol;
    at: number;
    vendor: string | null;
    model: string | null;
    /** JSON array of RuleCode. */
    rule_codes: string;
    sealed: string;
  };
  /** Read by the dispatcher of re-checks only; erased when the case closes. Holds no address and no line key. */
  matched_pair: { finding_id: string; catalogue_version: string; ordinal: number };
  case: {
    id: string;
    isp: string;
    kind: FindingKind;
    line_key: string;
    port: number;
    protocol: Protocol;
    vendor: string | null;
    model: string | null;
    state: CaseState;
    returned: boolean;
    first_seen: number;
    last_seen: number;
    rounds_unseen: number;
    closed_at: number | null;
    finding_id: string;
    /** Rises on a collision of alert codes, so that re-sealing gives the same code. */
    code_generation: number;
  };
  bundle: {
    isp: string;
    seq: number;
    prev: string;
    digest: string;
    sealed: string;
    rows: number;
    month: string;
    created_at: number;
    state: 'queued' | 'delivered' | 'acknowledged';
    delivered_at: number | null;
    acknowledged_at: number | null;
  };
  /** What each bundle carried, so that nothing is handed over twice or never. */
  bundle_row: {
    isp: string;
    seq: number;
    case_id: string;
    type: 'case' | 'close' | 'revoke';
    /** The finding a `case` row carried: a case whose finding is another one by now is handed over again. */
    finding_id: string | null;
  };
  receipt: { isp: string; seq: number; digest: string; accepted: number; rejected: number; at: number };
  feedback: {
    isp: string;
    case_id: string;
    revision: number;
    verdict: IdentificationVerdict;
    action: ActionCode;
    day: string;
    received_at: number;
  };
  /** One monthly release: figures as canonical JSON, frozen with a digest. */
  release: { month: string; figures: string; digest: string; state: 'draft' | 'frozen'; frozen_at: number | null };
  audit_root: { day: string; root: string; entries: number };
}
