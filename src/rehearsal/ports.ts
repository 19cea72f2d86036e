/**
 * Which ports the rehearsal's mandate names. In: the usual three and five addresses that must be empty. Where something
 * answers there, this machine itself listens on every address; the next free port is taken and the reason given.
 */
import { createConnection, createServer } from 'node:net';
import { Fault } from '../record/fault.ts';
import { emptyAddresses, makeCountry } from './country.ts';
import { HELD_AT } from './hold-ports.ts';
import { DEFAULT_PORTS, PORT_ROLES, type PortRole, type Ports } from './personality.ts';

/** Whether a TCP connection comes about. Refusal, silence and unreachability are all a no. */
export const answers = (host: string, port: number, waitMs = 1_000): Promise<boolean> =>
  new Promise(done => {
    const socket = createConnection({ host, port });
    const finish = (yes: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      done(yes);
    };
    const timer = setTimeout(() => finish(false), waitMs);
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
  });

const FURTHEST = 100;

/**
 * The ports for a country of so many addresses. `note` hears one sentence for each port that could not be had. Faults:
 * port-taken when a hundred ports in a row answer.
 */
export async function choosePorts(
  addresses: number,
  note: (text: string) => void,
  wanted: Ports = DEFAULT_PORTS,
): Promise<Ports> {
  const empty = [...emptyAddresses(makeCountry(addresses)), HELD_AT];
  const taken = new Set<number>();
  const chosen: Partial<Record<PortRole, number>> = {};
  for (const role of PORT_ROLES) {
    let port = wanted[role];
    for (let step = 0; ; step++, port++) {
      if (step === FURTHEST || port > 65_535)
        throw new Fault(
          'port-taken',
          `no port from ${wanted[role]} on is free on this machine`,
          'end what listens there',
        );
      // Another role may have been given this one already, or want it.
      if (taken.has(port) || (port !== wanted[role] && Object.values(wanted).includes(port))) continue;
      const found = await Promise.all(empty.map(address => answers(address, port)));
      const first = found.indexOf(true);
      if (first < 0) break;
      note(
        empty[first] === HELD_AT
          ? `port ${port} is held by another rehearsal`
          : `${empty[first]}:${port} answers although no device is there: a program of this machine listens on every address`,
      );
    }
    if (port !== wanted[role]) note(`port ${port} is used instead of ${wanted[role]}`);
    taken.add(port);
    chosen[role] = port;
  }
  return { ...wanted, ...chosen };
}

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise(done => {
    const server = createServer();
    server.on('error', () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });

/** The first port from `from` on that can be listened on at 127.0.0.1 and that no other rehearsal holds. Faults: port-taken when a hundred cannot. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + FURTHEST; port++) {
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, HELD_AT))) return port;
  }
  throw new Fault('port-taken', `none of the ports from ${from} on is free on 127.0.0.1`, 'end what listens there');
}
