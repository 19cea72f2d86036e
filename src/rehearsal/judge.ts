/** Gathers what the ISPs opened and decided in a month, at their end, and has it held against the truth. */

import { parseAddress, parsePrefix, prefixContains } from '../record/address.ts';
import type { Instant } from '../record/instant.ts';
import { DAY } from '../record/instant.ts';
import type { Journal } from './journal.ts';
import { excludedAddresses } from './paper.ts';
import type { Programme } from './programme.ts';
import { type Judgement, judgeRound, type OpenedCase } from './truth.ts';
import type { World } from './world.ts';

export interface Judged {
  readonly journal: Journal;
  readonly world: World;
  readonly programme: Programme;
}

/** Every case of every ISP that was seen in the round at this instant. */
export async function openedCases(
  { world, programme }: Pick<Judged, 'world' | 'programme'>,
  round: Instant,
): Promise<OpenedCase[]> {
  const opened: OpenedCase[] = [];
  for (const isp of world.country) {
    const rows = await programme.store
      .isp(isp.id)
      .selectFrom('case')
      .selectAll()
      .where('seen_at', '>=', round - DAY)
      .where('seen_at', '<', round + DAY)
      .execute();
    const lines = programme.linesOf(isp.id);
    for (const row of rows)
      opened.push({
        isp: isp.id,
        kind: row.kind,
        address: row.address,
        port: row.port,
        seenAt: row.seen_at,
        verdict: row.verdict,
        subscriber: row.subscriber === null ? null : (lines.nameOf(row.subscriber) ?? ''),
      });
  }
  return opened;
}

export async function judgeMonth(of: Judged, round: Instant): Promise<Judgement> {
  const excluded = excludedAddresses(of.world.country).flatMap(text => parsePrefix(text) ?? []);
  return judgeRound(of.world, {
    at: round,
    answered: of.journal.reports.find(report => report.month === of.journal.month)?.answered ?? 0,
    cases: await openedCases(of, round),
    excluded: text => {
      const address = parseAddress(text);
      return address !== undefined && excluded.some(prefix => prefixContains(prefix, address));
    },
  });
}
