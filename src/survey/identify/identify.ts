/**
 * Names the device behind a service from what it says before any credential. In: greeting, SSH identification, FTP welcome, realm,
 * server, title. Out: vendor, model, firmware, how sure we are, and hints; never the text itself. Rules of one product support each other.
 */
import type { Protocol } from '../../record/glossary.ts';
import type { Device } from '../../record/observation.ts';
import { HINTS, type Hint } from './deceptive.ts';
import { FIELDS, type Field, OFF_LIMITS, RULES, type Rule } from './rules.ts';

export interface Said {
  readonly protocol: Protocol;
  /** The greeting as shown. */
  readonly telnet?: string | undefined;
  /** The identification string (RFC 4253 section 4.2). */
  readonly ssh?: string | undefined;
  /** The reply that opens the connection (RFC 959), codes and all its lines. */
  readonly ftp?: string | undefined;
  readonly realm?: string | undefined;
  readonly server?: string | undefined;
  readonly title?: string | undefined;
}

export interface Identification {
  readonly device: Device;
  /** A medical, industrial or printing service: nothing may be tried on it. */
  readonly offLimits: boolean;
  /** It looks like a decoy: a hint, never a reason to report it or to leave it out. */
  readonly deceptive: boolean;
}

const MOST_TEXT = 4 * 1024;

export const UNKNOWN: Device = { confidence: 0 };

const byField = <T extends { readonly field: Field }>(all: readonly T[]): Readonly<Record<Field, readonly T[]>> =>
  Object.fromEntries(FIELDS.map(field => [field, all.filter(one => one.field === field)])) as unknown as Record<
    Field,
    readonly T[]
  >;
const RULES_OF: Readonly<Record<Field, readonly Rule[]>> = byField(RULES);
const HINTS_OF: Readonly<Record<Field, readonly Hint[]>> = byField(HINTS);

export function identify(said: Said): Identification {
  let best: Rule | undefined;
  let confidence = 0;
  let firmware: string | undefined;
  let offLimits = false;
  let deceptive = false;
  const matches: { rule: Rule; firmware: string | undefined }[] = [];
  for (const field of FIELDS) {
    const text = said[field]?.slice(0, MOST_TEXT);
    if (!text) continue;
    offLimits ||= OFF_LIMITS.some(pattern => pattern.test(text));
    deceptive ||= HINTS_OF[field].some(({ pattern }) => pattern.test(text));
    for (const rule of RULES_OF[field]) {
      const m = rule.pattern.exec(text);
      if (!m) continue;
      matches.push({ rule, firmware: m.groups?.firmware });
      if (!best || rule.confidence > best.confidence) best = rule;
    }
  }
  if (!best) return { device: UNKNOWN, offLimits, deceptive };
  for (const { rule, firmware: version } of matches) {
    if (rule.vendor !== best.vendor || rule.model !== best.model) {
      // Two products at once: somebody imitates one of them.
      return { device: UNKNOWN, offLimits, deceptive: true };
    }
    confidence = 1 - (1 - confidence) * (1 - rule.confidence);
    firmware ??= version;
  }
  return {
    device: {
      vendor: best.vendor,
      model: best.model,
      confidence: Math.round(Math.min(0.99, confidence) * 100) / 100,
      rule: best.id,
      ...(firmware === undefined ? {} : { firmware }),
    },
    offLimits,
    deceptive,
  };
}
