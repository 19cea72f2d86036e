/**
 * All listening sockets of the country in one process. In: what should stand where. It opens what is missing, closes
 * what is gone and leaves the rest alone, so that telling it twice changes nothing.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Placement } from '../world.ts';
import { http } from './http.ts';
import { makeCounter, type Tally } from './tally.ts';
import { telnet } from './telnet.ts';
import { attach } from './wire.ts';

export interface Trouble {
  readonly id: string;
  /** The system's word, such as EADDRINUSE or EMFILE. */
  readonly code: string;
}

export interface Houses {
  /** Makes exactly these stand. */
  place(all: readonly Placement[]): Promise<Trouble[]>;
  /** Makes the services of one device stand like this. */
  replace(device: string, services: readonly Placement[]): Promise<Trouble[]>;
  tally(): Tally;
  close(): Promise<void>;
}

interface House {
  readonly placement: Placement;
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

/** Listening calls in flight at once; each is cheap, five thousand together stall the loop. */
const AT_ONCE = 200;

export function makeHouses(monotonic: () => number): Houses {
  const houses = new Map<string, House>();
  const counter = makeCounter(monotonic);

  function open(placement: Placement): Promise<Trouble[]> {
    const sockets = new Set<Socket>();
    const server = createServer(socket => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      attach(socket, placement, placement.protocol === 'http' ? http : telnet, counter);
    });
    return new Promise(done => {
      server.once('error', error =>
        done([{ id: placement.id, code: (error as { code?: string }).code ?? error.message }]),
      );
      server.listen({ host: placement.address, port: placement.port }, () => {
        houses.set(placement.id, { placement, server, sockets });
        done([]);
      });
    });
  }

  async function shut(id: string): Promise<void> {
    const house = houses.get(id);
    if (!house) return;
    houses.delete(id);
    for (const socket of house.sockets) socket.destroy();
    await new Promise<void>(done => house.server.close(() => done()));
  }

  async function become(wanted: readonly Placement[], going: readonly string[]): Promise<Trouble[]> {
    await Promise.all(going.map(shut));
    const missing = wanted.filter(p => !houses.has(p.id));
    const trouble: Trouble[] = [];
    for (let i = 0; i < missing.length; i += AT_ONCE)
      trouble.push(...(await Promise.all(missing.slice(i, i + AT_ONCE).map(open))).flat());
    return trouble;
  }

  const changed = (wanted: readonly Placement[], among: readonly House[]) => {
    const byId = new Map(wanted.map(p => [p.id, p]));
    return among.filter(h => !isDeepStrictEqual(byId.get(h.placement.id), h.placement)).map(h => h.placement.id);
  };

  return {
    place: all => {
      counter.forgive();
      return become(all, changed(all, [...houses.values()]));
    },
    replace: (device, services) =>
      become(
        services,
        changed(
          services,
          [...houses.values()].filter(h => h.placement.device === device),
        ),
      ),
    tally: () => counter.tally(houses.size),
    close: async () => {
      await Promise.all([...houses.keys()].map(shut));
    },
  };
}
