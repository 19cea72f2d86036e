/**
 * Deterministic NAT: which inside address has which block of ports, by arithmetic alone (the idea of RFC 7422; the formulas are
 * those of Junos). In: a rule and an address of either side. Out: the block, or who is behind (address, port). Nothing here
 * asks whether the rule is true; `proven.ts` does.
 */
import type { Onward, Valid } from '../../chain.ts';

/** An IPv4 prefix. */
export interface Span {
  readonly base: number;
  readonly length: number;
}

/** The settings of a box that cannot be seen from outside, and that move everybody when they are written down wrong. */
export interface Settings {
  /** Whether the first and last address of the prefix count, inside and outside. */
  readonly insideBoundary: boolean;
  readonly outsideBoundary: boolean;
  /** `full`: as many blocks an outside address as fit (Junos). `even`: ceil(inside addresses / outside addresses). */
  readonly spread: 'full' | 'even';
}

/** Somebody behind `inside` was seen outside as (outside, port). */
export interface Seen {
  readonly inside: number;
  readonly outside: number;
  readonly port: number;
}

export interface NatRule extends Settings, Valid {
  readonly inside: Span;
  readonly outside: Span;
  /** Ports a block; 0 lets the box divide: int(ports / ceil(inside addresses / outside addresses)). */
  readonly block: number;
  /** First and last port that customers get; Junos: 1024 and 65535. */
  readonly portsFrom: number;
  readonly portsTo: number;
  readonly proofs: readonly Seen[];
}

export interface Block {
  readonly address: number;
  readonly portFrom: number;
  readonly portTo: number;
}

export interface Plan {
  /** First inside address that counts, and how many do. */
  readonly insideFirst: number;
  readonly insideCount: number;
  readonly outsideFirst: number;
  readonly outsideCount: number;
  /** 0 when the blocks of an address do not fit into it. */
  readonly block: number;
  /** Blocks an outside address has. */
  readonly perAddress: number;
}

/** A /31 or /32 has no boundary addresses (RFC 3021). */
function usable({ base, length }: Span, boundary: boolean): readonly [first: number, count: number] {
  const size = 2 ** (32 - length);
  return boundary || size <= 2 ? [base, size] : [base + 1, size - 2];
}

export function planOf(rule: Omit<NatRule, 'proofs'>): Plan {
  const [insideFirst, insideCount] = usable(rule.inside, rule.insideBoundary);
  const [outsideFirst, outsideCount] = usable(rule.outside, rule.outsideBoundary);
  const ports = rule.portsTo - rule.portsFrom + 1;
  const ratio = Math.ceil(insideCount / outsideCount);
  const asked = rule.block || Math.floor(ports / ratio);
  const perAddress = rule.spread === 'even' ? ratio : asked < 1 ? 0 : Math.floor(ports / asked);
  const block = perAddress * asked <= ports ? asked : 0;
  return { insideFirst, insideCount, outsideFirst, outsideCount, block, perAddress };
}

/** The block of an inside address; undefined when the rule gives it none. */
export function outsideOf(rule: NatRule, inside: number): Block | undefined {
  const plan = planOf(rule);
  const offset = inside - plan.insideFirst;
  if (offset < 0 || offset >= plan.insideCount || plan.block < 1 || plan.perAddress < 1) return undefined;
  const nth = Math.floor(offset / plan.perAddress);
  if (nth >= plan.outsideCount) return undefined;
  const portFrom = rule.portsFrom + (offset % plan.perAddress) * plan.block;
  return { address: plan.outsideFirst + nth, portFrom, portTo: portFrom + plan.block - 1 };
}

const none = (verdict: Extract<Onward, { to: 'none' }>['verdict'], why: string): Onward => ({
  to: 'none',
  verdict,
  why,
});

/** Who is behind (address, port), when the rule is true. */
export function behind(rule: NatRule, plan: Plan, address: number, port: number): Onward {
  if (port < rule.portsFrom || port > rule.portsTo)
    return none('shared_port_impossible', `the carrier NAT gives nobody port ${port}, only from ${rule.portsFrom} up`);
  const nth = address - plan.outsideFirst;
  if (nth < 0 || nth >= plan.outsideCount)
    return none('none_unassigned', 'the rule of the carrier NAT gives this address to nobody');
  const within = Math.floor((port - rule.portsFrom) / plan.block);
  if (within >= plan.perAddress)
    return none('shared_port_impossible', 'the port lies after the last block that the carrier NAT gives away');
  const offset = nth * plan.perAddress + within;
  return offset < plan.insideCount
    ? { to: 'inside', address: plan.insideFirst + offset }
    : none('none_unassigned', 'the block belongs to no inside address of the rule');
}
