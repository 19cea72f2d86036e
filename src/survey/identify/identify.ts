/**
 * Names the device behind a service from what it says before any credential. In: greeting, realm, server, title. Out:
 * vendor, model, firmware and how sure we are; never the text itself. Rules of one product support each other.
 */
import type { Protocol } from '../../record/glossary.ts';
import type { Device } from '../../record/observation.ts';
import { FIELDS, type Field, OFF_LIMITS, RULES, type Rule } from './rules.ts';

export interface Said {
  readonly protocol: Protocol;
  readonly telnet?: string | undefined;
  readonly realm?: string | undefined;
  readonly server?: string | undefined;
  readonly title?: string | undefined;
}

export interface Identification {
  readonly device: Device;
  /** A medical, industrial or printing service: nothing may be tried on it. */
  readonly offLimits: boolean;
}

const MOST_TEXT = 4 * 1024;

export const UNKNOWN: Device = { confidence: 0 };

const RULES_OF: Readonly<Record<Field, readonly Rule[]>> = Object.fromEntries(
  FIELDS.map(field => [field, RULES.filter(rule => rule.field === field)]),
) as unknown as Record<Field, readonly Rule[]>;

export function identify(said: Said): Identification {
  let best: Rule | undefined;
  let confidence = 0;
  let firmware: string | undefined;
  let offLimits = false;
  const matches: { rule: Rule; firmware: string | undefined }[] = [];
  for (const field of FIELDS) {
    const text = said[field]?.slice(0, MOST_TEXT);
    if (!text) continue;
    offLimits ||= OFF_LIMITS.some(pattern => pattern.test(text));
    for (const rule of RULES_OF[field]) {
      const m = rule.pattern.exec(text);
      if (!m) continue;
      matches.push({ rule, firmware: m.groups?.firmware });
      if (!best || rule.confidence > best.confidence) best = rule;
    }
  }
  if (!best) return { device: UNKNOWN, offLimits };
  for (const { rule, firmware: version } of matches) {
    if (rule.vendor !== best.vendor || rule.model !== best.model) {
      // Two products at once: somebody imitates one of them.
      return { device: UNKNOWN, offLimits };
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
  };
}
