/**
 * The simulated country in time. In: seed, addresses, devices, ports. Out: who has which line, which device stands where
 * and how weak it is, at every instant up to now. It alone knows the truth; nothing outside `rehearsal/` ever asks it.
 *
 * Nothing here is random twice: `makeWorld` with the same options, then the same repairs, gives the same country.
 */
import type { Protocol } from '../record/glossary.ts';
import { type Instant, monthStart, nextMonth } from '../record/instant.ts';
import { type CountryIsp, makeCountry, rangesOf } from './country.ts';
import { makePools } from './dhcp.ts';
import { type Fate, fateOf, isNight } from './fate.ts';
import { canHave, type Line, makeRegister, type Register, settle } from './lines.ts';
import { isWeak, mend } from './mend.ts';
import type { ModelId } from './models.ts';
import { type Condition, DEFAULT_PORTS, type Ports, protocolOfRole, type Service } from './personality.ts';
import { type Blueprint, makePopulation } from './population.ts';
import { makeRandom } from './random.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly addresses?: number;
  readonly devices?: number;
  readonly ports?: Ports;
  /** History starts with this JST month, like `2026-09`. */
  readonly firstMonth?: string;
}

export interface WorldDevice {
  readonly id: string;
  readonly line: Line;
  readonly model: ModelId;
  readonly services: readonly Service[];
  /** Every condition it was ever in, oldest first. */
  readonly conditions: { readonly from: Instant; readonly is: Condition }[];
}

/** How an owner, or fate, makes a weakness go away. */
export type Repair = 'password' | 'firmware' | 'unplug';
export interface Repaired {
  readonly device: string;
  readonly how: Repair;
  readonly at: Instant;
}

/** Where one service listens and what is behind it, for `devices/`. */
export interface Placement {
  /** `DEVICE:PORT`; stays the same when the address changes. */
  readonly id: string;
  readonly device: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly service: Service;
  readonly model: ModelId;
  readonly condition: Condition;
}

export interface World {
  readonly options: Required<WorldOptions>;
  readonly country: readonly CountryIsp[];
  readonly lines: ReadonlyMap<string, Line>;
  readonly devices: ReadonlyMap<string, WorldDevice>;
  readonly register: Register;
  readonly start: Instant;
  now(): Instant;
  /** Lets fate work until an instant by day. Out: ids of the devices that moved or changed, for `placementsOf`. */
  advance(until: Instant): ReadonlySet<string>;
  /** An owner acts now. False when the device did not need it. */
  repair(device: string, how: Repair): boolean;
  /** Everything owners did so far; with the options it is all that a replay needs. */
  readonly repairs: readonly Repaired[];
  conditionOf(device: string, at: Instant): Condition;
  /** The device behind a line, if it has one. */
  deviceOn(line: string): WorldDevice | undefined;
  /** What stands where now; unplugged devices stand nowhere. */
  placements(): Placement[];
  placementsOf(device: string): Placement[];
}

/** Lines without a device for every line with one: neighbours to be mistaken for. */
const NEIGHBOURS = 2;

export function makeWorld(given: WorldOptions): World {
  const options = { addresses: 65_536, devices: 600, ports: DEFAULT_PORTS, firstMonth: '2026-09', ...given };
  const { seed } = options;
  const country = makeCountry(options.addresses);
  const start = monthStart(options.firstMonth);
  const register = makeRegister();
  const lines = new Map<string, Line>();
  const devices = new Map<string, WorldDevice>();
  const byLine = new Map<string, WorldDevice>();
  const repairs: Repaired[] = [];
  const taken = new Set<string>();

  const homeless = makePopulation(options.devices, makeRandom(seed, 'population'));
  const portOf = (b: Blueprint) => options.ports[(b.services[0] as Service).role];
  let housed = 0;
  let covered = 0;
  country.forEach((isp, i) => {
    covered += rangesOf(isp).reduce((sum, r) => sum + r.to - r.from + 1, 0);
    const upTo = Math.round((options.devices * covered) / options.addresses);
    const mine = homeless.filter(b => canHave(isp, portOf(b))).slice(0, upTo - housed);
    for (const blueprint of mine) homeless.splice(homeless.indexOf(blueprint), 1);
    const ports = mine.map(portOf);
    // The name that everyday fonts lack lives on the first dedicated line and has no e-mail: a letter must print it.
    const others = mine.length * NEIGHBOURS + 8;
    const settled = settle({ isp, devicePorts: ports, others, seed, start, register, taken, rare: i === 0 });
    for (const line of settled) lines.set(line.id, line);
    mine.forEach((blueprint, k) => {
      const line = settled[k] as Line;
      const id = `d${String(++housed).padStart(5, '0')}`;
      const { model, services, condition } = blueprint;
      const device: WorldDevice = { id, line, model, services, conditions: [{ from: 0, is: condition }] };
      devices.set(id, device);
      byLine.set(line.id, device);
    });
  });

  const pools = makePools(country, register, taken, seed);
  const moving = new Set(country.filter(isp => isp.pool === 'dynamic' || isp.pool === 'reseller').map(isp => isp.id));
  const movingLines = [...lines.values()].filter(l => moving.has(l.isp)).map(l => l.id);
  let now = start;
  let planned = options.firstMonth;
  const fateNow = () => fateOf(seed, planned, movingLines, [...devices.keys()]);
  let fate = fateNow();
  let next = 0;

  const change = (device: WorldDevice, at: Instant, is: Condition | undefined): boolean => {
    if (is) device.conditions.push({ from: at, is });
    return is !== undefined;
  };
  const current = (device: WorldDevice) => (device.conditions.at(-1) as { is: Condition }).is;

  /** Lets one thing happen. Out: the device it concerns, when anything changed about it. */
  function befall(f: Fate): string | undefined {
    if (f.type === 'move') {
      pools.move(lines.get(f.line) as Line, f.at, f.releases);
      return byLine.get(f.line)?.id;
    }
    const device = devices.get(f.device) as WorldDevice;
    const is = current(device);
    const first = device.conditions[0]?.is as Condition;
    const how =
      f.type === 'heal' && f.how === 'password' && !is.guessable && is.asks ? 'firmware' : 'how' in f && f.how;
    const becomes = how
      ? isWeak(is) && mend(is, how, seed, `${device.id}/${device.conditions.length}`)
      : isWeak(first) && !isWeak(is) && first;
    return becomes && change(device, f.at, becomes) ? device.id : undefined;
  }

  function placementsOf(id: string): Placement[] {
    const device = devices.get(id);
    const stay = device && register.of(device.line.id, now);
    if (!device || !current(device).online || !stay) return [];
    return device.services.map(service => {
      const port = options.ports[service.role];
      return {
        id: `${id}:${port}`,
        device: id,
        address: stay.address,
        port,
        protocol: protocolOfRole(service.role),
        service,
        model: device.model,
        condition: current(device),
      };
    });
  }

  return {
    options,
    country,
    lines,
    devices,
    register,
    start,
    repairs,
    now: () => now,
    advance(until) {
      if (isNight(until)) throw new RangeError('the country changes between 02:00 and 06:00 JST; look at it by day');
      const changed = new Set<string>();
      for (;;) {
        for (let f = fate[next]; f && f.at <= until; f = fate[++next]) {
          const device = befall(f);
          if (device !== undefined) changed.add(device);
        }
        if (next < fate.length || monthStart(nextMonth(planned)) > until) break;
        planned = nextMonth(planned);
        fate = fateNow();
        next = 0;
      }
      now = Math.max(now, until);
      return changed;
    },
    repair(id, how) {
      const device = devices.get(id);
      if (!device) return false;
      const done = change(device, now, mend(current(device), how, seed, `${id}/${device.conditions.length}`));
      if (done) repairs.push({ device: id, how, at: now });
      return done;
    },
    conditionOf(id, at) {
      const device = devices.get(id);
      if (!device) throw new RangeError(`there is no device ${id}`);
      return (device.conditions.findLast(c => c.from <= at) ?? (device.conditions[0] as { is: Condition })).is;
    },
    deviceOn: line => byLine.get(line),
    placementsOf,
    placements: () => [...devices.keys()].flatMap(placementsOf),
  };
}

/** The country as it was when a rehearsal was interrupted: the same options, the owners' deeds again, fate in between. */
export function replayWorld(options: WorldOptions, repairs: readonly Repaired[], now: Instant): World {
  const world = makeWorld(options);
  for (const { device, how, at } of repairs) {
    world.advance(at);
    world.repair(device, how);
  }
  world.advance(now);
  return world;
}
