/**
 * The most any mandate may allow, compiled in (invariant 4), and the ports nobody touches. A mandate can only lower
 * these, and have a port of the list swept by naming it with a reason; scopes wholly inside loopback or private space may exceed the ceilings, never the ports.
 */
import { DAY, MINUTE } from '../record/instant.ts';

export const CEILINGS = {
  packetsPerSecond: 20_000,
  /** Least gap between two tries on one device, ms. */
  gapMs: MINUTE,
  triesPerDevicePerDay: 24,
  /** What the device's ceiling gives for 256 of them. */
  triesPer24PerDay: 256 * 24,
  triesPerIspPerDay: 2_000_000,
  cataloguePairs: 1_000,
} as const;

/** An ISP's signature on its list is good for this long. */
export const CONSENT_LASTS = 40 * DAY;
/** Sources are public at least this long before the first packet. */
export const PUBLISHED_BEFORE = 7 * DAY;
/** Divergence of calendar and monotonic clock that counts as a jump, ms. */
export const CLOCK_JUMP = 2_000;

/** Ports of machines that a stray connection can break or that people's lives hang on. First to last, and what is there. */
export const NEVER_TOUCH: readonly (readonly [number, number, string])[] = [
  [102, 102, 'industrial control (S7)'],
  [104, 104, 'medical imaging (DICOM)'],
  [502, 502, 'industrial control (Modbus)'],
  [515, 515, 'printing (LPD)'],
  [631, 631, 'printing (IPP)'],
  [789, 789, 'industrial control (Crimson)'],
  [1089, 1091, 'industrial control (Foundation Fieldbus)'],
  [1911, 1911, 'building control (Fox)'],
  [1962, 1962, 'industrial control (PCWorx)'],
  [2221, 2222, 'industrial control (EtherNet/IP)'],
  [2404, 2404, 'power grid control (IEC 104)'],
  [4840, 4840, 'industrial control (OPC UA)'],
  [4911, 4911, 'building control (Fox)'],
  [5006, 5007, 'industrial control (MELSEC)'],
  [5060, 5061, 'telephones that would ring (SIP)'],
  [9100, 9100, 'printing (raw)'],
  [9600, 9600, 'industrial control (FINS)'],
  [10001, 10001, 'tank gauges'],
  [11112, 11112, 'medical imaging (DICOM)'],
  [18245, 18245, 'industrial control (SRTP)'],
  [20000, 20000, 'power grid control (DNP3)'],
  [20547, 20547, 'industrial control (ProConOS)'],
  [34962, 34964, 'industrial control (PROFINET)'],
  [44818, 44818, 'industrial control (EtherNet/IP)'],
  [47808, 47808, 'building control (BACnet)'],
  [55000, 55003, 'industrial control (FL-net)'],
];

/** What must never be touched on this port, or undefined. */
export const neverTouch = (port: number): string | undefined =>
  NEVER_TOUCH.find(([first, last]) => port >= first && port <= last)?.[2];
