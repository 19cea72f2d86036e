/** How far the ISP's logs reach, and what would let more cases be identified. In: imported segments and verdict counts. */
import type { FC } from 'hono/jsx';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { Instant } from '../record/instant.ts';
import { VERDICT_WORDS } from '../statistics/refusal-words.ts';
import { Figure } from './layout.tsx';
import { Table } from './table.tsx';
import { n, whenIn } from './words.ts';

/** One imported part of a log: complete from `first` to `through`, silent about everything else. */
export interface Covered {
  readonly source: string;
  readonly format: string;
  readonly first: Instant;
  readonly through: Instant;
  readonly rejected: number;
}

/** What an ISP can do about a verdict. Those that nothing can be done about say so. */
export const REMEDIES: Readonly<Record<IdentificationVerdict, string>> = {
  unique: 'Nothing to do.',
  none_gap: 'Import the log of every server that hands out these addresses.',
  none_unassigned: 'Check that the pool is listed with the kind it has, and that its log is imported.',
  ambiguous_overlap: 'Look for a server whose releases are not logged; import releases as well as leases.',
  ambiguous_edge: 'Log to the second, and keep the clocks together (NTP). Some cases stay undecided, and rightly.',
  ambiguous_soft_end: 'Log when a lease or session ends, not only when it begins.',
  shared_no_port: 'Log ports or port blocks on the translator (RFC 6302, RFC 7422), then import that log.',
  shared_port_impossible: 'Check the port sets of the translator or of MAP-E against its configuration.',
  log_gap: 'Find and import the missing part of the log; the table above shows where it ends.',
  log_pending: 'Import the newest log. These are looked up again by themselves.',
  stale_log: 'Import more often: the log ends too long before the case was seen.',
  conflict_sources: 'Two logs disagree: find the one whose clock or address plan is wrong.',
  clock_untrusted: 'Set the clocks of the logging servers by NTP, and say how far they may be off.',
  not_mine: 'Take the prefix out of the consent, or add its pool.',
  infrastructure: 'Fix the device: it is your own.',
  expired: 'Nothing: the logs of that time had to be erased.',
  revoked: 'Nothing: the centre took the case back.',
  malformed: 'Tell the operator which bundle it came in.',
};

export interface CoverageProps {
  readonly covered: readonly Covered[];
  readonly verdicts: readonly { readonly verdict: IdentificationVerdict | null; readonly n: number }[];
}

export const CoveragePage: FC<CoverageProps> = ({ covered, verdicts }) => {
  const total = verdicts.reduce((sum, v) => sum + v.n, 0);
  const unique = verdicts.find(v => v.verdict === 'unique')?.n ?? 0;
  const refused = verdicts.flatMap(({ verdict, n: count }) =>
    verdict === null || verdict === 'unique' ? [] : [{ verdict, count }],
  );
  return (
    <>
      <dl class="figures">
        <Figure
          label="Identified without doubt"
          value={total === 0 ? '–' : `${((100 * unique) / total).toFixed(1)} %`}
          note={`${n(unique)} of ${n(total)} cases looked up`}
        />
        <Figure label="Parts of logs imported" value={n(covered.length)} />
        <Figure label="Lines rejected" value={n(covered.reduce((sum, part) => sum + part.rejected, 0))} />
      </dl>
      <Table
        caption="Each log is complete from first to through, and says nothing about any other time; times in JST"
        columns={[
          { name: 'source' },
          { name: 'format' },
          { name: 'first' },
          { name: 'through' },
          { name: 'lines rejected', numeric: true },
        ]}
        rows={[...covered]
          .sort((a, b) => b.through - a.through || (a.source < b.source ? -1 : 1))
          .map(part => [part.source, part.format, whenIn(part.first), whenIn(part.through), n(part.rejected)])}
        empty={{
          why: 'No log has been imported, so no case can be identified.',
          next: 'Import one with: notice isp import --format kea FILE',
        }}
      />
      <h2>What would let more be identified</h2>
      <Table
        caption="Cases that were not identified, most frequent first"
        columns={[
          { name: 'verdict' },
          { name: 'in words', long: true },
          { name: 'what to do', long: true },
          { name: 'cases', numeric: true },
          { name: 'of all, %', numeric: true },
        ]}
        rows={refused.map(({ verdict, count }) => [
          <a href={`/?verdict=${verdict}`}>{verdict}</a>,
          VERDICT_WORDS[verdict].en,
          REMEDIES[verdict],
          n(count),
          ((100 * count) / total).toFixed(1),
        ])}
        empty={
          total === 0
            ? { why: 'No case has been looked up yet.', next: 'Pull bundles first: notice isp pull --config isp.json' }
            : { why: 'Every case was identified.', next: 'Nothing to do.' }
        }
      />
    </>
  );
};
