/**
 * A rule of deterministic NAT as the pools file has it. In: the entry `nat` of a pool. Out: the rule. Refused by the path of the
 * field: what makes no sense, what cannot hold all its customers, and a proof that the rule itself contradicts.
 */
import { z } from 'zod';
import { parseIpv4, parsePrefix } from '../../../../record/address.ts';
import { instantOf } from '../../../../record/instant.ts';
import { type NatRule, outsideOf, planOf } from './plan.ts';
import { standing } from './proven.ts';

const ipv4 = z.string().transform((text, context) => {
  const value = parseIpv4(text);
  if (value === undefined) context.addIssue({ code: 'custom', message: 'is no IPv4 address' });
  return value ?? 0;
});

const span = z.string().transform((text, context) => {
  const prefix = parsePrefix(text);
  if (prefix?.family !== 4) context.addIssue({ code: 'custom', message: 'is no IPv4 prefix' });
  return { base: Number(prefix?.base ?? 0), length: prefix?.length ?? 32 };
});

const instant = z
  .string()
  .transform((text, context) => {
    const at = instantOf(text);
    if (at === undefined) context.addIssue({ code: 'custom', message: 'is no ISO 8601 instant with a zone' });
    return at ?? 0;
  })
  .optional();

const port = z.int().min(0).max(65_535);
const MOST_PROOFS = 1_000;

export const natRuleShape = z
  .strictObject({
    inside: span,
    outside: span,
    /** Ports a block; 0 when the box divides by itself. */
    block: z.int().min(0).max(65_536),
    /** Never assumed: whether the first and last address of each prefix count. */
    insideBoundary: z.boolean(),
    outsideBoundary: z.boolean(),
    spread: z.enum(['full', 'even']).default('full'),
    portsFrom: port.default(1_024),
    portsTo: port.default(65_535),
    proofs: z.array(z.strictObject({ inside: ipv4, outside: ipv4, port })).max(MOST_PROOFS),
    validFrom: instant,
    validTo: instant,
  })
  .superRefine((rule: NatRule, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message, input: rule });
    if (rule.validFrom !== undefined && rule.validTo !== undefined && rule.validFrom >= rule.validTo)
      issue(['validTo'], 'is before validFrom');
    if (rule.portsFrom > rule.portsTo) {
      issue(['portsTo'], 'is below portsFrom');
      return;
    }
    const plan = planOf(rule);
    const ports = rule.portsTo - rule.portsFrom + 1;
    if (plan.block < 1 || plan.perAddress < 1)
      issue(['block'], 'leaves customers no port, or gives more than an address has');
    // The formula is then silent on blocks that would run over the end of an address.
    else if (rule.spread === 'full' && ports % plan.block !== 0)
      issue(['block'], `does not divide the ${ports} ports of an address evenly`);
    else if (!outsideOf(rule, plan.insideFirst + plan.insideCount - 1))
      issue(['outside'], 'is too small for all inside addresses');
    else if (standing(rule) === 'contradicted')
      issue(['proofs'], 'contradict the rule: is one of the boundary settings wrong?');
  });

/** The rules of one pool, with their times. */
export const natRulesShape = z.array(natRuleShape).min(1, 'is empty').max(10_000);

export type NatRuleEntry = z.input<typeof natRuleShape>;
