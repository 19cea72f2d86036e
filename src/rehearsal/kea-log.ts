/**
 * What Kea's memfile backend would have written about one ISP's stays (lease4 journal of the columns of Kea 2.4 and later).
 * A row a grant, a row each daily renewal, and a row of no lifetime when a box released its lease.
 */
import type { Instant } from '../record/instant.ts';
import { LEASE, RENEWAL } from './dhcp.ts';
import type { Line, Stay } from './lines.ts';

export const KEA_HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id';

/** The circuit id (sub-option 1 of RFC 3046) as the server keeps it: code, length and bytes in hex. */
const circuitOf = (line: Line): string => {
  const bytes = Buffer.from(line.subscriber, 'latin1');
  return `0x01${bytes.length.toString(16).padStart(2, '0')}${bytes.toString('hex')}`.toLowerCase();
};

function row(stay: Stay, at: Instant, lifetimeMs: number, state: number): string {
  const { line } = stay;
  // Kea writes commas inside a value as an entity, so that a row stays a row.
  const context = `{ "ISC": { "relay-agent-info": { "sub-options": "${circuitOf(line)}" } } }`.replaceAll(',', '&#x2c');
  const expire = (at + lifetimeMs) / 1000;
  return `${stay.address},${line.hwaddr},01:${line.hwaddr},${lifetimeMs / 1000},${expire},1,0,0,,${state},${context},0`;
}

/** Rows of all that happened in [from, to), in order of time. */
export function keaRows(stays: readonly Stay[], from: Instant, to: Instant): string[] {
  const out: { at: Instant; text: string }[] = [];
  for (const stay of stays) {
    const end = Math.min(to, stay.to ?? to);
    const skipped = Math.max(0, Math.ceil((from - stay.from) / RENEWAL));
    for (let at = stay.from + skipped * RENEWAL; at < end; at += RENEWAL)
      out.push({ at, text: row(stay, at, LEASE, 0) });
    if (stay.released && stay.to !== null && stay.to >= from && stay.to < to)
      out.push({ at: stay.to, text: row(stay, stay.to, 0, 2) });
  }
  return out.sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).map(r => r.text);
}
