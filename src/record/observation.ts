/** What a probe saw. Non-positive observations leave the prober in clear without an address; positive ones only sealed. */
import type { FindingKind, Protocol } from './glossary.ts';
import type { Instant } from './instant.ts';

/** An answer to the sweep: this address completes a TCP handshake on this port. */
export interface Hit {
  readonly address: string;
  readonly port: number;
  readonly at: Instant;
  /** What a raw sweep also sees of the answer; absent from one that connects. */
  readonly class?: ReplyClass;
  readonly ttl?: number;
  readonly window?: number;
  /** TCP options in their order, such as `M1460,S,T,N,W7`. */
  readonly options?: string;
}

/** How an address answered a SYN: open, closed, or a router's word that it cannot be reached. */
export type ReplyClass = 'syn-ack' | 'rst' | 'icmp';

/** Outcome of one conversation, mutually exclusive. CLOSED_AFTER_PASSWORD and NO_VERDICT are neither reject nor accept. */
export const OUTCOMES = [
  'REFUSED',
  'UNREACHABLE',
  'CONNECT_TIMEOUT',
  'BUSY',
  'CLOSED_EARLY',
  'SILENT',
  'IDLE_AFTER_SEND',
  'DEADLINE',
  'BYTE_CAP',
  'NOT_PROTOCOL',
  'NEGOTIATION_LOOP',
  'NO_PROMPT',
  'USER_REJECTED',
  'REJECT',
  'LOCKOUT',
  'THROTTLED',
  'SERVER_ERROR',
  'TLS_ERROR',
  'KEX_UNSUPPORTED',
  'CLOSED_AFTER_PASSWORD',
  'NO_VERDICT',
  'ACCEPT',
  'LOGIN_PROMPT',
  'OPEN_SESSION',
  'OPEN_PAGE',
  'NOT_A_LOGIN',
  'POLICY_STOP',
  'LOCAL_RESOURCE',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Verdict about one service. CLEAR means none of the tried pairs in this catalogue version; never "secure". */
export const VERDICTS = [
  'CLEAR',
  'WEAK',
  'WEAK_UNCONFIRMED',
  'NO_AUTH',
  'LOCKED_COOLING',
  'ACCEPTS_ANYTHING',
  'SUSPECT_DECEPTION',
  'NOT_A_LOGIN',
  'INCONCLUSIVE',
  'EXCLUDED',
  'OUT_OF_MANDATE',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What leaves the prober: deception of either sort is only ever `inconclusive` (invariant 10). */
export const REPORTED = [
  'positive',
  'clear',
  'locked',
  'not-a-login',
  'inconclusive',
  'excluded',
  'out-of-mandate',
] as const;
export type Reported = (typeof REPORTED)[number];

export const FIRMWARE_STATES = ['vulnerable', 'fixed', 'undetermined'] as const;
export type FirmwareState = (typeof FIRMWARE_STATES)[number];

/** A device as identified from what it says before any credential; identifiers only, never banner text. */
export interface Device {
  readonly vendor?: string;
  readonly model?: string;
  readonly firmware?: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** The knowledge rule that spoke. */
  readonly rule?: string;
}

/** Codes for the rule a credential breaks (research: ordinance art. 1 and the vendor-default class). */
export const RULE_CODES = [
  'NO_AUTH',
  'VENDOR_DEFAULT',
  'LT8',
  'SAME_CHAR',
  'SEQUENTIAL',
  'KNOWN_ATTACKED',
  'EQ_USER',
  'FIRMWARE',
] as const;
export type RuleCode = (typeof RULE_CODES)[number];

/** The part of an observation the centre may hold: no address, only the keyed hash that recognises it next round. */
export interface Observation {
  /** contentId of round, lineKey, port, protocol: the same service checked again in a round is the same observation. */
  readonly id: string;
  readonly round: string;
  readonly shard: number;
  readonly lineKey: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly at: Instant;
  readonly reported: Reported;
  /** An ID and password could be entered: what the programme's public table counts. */
  readonly prompt: boolean;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmwareState: FirmwareState | null;
  readonly catalogueVersion: string;
  /** Kinds this conversation completed and found absent: what may close a case as fixed. */
  readonly clears: readonly FindingKind[];
  /** Id of the ISP whose consent covers the address at `at`. */
  readonly isp: string;
}

/** The full evidence, which exists only inside the sealed envelope from the verdict on (invariant 8). */
export interface Evidence {
  readonly format: 'notice-evidence/1';
  readonly kind: FindingKind;
  readonly address: string;
  readonly port: number;
  readonly transport: 'tcp';
  readonly protocol: Protocol;
  readonly source: { readonly address: string; readonly port: number };
  readonly at: Instant;
  readonly clockErrorMs: number;
  readonly ruleCodes: readonly RuleCode[];
  readonly catalogueVersion: string;
  readonly device: Device;
}

/** A finding as the centre holds it: what, which ISP, which model; where is sealed. */
export interface SealedFinding {
  /** contentId of round, lineKey, kind, port. */
  readonly id: string;
  readonly round: string;
  readonly isp: string;
  readonly kind: FindingKind;
  readonly lineKey: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly at: Instant;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly ruleCodes: readonly RuleCode[];
  /** JWE compact serialisation to the ISP's sealing key, of a JWS by the prober's key over Evidence. */
  readonly sealed: string;
}

/** Which catalogue entry matched, apart from everything else, for the dispatcher of re-checks only. */
export interface MatchedPair {
  readonly findingId: string;
  readonly catalogueVersion: string;
  readonly ordinal: number;
}

/** One line of a prober's spool. */
export type SpoolRecord =
  | { readonly type: 'observation'; readonly observation: Observation }
  | { readonly type: 'finding'; readonly finding: SealedFinding }
  | { readonly type: 'pair'; readonly pair: MatchedPair }
  | { readonly type: 'sweep'; readonly sweep: SweepCount };

/** What one shard's sweep did; sent + excluded + refused = total, exactly. */
export interface SweepCount {
  readonly round: string;
  readonly shard: number;
  readonly total: number;
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  readonly done: boolean;
}
