/**
 * What happened to a few lines of two access servers, as packets and as the truth: with lost packets, a reboot, delays and clocks
 * that disagree. In: an instant to begin at. Out: packets in two batches; what may be answered, by instant.
 */
import type { IdentificationVerdict } from '../../src/record/assignment.ts';
import type { Instant } from '../../src/record/instant.ts';
import type { Packet } from '../real/freeradius.ts';

/** `at` in seconds after the beginning. */
interface Story {
  readonly at: number;
  readonly packet: Packet;
  /** The access server's own clock is left to speak alone: no delay explains why the packet comes so late. */
  readonly unexplained?: boolean;
}

export interface Asked {
  readonly address: string;
  readonly at: number;
  readonly verdict: IdentificationVerdict;
  readonly line?: string;
}

const NAS = { 'NAS-IP-Address': '192.0.2.1', 'NAS-Identifier': '"bras-1"' };
/** It is rebooted. */
const OTHER = { 'NAS-IP-Address': '192.0.2.2', 'NAS-Identifier': '"bras-2"' };

const of =
  (line: string, session: string, held: Packet, nas: Packet = NAS) =>
  (at: number, status: 'Start' | 'Interim-Update' | 'Stop', time?: number): Story => ({
    at,
    packet: {
      ...nas,
      'User-Name': `"${line}"`,
      'Acct-Session-Id': `"${session}"`,
      'Acct-Status-Type': status,
      ...held,
      ...(time === undefined ? {} : { 'Acct-Session-Time': time }),
    },
  });
const ip = (n: number) => ({ 'Framed-IP-Address': `198.51.100.${n}` });

const plain = of('line-1', 's1', { ...ip(7), 'Delegated-IPv6-Prefix': '2001:db8:7::/56' });
const lostStop = of('line-2', 's2', ip(7));
const next = of('line-3', 's3', ip(7));
const lostStart = of('line-4', 's4', ip(8));
const rebooted = of('line-5', 's1', ip(9), OTHER);
/** The server counts its sessions anew after the reboot. */
const again = of('line-6', 's1', ip(9), OTHER);
const late = of('line-7', 's7', ip(10));
const alone = of('line-8', 's8', ip(11));
const quiet = of('line-9', 's9', ip(12));

export const FIRST: readonly Story[] = [
  plain(0, 'Start'),
  rebooted(100, 'Start'),
  rebooted(400, 'Interim-Update', 300),
  plain(600, 'Interim-Update', 600),
  lostStart(900, 'Interim-Update', 600),
  { at: 1_000, packet: { 'NAS-IP-Address': '192.0.2.2', 'Acct-Status-Type': 'Accounting-On' } },
  again(1_100, 'Start'),
  plain(1_200, 'Stop', 1_200),
];
export const SECOND: readonly Story[] = [
  // Twice, as over a lossy path; and an interim that was overtaken by its Stop.
  plain(1_200, 'Stop', 1_200),
  plain(900, 'Interim-Update', 900),
  lostStop(1_260, 'Start'),
  lostStop(1_500, 'Interim-Update', 240),
  lostStart(1_500, 'Stop', 1_200),
  alone(2_000, 'Stop', 500),
  next(2_400, 'Start'),
  { ...late(2_600, 'Start'), unexplained: true },
  next(3_000, 'Stop', 600),
  again(3_300, 'Interim-Update', 2_200),
  quiet(3_300, 'Start'),
];

/** What any log of these packets must answer. */
export const TRUTH: readonly Asked[] = [
  { address: '198.51.100.7', at: 300, verdict: 'unique', line: 'line-1' },
  { address: '2001:db8:7:12::5', at: 300, verdict: 'unique', line: 'line-1' },
  { address: '2001:db8:7:100::5', at: 300, verdict: 'none_unassigned' },
  { address: '198.51.100.7', at: 1_195, verdict: 'unique', line: 'line-1' },
  { address: '198.51.100.7', at: 1_230, verdict: 'none_gap' },
  { address: '198.51.100.7', at: 1_400, verdict: 'unique', line: 'line-2' },
  { address: '198.51.100.7', at: 1_800, verdict: 'ambiguous_soft_end' },
  { address: '198.51.100.7', at: 2_700, verdict: 'unique', line: 'line-3' },
  { address: '198.51.100.7', at: 3_100, verdict: 'none_gap' },
  { address: '198.51.100.8', at: 500, verdict: 'ambiguous_soft_end' },
  { address: '198.51.100.8', at: 1_200, verdict: 'unique', line: 'line-4' },
  { address: '198.51.100.9', at: 700, verdict: 'ambiguous_soft_end' },
  { address: '198.51.100.9', at: 2_000, verdict: 'unique', line: 'line-6' },
  { address: '198.51.100.11', at: 1_700, verdict: 'ambiguous_soft_end' },
  { address: '198.51.100.99', at: 1_700, verdict: 'none_unassigned' },
];

/** Packets as they are sent `now`: late, and saying so. */
export function packetsOf(stories: readonly Story[], from: Instant, now: Instant): Packet[] {
  return stories.map(({ at, packet, unexplained }) => {
    const stamp = from / 1000 + at;
    const delay = Math.max(0, Math.round(now / 1000) - stamp);
    return { ...packet, 'Event-Timestamp': stamp, ...(unexplained ? {} : { 'Acct-Delay-Time': delay }) };
  });
}
