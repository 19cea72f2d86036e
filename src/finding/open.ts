/** Opens a case from a finding. In: the finding, when the round first saw it, whether it comes back. Out: an open case. */
import type { Case } from '../record/case.ts';
import { contentId } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import type { SealedFinding } from '../record/observation.ts';

/** The same line, kind and port opened in the same round is the same case, however often it is told. */
export const caseIdOf = (lineKey: string, kind: string, port: number, openedRound: string): string =>
  contentId('case', [lineKey, kind, port, openedRound]);

export function caseFrom(finding: SealedFinding, firstSeen: Instant, round: string, returned: boolean): Case {
  const { isp, kind, lineKey, port, protocol, vendor, model } = finding;
  return {
    id: caseIdOf(lineKey, kind, port, round),
    isp,
    kind,
    lineKey,
    port,
    protocol,
    vendor,
    model,
    state: 'open',
    returned,
    firstSeen,
    lastSeen: finding.at,
    roundsUnseen: 0,
    closedAt: null,
    findingId: finding.id,
  };
}
