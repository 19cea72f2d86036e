/**
 * The assignment logs that each ISP's equipment has kept of a month. In: world, folder, month, and how far time has
 * gone. Out: a file for each ISP with its format, or none where the resolver cannot read such a log yet and must refuse.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, isoOf, monthStart, nextMonth } from '../record/instant.ts';
import type { CountryIsp } from './country.ts';
import { LEASE } from './dhcp.ts';
import { KEA_HEADER, keaRows } from './kea-log.ts';
import type { Stay } from './lines.ts';
import type { World } from './world.ts';

export interface AssignmentLog {
  readonly isp: string;
  readonly file: string;
  /** Null: a format nobody reads yet. */
  readonly format: 'csv' | 'kea' | null;
  /** The log is complete up to here. */
  readonly through: Instant;
}

/** Lines that keep their address: one row each, open at the end. */
const dedicated = (stays: readonly Stay[]): string =>
  ['address,subscriber,from,to']
    .concat(stays.map(s => `${s.address},${s.line.subscriber},${isoOf(s.from)},${s.to === null ? '' : isoOf(s.to)}`))
    .join('\n');

/** Port blocks as a carrier's NAT announces them by syslog: every vendor words this differently. */
const portBlocks = (stays: readonly Stay[]): string =>
  stays
    .map(s => {
      const { subscriber, portFrom, portTo } = s.line;
      return `<134>1 ${isoOf(s.from)} cgn-1 nat - BLOCK [alloc inside="${subscriber}" outside="${s.address}" ports="${portFrom}-${portTo}"]`;
    })
    .join('\n');

/** The rule of the domain and which prefix each line was delegated; ports follow by arithmetic (RFC 7597 §5). */
const mapRules = (isp: CountryIsp, stays: readonly Stay[]): string => {
  const rules = isp.prefixes.map(
    prefix => `rule ipv4-prefix=${prefix} ipv6-prefix=fd00:6d61:7065::/40 ea-bits=24 psid-offset=4`,
  );
  const lines = stays.map(
    s => `pd line=${s.line.subscriber} ipv4=${s.address} psid=${(s.line.portFrom - 4_096) / 3_840}`,
  );
  return [...rules, ...lines].join('\n');
};

function textOf(world: World, isp: CountryIsp, month: string, until: Instant): { text: string; name: string } {
  const stays = world.register.ofIsp(isp.id);
  switch (isp.pool) {
    case 'dedicated':
      return { name: 'lines.csv', text: dedicated(stays) };
    case 'cgn':
      return { name: 'port-blocks.log', text: portBlocks(stays) };
    case 'map-e':
      return { name: 'map-e.rules', text: mapRules(isp, stays) };
    default: {
      // The first month's journal reaches back one lease, so that every line is known when the country begins.
      const from = month === world.options.firstMonth ? world.start - LEASE : monthStart(month);
      const to = Math.min(until + 1, monthStart(nextMonth(month)));
      return { name: `lease4-${month}.csv`, text: [KEA_HEADER, ...keaRows(stays, from, to)].join('\n') };
    }
  }
}

/** Writes DIR/ISP/…; writing the same month again with a later `until` replaces its file by a longer one. */
export function writeLogs(world: World, dir: string, month: string, until: Instant): AssignmentLog[] {
  return world.country.map(isp => {
    const folder = join(dir, isp.id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { name, text } = textOf(world, isp, month, until);
    const file = join(folder, name);
    writeFileSync(`${file}.part`, `${text}\n`, { mode: 0o600 });
    renameSync(`${file}.part`, file);
    const through = Math.min(until, monthStart(nextMonth(month)) - 1);
    return { isp: isp.id, file, format: isp.log === 'none' ? null : isp.log, through };
  });
}
