/**
 * A day of a carrier NAT whose truth is known, for tests: customers take and give back blocks of ports, the box logs it, and some of
 * what it logs never arrives. In: chance. Out: who really held what, and the records in the order they were sent.
 */
import type { Instant } from '../../../record/instant.ts';

export interface Stay {
  /** Index of the customer's inside address. */
  readonly inside: number;
  readonly outside: number;
  readonly first: number;
  readonly from: Instant;
  readonly to: Instant;
}

export interface Sent {
  readonly what: 'begin' | 'alive' | 'end';
  readonly at: Instant;
  readonly stay: Stay;
  /** Counts from 0, whether it arrives or not. */
  readonly number: number;
  readonly arrives: boolean;
}

export interface Plan {
  readonly random: () => number;
  readonly begin: Instant;
  readonly lengthMs: number;
  readonly insides: number;
  readonly outsides: number;
  readonly blocks: number;
  readonly size: number;
  /** Between records that a block is still held; none without. */
  readonly interimMs?: number;
  /** Of each record, and of stretches in which nothing arrives. */
  readonly loss: number;
  readonly outages: number;
  readonly outageMs: number;
}

export function aDay(plan: Plan): { readonly stays: readonly Stay[]; readonly sent: readonly Sent[] } {
  const { random, begin, lengthMs, insides, outsides, blocks, size, loss } = plan;
  const stays: Stay[] = [];
  for (let outside = 0; outside < outsides; outside++)
    for (let block = 0; block < blocks; block++) {
      // Blocks are given away again at once or later; often to one who had them before.
      let now = begin + random() * 3_600_000;
      while (now < begin + lengthMs) {
        const to = now + 60_000 + random() * random() * 3 * 3_600_000;
        const inside = Math.floor(random() * random() * insides);
        stays.push({ inside, outside, first: 1_024 + block * size, from: Math.round(now), to: Math.round(to) });
        now = to + (random() < 0.4 ? 0 : random() * 1_800_000);
      }
    }
  const outages = Array.from({ length: plan.outages }, () => begin + random() * lengthMs);
  const isOut = (at: Instant) => outages.some(from => from <= at && at < from + plan.outageMs);
  const sent = stays
    .flatMap(stay => {
      const { from, to } = stay;
      const alive: { what: Sent['what']; at: Instant; stay: Stay }[] = [];
      if (plan.interimMs !== undefined)
        for (let at = from + plan.interimMs; at < to; at += plan.interimMs) alive.push({ what: 'alive', at, stay });
      return [{ what: 'begin' as const, at: from, stay }, ...alive, { what: 'end' as const, at: to, stay }];
    })
    // What ends goes before what begins at the same instant.
    .sort((a, b) => a.at - b.at || Number(b.what === 'end') - Number(a.what === 'end'))
    .filter(record => record.at < begin + lengthMs)
    .map((record, number): Sent => ({ ...record, number, arrives: random() >= loss && !isOut(record.at) }));
  return { stays, sent };
}

/** Mulberry32 (T. Ettinger): fair enough to make a world from a seed. */
export function seeded(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
