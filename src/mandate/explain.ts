/**
 * What a paper allows and does not, for people who have to answer for it. In: a paper that loaded, the gate compiled from
 * it, an instant. Out: facts as data, and the same as plain lines.
 */
import { parsePrefix } from '../record/address.ts';
import type { Act, Protocol } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, dayOf, instantOf } from '../record/instant.ts';
import type { Gate, Refusal } from './authority.ts';
import { CEILINGS, neverTouch } from './ceilings.ts';
import { consentEndOf } from './consents.ts';
import { openAddresses } from './gate.ts';
import { paceLimitsOf } from './pace.ts';
import type { Paper } from './paper.ts';
import { mergedRanges } from './range-table.ts';
import { isOwnScope } from './rules.ts';
import { scheduleOf } from './schedule.ts';
import { scopeRanges } from './scope.ts';
import { SPACE_BLOCKS } from './special-space.ts';
import { tryLimitsOf } from './try-limits.ts';

export interface IspExplained {
  readonly isp: string;
  readonly name: string;
  readonly consentDaysLeft: number;
  /** IPv4 addresses: named = allowed + excluded + unproven + reserved. */
  readonly named: number;
  readonly allowed: number;
  readonly excluded: number;
  /** Globally routed: no proof of who holds it can be checked yet. */
  readonly unproven: number;
  readonly reserved: number;
  readonly ipv6Prefixes: number;
}

export interface Explanation {
  readonly mandate: string;
  readonly digest: string;
  readonly organisation: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly daysLeft: number;
  /** Why nothing may leave at this very instant, though the mandate holds. */
  readonly now: Refusal | null;
  readonly signedBy: readonly { readonly by: string; readonly key: string }[];
  readonly sources: readonly string[];
  readonly isps: readonly IspExplained[];
  readonly ports: readonly { readonly port: number; readonly protocol: Protocol; readonly acts: readonly Act[] }[];
  /** Ports that are never touched otherwise, which both parties signed for. */
  readonly neverTouch: readonly { readonly port: number; readonly what: string; readonly reason: string }[];
  readonly limits: readonly { readonly what: string; readonly value: number; readonly ceiling: number | null }[];
  readonly hours: string;
  readonly catalogue: string;
}

function ispExplained(paper: Paper, gate: Gate, at: Instant, isp: string): IspExplained {
  const consent = paper.consents.find(c => c.body.isp === isp);
  const texts = paper.mandate.body.targets.find(t => t.isp === isp)?.prefixes ?? [];
  const named = mergedRanges(
    texts.flatMap(text => {
      const p = parsePrefix(text);
      if (p?.family !== 4) return [];
      return [{ from: Number(p.base), to: Number(p.base) + 2 ** (32 - p.length) - 1, owner: 0 }];
    }),
  );
  const sum = (ranges: readonly { from: number; to: number }[]) => ranges.reduce((n, r) => n + r.to - r.from + 1, 0);
  const scope = scopeRanges(paper, at).filter(r => r.isp === isp);
  const reserved = sum(
    named.flatMap(r =>
      SPACE_BLOCKS.filter(b => b.space === 'reserved' && b.from <= r.to && b.to >= r.from).map(b => ({
        from: Math.max(b.from, r.from),
        to: Math.min(b.to, r.to),
      })),
    ),
  );
  const allowed = scope.reduce((n, r) => n + openAddresses(gate, r.from, r.to), 0);
  return {
    isp,
    name: consent?.body.displayName ?? isp,
    consentDaysLeft: consent ? Math.max(0, Math.ceil((consentEndOf(consent) - at) / DAY)) : 0,
    named: sum(named),
    allowed,
    excluded: sum(scope) - allowed,
    unproven: sum(named) - sum(scope) - reserved,
    reserved,
    ipv6Prefixes: texts.filter(text => parsePrefix(text)?.family === 6).length,
  };
}

export function explain(paper: Paper, gate: Gate, at: Instant): Explanation {
  const { body, signatures } = paper.mandate;
  const { limits } = body;
  const most = isOwnScope(body) ? null : CEILINGS;
  const tries = tryLimitsOf(body);
  const pace = paceLimitsOf(body);
  const limit = (what: string, value: number, ceiling: number | undefined) => ({
    what,
    value,
    ceiling: ceiling ?? null,
  });
  return {
    mandate: body.id,
    digest: paper.digest,
    organisation: body.organisation.name,
    period: body.period,
    daysLeft: Math.max(0, Math.ceil(((instantOf(body.period.to) ?? at) - at) / DAY)),
    now: scheduleOf(body)(at).refusal ?? null,
    signedBy: signatures.map(({ by, key }) => ({ by, key })),
    sources: body.sources.addresses,
    isps: body.targets.map(t => ispExplained(paper, gate, at, t.isp)),
    ports: body.ports.map(({ port, protocol, acts }) => ({
      port,
      protocol,
      acts: acts.filter(
        act => (act !== 'decoy' || body.decoys.permitted) && (act !== 'no-login' || body.noLoginChecks.permitted),
      ),
    })),
    neverTouch: (body.neverTouch ?? []).map(({ port, reason }) => ({ port, what: neverTouch(port) ?? '', reason })),
    limits: [
      limit('packets a second, in total', limits.total.perSecond, most?.packetsPerSecond),
      limit('packets a second, one ISP', limits.perIsp.perSecond, most?.packetsPerSecond),
      limit('packets a second, one /24', limits.per24.perSecond, most?.packetsPerSecond),
      limit('tries a day, one device', limits.triesPerDevicePerDay, most?.triesPerDevicePerDay),
      limit('tries a day, one account', limits.triesPerAccountPerDay, most?.triesPerDevicePerDay),
      limit('decoys a day, one device', tries.decoysPerDevicePerDay, most?.triesPerDevicePerDay),
      limit('pairs a round, one device', tries.perDevicePerRound, most?.cataloguePairs),
      limit('tries a day, one /24', tries.per24PerDay, most?.triesPer24PerDay),
      limit('tries a day, one ISP', tries.perIspPerDay, most?.triesPerIspPerDay),
      limit('conversations at a time, one /24', pace.atOnce, most ? pace.atOnce : undefined),
      limit('new conversations a second, one /24', pace.perSecond, most ? pace.perSecond : undefined),
      limit('least ms between two tries', limits.gapMs, most?.gapMs),
      // What is not limited is not a limit.
    ].filter(({ value }) => Number.isFinite(value)),
    hours:
      body.hours.from === '00:00' && body.hours.to === '24:00'
        ? 'at any hour'
        : `${body.hours.from} to ${body.hours.to} JST`,
    catalogue: body.identifiers.catalogueVersion,
  };
}

const ACT_WORDS: Readonly<Record<Act, string>> = {
  sweep: 'see whether it answers',
  identify: 'read what it says of itself',
  'no-login': 'see whether it asks for a login at all',
  attempt: 'try pairs of the catalogue',
  decoy: 'try a random pair that must fail',
  recheck: 'look again when its owner asks',
};

export const NEVER: readonly string[] = [
  'any address, port, act or hour not named above; any source address not named',
  'medical, industrial and printing ports; one that is named with a reason is swept, and nothing more',
  'globally routed space, until a proof of who holds it can be checked; reserved and multicast space',
  'anything after a login succeeds but closing the connection',
  'a password that is not in the catalogue, but a random decoy',
];

const n = (value: number): string => value.toLocaleString('en');

/** One fact a line, no line longer than it must be. */
export function explainWords(e: Explanation): string[] {
  const words = [
    `Mandate ${e.mandate} of ${e.organisation} is valid.`,
    `In force ${dayOf(instantOf(e.period.from) ?? 0)} to ${dayOf(instantOf(e.period.to) ?? 0)}, ${e.daysLeft} day(s) left, ${e.hours}.`,
    ...(e.now ? [`Nothing may leave at this moment: ${e.now}.`] : []),
    ...e.signedBy.map(s => `Signed by ${s.by} with key ${s.key}.`),
    `Probes come from ${e.sources.join(', ')}.`,
    '',
    'Allowed:',
  ];
  for (const isp of e.isps) {
    const name = isp.name === isp.isp ? isp.isp : `${isp.isp} (${isp.name})`;
    words.push(
      `  ${name}: ${n(isp.allowed)} of ${n(isp.named)} addresses; consent good for ${isp.consentDaysLeft} day(s)`,
    );
    if (isp.excluded > 0) words.push(`    ${n(isp.excluded)} excluded`);
    if (isp.unproven > 0)
      words.push(
        `    ${n(isp.unproven)} globally routed: compile to nothing, because no proof of who holds them can be checked yet`,
      );
    if (isp.reserved > 0) words.push(`    ${n(isp.reserved)} in reserved space: compile to nothing`);
    if (isp.ipv6Prefixes > 0)
      words.push(
        `    ${n(isp.ipv6Prefixes)} IPv6 prefix(es): never walked, only the addresses of a list (notice sweep --targets)`,
      );
  }
  // Ports with the same acts are one line.
  const byActs = Map.groupBy(e.ports, p => p.acts.map(act => ACT_WORDS[act]).join('; ') || 'nothing');
  for (const [acts, ports] of byActs)
    words.push(`  port ${ports.map(p => `${p.port} (${p.protocol})`).join(', ')}: ${acts}`);
  for (const { port, what, reason } of e.neverTouch)
    words.push(`    port ${port} is ${what}; signed for because: ${reason}`);
  words.push(`  passwords: catalogue ${e.catalogue}, nothing else`, '', 'At most:');
  for (const l of e.limits) {
    const ceiling = l.ceiling === null ? 'no ceiling: loopback or private space only' : `ceiling ${n(l.ceiling)}`;
    words.push(`  ${l.what}: ${n(l.value)} (${ceiling})`);
  }
  words.push('', 'Never:', ...NEVER.map(line => `  ${line}`));
  return words;
}
