/**
 * The shapes of the legal paper: mandate, consent, exclusions, trust. All are JSON; what is signed is the RFC 8785
 * canonical form of `body`. Instants inside signed paper are ISO 8601 text in UTC, because people read them.
 */
import type { Act, PoolKind, Protocol } from './glossary.ts';

/** An Ed25519 signature (RFC 8032) over the canonical body; base64url without padding. */
export interface Signature {
  /** Who signs: `operator`, `authority`, or an ISP's id. */
  readonly by: string;
  /** Key id: the first 16 hex digits of SHA-256 over the raw public key. */
  readonly key: string;
  readonly signature: string;
}

export interface Signed<Body> {
  readonly body: Body;
  readonly signatures: readonly Signature[];
}

export interface Person {
  readonly name: string;
  readonly department: string;
  readonly contact: string;
}

/** A service the mandate names: nothing may be sent to a port that is not here, and only the acts named. */
export interface MandatePort {
  readonly port: number;
  readonly protocol: Protocol;
  readonly acts: readonly Act[];
}

/** Sends allowed in any window w: perSecond × w + burst. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface MandateLimits {
  /** Sweep packets (connects), whole mandate. */
  readonly total: Rate;
  readonly perIsp: Rate;
  readonly per24: Rate;
  /** Credential tries (attempts and decoys) on one device a day. */
  readonly triesPerDevicePerDay: number;
  /** Tries with one account name on one device a day. */
  readonly triesPerAccountPerDay: number;
  /** Catalogue pairs tried on one device in one round, decoys not counted. Absent: as many as its days allow. */
  readonly triesPerDevicePerRound?: number;
  /** Tries in one /24 a day. Absent: the default of mandate/try-limits.ts. */
  readonly triesPer24PerDay?: number;
  /** Tries at one ISP a day, all probers together. Absent: the default of mandate/try-limits.ts. */
  readonly triesPerIspPerDay?: number;
  /** Least gap between two tries on one device, ms. */
  readonly gapMs: number;
}

/** Deadlines of a conversation, all ms and absolute from its start unless said. */
export interface MandateDeadlines {
  readonly connectMs: number;
  /** Quiet time after which a peer has finished speaking. */
  readonly settleMs: number;
  readonly conversationMs: number;
  /** All conversations with one device in one round. */
  readonly checkMs: number;
}

/** The plan, with what the Japanese ordinances ask for (2018 Ordinance 61 art. 2, 2024 Ordinance 11) and what the engine needs. */
export interface MandateBody {
  readonly format: 'notice-mandate/1';
  readonly id: string;
  readonly legalBasis: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly organisation: { readonly name: string; readonly contact: string };
  readonly staff: readonly Person[];
  /** Where probes come from, and since when the public can know it. */
  readonly sources: {
    readonly addresses: readonly string[];
    readonly publishedAt: string;
    readonly publishedAs: string;
  };
  readonly facilities: readonly string[];
  readonly targets: readonly { readonly isp: string; readonly prefixes: readonly string[] }[];
  readonly identifiers: {
    readonly policy: string;
    readonly catalogueVersion: string;
    readonly catalogueSha256: string;
  };
  readonly ports: readonly MandatePort[];
  /** Ports of mandate/ceilings.ts that both parties sign for one by one: they may be swept, and nothing else. */
  readonly neverTouch?: readonly { readonly port: number; readonly reason: string }[];
  /** JST hours of the day in which packets may leave, `HH:MM`; `00:00` to `24:00` is always. */
  readonly hours: { readonly from: string; readonly to: string };
  readonly limits: MandateLimits;
  readonly deadlines: MandateDeadlines;
  /** Decoys count against the account's cap. Absent permission is denial. */
  readonly decoys: { readonly permitted: boolean; readonly perDevicePerDay: number };
  readonly noLoginChecks: { readonly permitted: boolean };
  readonly records: { readonly security: string; readonly outsourcing: string };
}
export type Mandate = Signed<MandateBody>;

/** One ISP's monthly list. `signing` and `sealing` are its raw public keys (Ed25519, X25519), base64url. */
export interface ConsentBody {
  readonly format: 'notice-consent/1';
  readonly isp: string;
  readonly displayName: string;
  readonly signedAt: string;
  readonly prefixes: readonly { readonly prefix: string; readonly pool: PoolKind }[];
  readonly sealing: string;
}
export type Consent = Signed<ConsentBody>;

export interface TrustedKey {
  readonly key: string;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
}

/** Who may sign, pinned out of band, and the widest space any paper under this trust may name. */
export interface Trust {
  readonly format: 'notice-trust/1';
  readonly operator: readonly TrustedKey[];
  readonly authority: readonly TrustedKey[];
  readonly isps: Readonly<Record<string, readonly TrustedKey[]>>;
  readonly within: readonly string[];
}
