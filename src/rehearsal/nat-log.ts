/**
 * What a carrier NAT and the static list behind it would have written about one ISP's stays: a block of ports allocated, seen
 * alive once a day, and given back, by inside address (structured data of RFC 5424); and which line has which inside
 * address. In: stays, a span of time. Out: two texts, as `notice isp import` reads them (cgn-juniper, csv).
 */
import { formatIpv4 } from '../record/address.ts';
import { DAY, type Instant, isoOf, SECOND } from '../record/instant.ts';
import type { Stay } from './lines.ts';

/** Where private addresses of this NAT are unique: the pool of inside addresses has the same name. */
export const REALM = 'inside';
const INSIDE = 0x0a400000; // 10.64.0.0/12
export const INSIDE_PREFIX = '10.64.0.0/12';

/** Inside addresses are handed out once, in the order of subscriber numbers. */
const insideOf = (stay: Stay): string => formatIpv4(INSIDE + Number(/\d+$/.exec(stay.line.subscriber)?.[0] ?? 0));

const record = (stay: Stay, at: Instant, what: 'ALLOC' | 'INTERIM' | 'RELEASE'): string => {
  const [block] = stay.line.ports;
  const fields = [
    `internal-ip="${insideOf(stay)}"`,
    'block-used="1"',
    'block-max-per-host="1"',
    `block-port-low="${block?.from}"`,
    `block-port-high="${block?.to}"`,
    `reflexive-ip="${stay.address}"`,
    'nat-pool-name="p1"',
    'logical-system-id="0"',
    `epoch-time-64="${Math.floor(stay.from / SECOND).toString(16)}"`,
  ];
  return `<14>1 ${isoOf(at)} cgn-1 RT_NAT - RT_SRC_NAT_PBA_${what} [junos@2636.1.1.1.2.129 ${fields.join(' ')}]`;
};

/** Records of [from, to), in order of time. The box says that it lives when the span ends. */
export function natRecords(stays: readonly Stay[], from: Instant, to: Instant): string[] {
  const out: { at: Instant; text: string }[] = [];
  const add = (stay: Stay, at: Instant, what: 'ALLOC' | 'INTERIM' | 'RELEASE') => {
    if (at >= from && at < to) out.push({ at, text: record(stay, at, what) });
  };
  for (const stay of stays) {
    const end = Math.min(to, stay.to ?? to);
    add(stay, stay.from, 'ALLOC');
    const skipped = Math.max(1, Math.ceil((from - stay.from) / DAY));
    for (let at = stay.from + skipped * DAY; at < end; at += DAY) add(stay, at, 'INTERIM');
    if (stay.to === null && end > stay.from) add(stay, to - SECOND, 'INTERIM');
    else if (stay.to !== null) add(stay, stay.to, 'RELEASE');
  }
  return out.sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).map(r => r.text);
}

export const insideList = (stays: readonly Stay[]): string =>
  ['address,subscriber,from,to']
    .concat(stays.map(s => `${insideOf(s)},${s.line.subscriber},${isoOf(s.from)},${s.to === null ? '' : isoOf(s.to)}`))
    .join('\n');
