/**
 * Subscriber lines and who sat on which address when. In: the country, how many lines each ISP needs. Out: lines with
 * people behind them, and a register of stays that can be asked for any past instant.
 */

import type { PortRange } from '../isp/assignment/map/ports.ts';
import { formatIpv4 } from '../record/address.ts';
import type { Contact } from '../record/alert.ts';
import { DAY, type Instant } from '../record/instant.ts';
import { type CountryIsp, mayBeGiven, rangesOf } from './country.ts';
import { portsOfLine, psidOfPort, SHARERS } from './map-plan.ts';
import { makeContact } from './people.ts';
import { makeRandom, type Random } from './random.ts';

export interface Line {
  readonly id: string;
  readonly isp: string;
  /** The ISP's own id of the line, as its logs and customer file have it. */
  readonly subscriber: string;
  readonly contact: Contact;
  /** Hardware address of the box at the customer's end, as DHCP sees it. */
  readonly hwaddr: string;
  /** Both ends included; the whole range where the line has the address for itself. */
  readonly ports: readonly PortRange[];
  /** Which of the sixteen lines of a shared address; null on an address of its own. */
  readonly place: number | null;
}

/** One line on one address. `released`: the box said goodbye, so the server could hand the address on at once. */
export interface Stay {
  readonly line: Line;
  readonly address: string;
  readonly from: Instant;
  to: Instant | null;
  released: boolean;
}

export interface Register {
  /** The stay of a line at an instant. */
  of(line: string, at: Instant): Stay | undefined;
  /** The line behind address and port at an instant. */
  holder(address: string, port: number, at: Instant): Line | undefined;
  /** All stays of one ISP, in order of their start. */
  ofIsp(isp: string): readonly Stay[];
  begin(stay: Stay): void;
  inUse(address: string): boolean;
}

export function makeRegister(): Register {
  const byLine = new Map<string, Stay[]>();
  const byAddress = new Map<string, Stay[]>();
  const byIsp = new Map<string, Stay[]>();
  const put = (map: Map<string, Stay[]>, key: string, stay: Stay) => {
    const list = map.get(key);
    if (list) list.push(stay);
    else map.set(key, [stay]);
  };
  const covers = (stay: Stay, at: Instant) => stay.from <= at && (stay.to === null || at < stay.to);
  return {
    of: (line, at) => byLine.get(line)?.findLast(stay => covers(stay, at)),
    holder: (address, port, at) =>
      byAddress.get(address)?.find(s => covers(s, at) && s.line.ports.some(r => r.from <= port && port <= r.to))?.line,
    ofIsp: isp => byIsp.get(isp) ?? [],
    begin: stay => {
      put(byLine, stay.line.id, stay);
      put(byAddress, stay.address, stay);
      put(byIsp, stay.line.isp, stay);
    },
    inUse: address => byAddress.get(address)?.some(stay => stay.to === null) ?? false,
  };
}

/** An address of the ISP's pool that nobody was ever given. Pools are far larger than the lines on them. */
export function freshAddress(isp: CountryIsp, register: Register, taken: Set<string>, random: Random): string {
  const ranges = rangesOf(isp);
  const size = ranges.reduce((sum, r) => sum + r.to - r.from + 1, 0);
  for (let tries = 0; tries < 100_000; tries++) {
    let index = random.below(size);
    for (const range of ranges) {
      const length = range.to - range.from + 1;
      if (index >= length) {
        index -= length;
        continue;
      }
      const address = formatIpv4(range.from + index);
      if (mayBeGiven(range.from + index) && !taken.has(address) && !register.inUse(address)) {
        taken.add(address);
        return address;
      }
      break;
    }
  }
  throw new RangeError(`no address of ${isp.id} is left; there are too many lines for this country`);
}

/**
 * Shared addresses carry sixteen lines: a carrier NAT gives each one block and leaves out the system ports; MAP-E gives each
 * its PSID's fifteen ranges (map-plan.ts).
 */
const FIRST_OF_NAT = 1_024;
const NAT_BLOCK = (65_536 - FIRST_OF_NAT) / SHARERS;
export const isShared = (isp: CountryIsp): boolean => isp.pool === 'cgn' || isp.pool === 'map-e';

/** Which of the sixteen lines of a shared address has a port; undefined where no line has it. */
function placeOf(isp: CountryIsp, port: number): number | undefined {
  if (isp.pool === 'map-e') return psidOfPort(port);
  return port < FIRST_OF_NAT ? undefined : Math.floor((port - FIRST_OF_NAT) / NAT_BLOCK);
}

function portsAt(isp: CountryIsp, place: number | null): readonly PortRange[] {
  if (place === null) return [{ from: 0, to: 65_535 }];
  if (isp.pool === 'map-e') return portsOfLine(place);
  const from = FIRST_OF_NAT + place * NAT_BLOCK;
  return [{ from, to: from + NAT_BLOCK - 1 }];
}

/** Whether a box behind this ISP's line can be reached on a port at all. */
export const canHave = (isp: CountryIsp, port: number): boolean => !isShared(isp) || placeOf(isp, port) !== undefined;

function makeLine(isp: CountryIsp, n: number, seed: string, place: number | null, rare: boolean): Line {
  const subscriber = `${isp.mark}-${String(n + 1).padStart(7, '0')}`;
  const random = makeRandom(seed, 'line', isp.id, n);
  const octet = () => random.below(256).toString(16).padStart(2, '0');
  return {
    id: `${isp.id}/${subscriber}`,
    isp: isp.id,
    subscriber,
    contact: makeContact(subscriber, isp.id.split('_')[0] as string, random, rare),
    // The second bit of the first octet says that the number was assigned locally: no maker's.
    hwaddr: `02:00:5e:${octet()}:${octet()}:${octet()}`,
    ports: portsAt(isp, place),
    place,
  };
}

export interface Settling {
  readonly isp: CountryIsp;
  /** One port for each line that is to have a device. */
  readonly devicePorts: readonly number[];
  /** Lines without a device. */
  readonly others: number;
  readonly seed: string;
  readonly start: Instant;
  readonly register: Register;
  readonly taken: Set<string>;
  /** Whether the first line carries the rare name. */
  readonly rare: boolean;
}

/**
 * Lines of one ISP, each already on an address since before `start`; those with a device to come are first. On shared
 * pools each of these has its own address, with up to fifteen neighbours at the other places of it.
 */
export function settle({ isp, devicePorts, others, seed, start, register, taken, rare }: Settling): Line[] {
  const random = makeRandom(seed, 'settle', isp.id);
  const shared = isShared(isp);
  const lines: Line[] = [];
  const add = (address: string, place: number | null) => {
    const line = makeLine(isp, lines.length, seed, place, rare && lines.length === 0);
    lines.push(line);
    const from = start - DAY - random.below(28) * DAY - random.below(DAY / 1000) * 1000;
    register.begin({ line, address, from, to: null, released: false });
  };
  const seats: { address: string; place: number }[] = [];
  for (const port of devicePorts) {
    const address = freshAddress(isp, register, taken, random);
    const mine = shared ? (placeOf(isp, port) ?? 0) : null;
    if (shared) for (let place = 0; place < SHARERS; place++) if (place !== mine) seats.push({ address, place });
    add(address, mine);
  }
  for (let i = 0; i < others; i++) {
    const seat = shared ? seats[i] : undefined;
    if (shared && !seat) break;
    add(seat?.address ?? freshAddress(isp, register, taken, random), seat?.place ?? null);
  }
  return lines;
}
