/**
 * Opens odd devices on loopback: each personality many times, each device on an address of its own, all of a protocol on
 * one port. The address says who lives there: 127.B.P.H, where P is the personality's place in the list, from 1; H up to
 * 100 takes a pair that nobody guesses, from 101 on one of the pairs given. In: what to open. Out: places, counts.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Protocol } from '../../record/glossary.ts';
import { type Count, type Counter, makeCounter } from './count.ts';
import type { Key, Personality } from './device.ts';

export type PortOf = Readonly<Partial<Record<Protocol, number>>>;

export interface OpenOptions {
  /** B of the first hundred; the next hundred is on B + 1, and so on. 77 by default. */
  readonly block?: number;
  readonly ports: PortOf;
  /** Devices of each personality with a wrong pair, and as many with a right one. */
  readonly each: number;
  /** The pairs that somebody guesses, in turn. */
  readonly pairs: readonly Key[];
  /** Only these; all by default. */
  readonly personalities: readonly Personality[];
  readonly monotonic: () => number;
}

export interface Place {
  readonly address: string;
  readonly port: number;
  readonly personality: Personality;
  readonly guessable: boolean;
  readonly key: Key;
}

export interface OddDevices {
  readonly places: readonly Place[];
  /** In the order of the places. */
  counts(): readonly Count[];
  close(): Promise<void>;
}

export const PER_BLOCK = 100;
const MOST_PERSONALITIES = 255;
/** Listening calls in flight at once. */
const AT_ONCE = 200;

/** Where everybody lives; the same for whoever asks, so that nothing but the options need be agreed on. */
export function placesOf({ block = 77, ports, each, pairs, personalities }: Omit<OpenOptions, 'monotonic'>): Place[] {
  if (personalities.length > MOST_PERSONALITIES) throw new RangeError('more personalities than an octet has numbers');
  return personalities.flatMap((personality, at) => {
    const port = ports[personality.protocol];
    if (port === undefined) return [];
    return Array.from({ length: 2 * each }, (_, i): Place => {
      const guessable = i >= each;
      const n = i % each;
      const last = (n % PER_BLOCK) + 1 + (guessable ? PER_BLOCK : 0);
      const user = pairs[n % pairs.length]?.user ?? 'admin';
      return {
        address: `127.${block + Math.floor(n / PER_BLOCK)}.${at + 1}.${last}`,
        port,
        personality,
        guessable,
        key: guessable ? (pairs[n % pairs.length] as Key) : { user, password: `Strong-and-long-enough-${n}` },
      };
    });
  });
}

interface Standing {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly counter: Counter;
}

function stand(place: Place, monotonic: () => number): Promise<Standing> {
  const sockets = new Set<Socket>();
  const counter = makeCounter(monotonic);
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const witness = counter.witness(socket);
    place.personality.device(socket, place.key, witness);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: place.address, port: place.port }, () => resolve({ server, sockets, counter }));
  });
}

/** Rejects with the system's error when an address cannot be listened on. */
export async function openOddDevices(options: OpenOptions): Promise<OddDevices> {
  const places = placesOf(options);
  const standing: Standing[] = [];
  const close = async () => {
    await Promise.all(
      standing.map(({ server, sockets }) => {
        for (const socket of sockets) socket.destroy();
        return new Promise<void>(done => server.close(() => done()));
      }),
    );
  };
  for (let i = 0; i < places.length; i += AT_ONCE) {
    const opened = await Promise.allSettled(places.slice(i, i + AT_ONCE).map(place => stand(place, options.monotonic)));
    for (const one of opened) if (one.status === 'fulfilled') standing.push(one.value);
    const failed = opened.find(one => one.status === 'rejected');
    if (failed) {
      await close();
      throw failed.reason;
    }
  }
  return { places, counts: () => standing.map(({ counter }) => counter.count), close };
}
