/**
 * What an access server's accounting would have left in FreeRADIUS' detail file about one ISP's stays: Start, an interim record
 * a day, and a Stop when the box said goodbye; a box that vanished leaves none. In: stays, a span of time. Out: text.
 */
import { DAY, type Instant, SECOND } from '../record/instant.ts';
import type { Stay } from './lines.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');

/** The header of a record, ctime(3). */
function heading(at: Instant): string {
  const d = new Date(at);
  const time = [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map(two).join(':');
  const day = String(d.getUTCDate()).padStart(2, ' ');
  return `${WEEKDAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${day} ${time} ${d.getUTCFullYear()}`;
}

type Status = 'Start' | 'Interim-Update' | 'Stop';

function record(stay: Stay, at: Instant, status: Status): string {
  const session = `${stay.line.subscriber}-${Math.floor(stay.from / SECOND).toString(16)}`;
  return [
    heading(at),
    `\tAcct-Session-Id = "${session}"`,
    `\tAcct-Status-Type = ${status}`,
    `\tUser-Name = "${stay.line.subscriber}"`,
    '\tNAS-Identifier = "bras-1"',
    '\tNAS-IP-Address = 192.0.2.1',
    `\tFramed-IP-Address = ${stay.address}`,
    ...(status === 'Start' ? [] : [`\tAcct-Session-Time = ${Math.floor((at - stay.from) / SECOND)}`]),
    `\tTimestamp = ${Math.floor(at / SECOND)}`,
    '',
  ].join('\n');
}

/** Records of [from, to), in order of time; whoever is on at the end of the span is said to be. */
export function radiusRecords(stays: readonly Stay[], from: Instant, to: Instant): string[] {
  const out: { at: Instant; text: string }[] = [];
  const add = (stay: Stay, at: Instant, status: Status) => {
    if (at >= from && at < to) out.push({ at, text: record(stay, at, status) });
  };
  for (const stay of stays) {
    const end = Math.min(to, stay.to ?? to);
    add(stay, stay.from, 'Start');
    const skipped = Math.max(1, Math.ceil((from - stay.from) / DAY));
    for (let at = stay.from + skipped * DAY; at < end; at += DAY) add(stay, at, 'Interim-Update');
    if (stay.to === null && end > stay.from) add(stay, to - SECOND, 'Interim-Update');
    else if (stay.to !== null && stay.released) add(stay, stay.to, 'Stop');
  }
  return out.sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).map(r => r.text);
}
