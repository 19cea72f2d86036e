/**
 * One mapping rule of MAP-E (RFC 7597 §5) or MAP-T (RFC 7599 §5), as the ISP writes it and as we reckon with it. In: an entry
 * of a pool's `map`. Out: numbers, or what is wrong with which field. All of a rule that is not said follows from lengths:
 *
 *   end-user IPv6 prefix = rule IPv6 prefix, then EA bits          EA bits = rest of the IPv4 address, then PSID
 *   port                 = A (psidOffset bits), PSID, then the rest
 */
import { z } from 'zod';
import { parsePrefix } from '../../../record/address.ts';
import { instantOf } from '../../../record/instant.ts';
import type { Valid } from '../chain.ts';

export interface MapRule extends Valid {
  readonly kind: 'map-e' | 'map-t';
  /** Unsigned 32 bits. */
  readonly ipv4Base: number;
  readonly ipv4Length: number;
  readonly ipv6Base: bigint;
  readonly ipv6Length: number;
  readonly eaBits: number;
  /** Bits of the IPv4 address that are in the EA bits; fewer than the address lacks where a line has an IPv4 prefix. */
  readonly suffixBits: number;
  /** Leading bits of a port that are not all zero (a); 0 where a line has every port. */
  readonly psidOffset: number;
  /** k; 0 where a line has every port. */
  readonly psidLength: number;
  /** Set where the rule is about one port set; else the PSID is the end of the EA bits. */
  readonly psid: number | undefined;
  /** Bits of an end-user IPv6 prefix: rule prefix and EA bits. */
  readonly endUserLength: number;
}

const instant = z
  .string('must be text')
  .refine(text => instantOf(text) !== undefined, 'must be an instant with its zone, such as 2026-11-01T00:00:00Z');

const whole = (least: number, most: number) =>
  z.int('must be a whole number').min(least, `must be ${least} or more`).max(most, `must be ${most} or less`);

const ENTRY = z.strictObject({
  kind: z.enum(['map-e', 'map-t'], 'must be map-e or map-t'),
  ipv4Prefix: z.string('must be text'),
  ipv6Prefix: z.string('must be text'),
  eaBits: whole(0, 48),
  psidOffset: whole(0, 15).optional(),
  psidLength: whole(0, 16).optional(),
  psid: whole(0, 65_535).optional(),
  validFrom: instant.optional(),
  validTo: instant.optional(),
});
export type MapRuleEntry = z.input<typeof ENTRY>;
type Field = keyof MapRuleEntry;

interface Wrong {
  readonly field: Field;
  readonly what: string;
}
const wrong = (field: Field, what: string): Wrong => ({ field, what });

/** The lengths must fit one another, or the rule would name some other line's prefix. */
function ruleOf(entry: z.output<typeof ENTRY>): MapRule | Wrong {
  const ipv4 = parsePrefix(entry.ipv4Prefix);
  if (ipv4?.family !== 4) return wrong('ipv4Prefix', 'must be an IPv4 prefix without host bits');
  const ipv6 = parsePrefix(entry.ipv6Prefix);
  if (ipv6?.family !== 6) return wrong('ipv6Prefix', 'must be an IPv6 prefix without host bits');
  const { eaBits, psid } = entry;
  if (ipv6.length + eaBits > 128) return wrong('eaBits', `do not fit behind a prefix of ${ipv6.length} bits`);
  const lacking = 32 - ipv4.length;
  const inEa = Math.max(0, eaBits - lacking);
  const psidLength = entry.psidLength ?? inEa;
  if (eaBits !== lacking && psidLength !== inEa)
    return wrong('psidLength', `must be ${inEa}, which is what the EA bits leave after the IPv4 address`);
  if (psidLength > 16) return wrong('eaBits', `leave ${psidLength} bits for the PSID, and a port has 16`);
  if (psid !== undefined && (inEa > 0 || psidLength === 0))
    return wrong('psid', inEa > 0 ? 'is in the EA bits already' : 'says nothing without psidLength');
  if (psid === undefined && psidLength > inEa) return wrong('psid', 'is missing: the EA bits do not hold it');
  if (psid !== undefined && psid >= 2 ** psidLength) return wrong('psid', `does not fit in ${psidLength} bits`);
  if (psidLength > 0 && entry.psidOffset === undefined)
    return wrong('psidOffset', 'is missing: lines share the addresses of this rule');
  const psidOffset = psidLength === 0 ? 0 : (entry.psidOffset ?? 0);
  if (psidOffset + psidLength > 16) return wrong('psidOffset', `leaves no ${psidLength} bits of a port for the PSID`);
  const validFrom = entry.validFrom === undefined ? undefined : instantOf(entry.validFrom);
  const validTo = entry.validTo === undefined ? undefined : instantOf(entry.validTo);
  if (validFrom !== undefined && validTo !== undefined && validFrom >= validTo)
    return wrong('validTo', 'must be later than validFrom');
  return {
    kind: entry.kind,
    ipv4Base: Number(ipv4.base),
    ipv4Length: ipv4.length,
    ipv6Base: ipv6.base,
    ipv6Length: ipv6.length,
    eaBits,
    suffixBits: Math.min(eaBits, lacking),
    psidOffset,
    psidLength,
    psid,
    endUserLength: ipv6.length + eaBits,
    validFrom,
    validTo,
  };
}

/** zod schema of one entry; each issue carries the path of its field. */
export const mapRuleShape = ENTRY.transform((entry, context): MapRule => {
  const rule = ruleOf(entry);
  if (!('field' in rule)) return rule;
  context.addIssue({ code: 'custom', path: [rule.field], message: rule.what, input: entry });
  return z.NEVER;
});
