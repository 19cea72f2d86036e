/**
 * Which ports a rule gives to whom (RFC 7597 §5.1). A port reads, from its first bit, A (a bits), PSID (k bits) and the rest (m
 * bits). Where a > 0, A = 0 is given to nobody, so that the system ports stay free: with a = 4 these are 0-4095, with a = 6
 * 0-1023. Where k = 0 a line has every port.
 */
import type { MapRule } from './rule.ts';

/** Both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const restBits = (rule: MapRule): number => 16 - rule.psidOffset - rule.psidLength;

/** Undefined for a port that this rule gives to nobody. 0 where a line has every port. */
export function psidOfPort(rule: MapRule, port: number): number | undefined {
  if (rule.psidLength === 0) return 0;
  if (rule.psidOffset > 0 && port >>> (16 - rule.psidOffset) === 0) return undefined;
  return (port >>> restBits(rule)) & (2 ** rule.psidLength - 1);
}

/** The ports of one PSID, ascending: 2^a - 1 ranges of 2^m ports, one range where a = 0. */
export function rangesOfPsid(rule: MapRule, psid: number): PortRange[] {
  if (rule.psidLength === 0) return [{ from: 0, to: 65_535 }];
  const rest = restBits(rule);
  const ranges: PortRange[] = [];
  for (let a = rule.psidOffset === 0 ? 0 : 1; a < 2 ** rule.psidOffset; a++) {
    const from = (a << (16 - rule.psidOffset)) + (psid << rest);
    ranges.push({ from, to: from + 2 ** rest - 1 });
  }
  return ranges;
}

/** Every port that the rule gives to somebody. */
export function portsGiven(rule: MapRule): PortRange[] {
  if (rule.psid !== undefined) return rangesOfPsid(rule, rule.psid);
  return [{ from: rule.psidOffset === 0 ? 0 : 2 ** (16 - rule.psidOffset), to: 65_535 }];
}

/** Whether two ascending lists of ranges have a port in common. */
export function portsMeet(a: readonly PortRange[], b: readonly PortRange[]): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] as PortRange, b[j] as PortRange];
    if (x.to < y.from) i++;
    else if (y.to < x.from) j++;
    else return true;
  }
  return false;
}
