/**
 * Starts the devices of a world in their own process. In: the world. Out: a handle that keeps the sockets the way the
 * world is; every call resolves when the sockets stand.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../record/fault.ts';
import type { Placement, Repair, World } from '../world.ts';
import type { Trouble } from './houses.ts';
import type { Tally } from './tally.ts';

export type Order =
  | { readonly n: number; readonly type: 'place'; readonly placements: readonly Placement[] }
  | { readonly n: number; readonly type: 'replace'; readonly device: string; readonly placements: readonly Placement[] }
  | { readonly n: number; readonly type: 'tally' }
  | { readonly n: number; readonly type: 'close' };
export interface Answer {
  readonly n: number;
  readonly trouble?: readonly Trouble[];
  readonly tally?: Tally;
}

export interface Devices {
  readonly pid: number;
  /** Makes exactly these listen; without an argument, what the world says now. Also opens every lock, as a month does. */
  place(placements?: readonly Placement[]): Promise<void>;
  /** The sockets of devices that moved or changed, as `World.advance` names them. */
  follow(changed: Iterable<string>): Promise<void>;
  /** An owner acts: the world changes, then the device. */
  repair(device: string, how: Repair): Promise<boolean>;
  tally(): Promise<Tally>;
  close(): Promise<void>;
}

type Wanted<T> = T extends { n: number } ? Omit<T, 'n'> : never;

export async function startDevices(world: World): Promise<Devices> {
  const file = import.meta.url.endsWith('.ts') ? './process.ts' : './process.js';
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: 'advanced', execArgv: [] });
  const waiting = new Map<number, { done: (answer: Answer) => void; failed: (error: Error) => void }>();
  let count = 0;
  let ended: Error | undefined;
  child.on('message', message => {
    const answer = message as Answer;
    waiting.get(answer.n)?.done(answer);
    waiting.delete(answer.n);
  });
  child.on('exit', (code, signal) => {
    ended = new Fault('resource', `the simulated devices ended (${signal ?? code})`, 'start the rehearsal again');
    for (const { failed } of waiting.values()) failed(ended);
    waiting.clear();
  });
  await once(child, 'spawn');

  const ask = (order: Wanted<Order>): Promise<Answer> =>
    new Promise((done, failed) => {
      if (ended) return failed(ended);
      const n = ++count;
      waiting.set(n, { done, failed });
      child.send({ ...order, n });
    });

  const stand = (answer: Answer) => {
    const first = answer.trouble?.[0];
    if (!first) return;
    const many = first.code === 'EMFILE' || first.code === 'ENFILE';
    throw many
      ? new Fault(
          'resource',
          'this user may not open enough files for the devices',
          'raise `ulimit -n` or use --devices',
        )
      : new Fault(
          'port-taken',
          `device ${first.id} cannot listen (${first.code})`,
          'end the program that has its port',
        );
  };
  // Two owners' deeds may concern one device: its sockets are replaced one time after the other.
  const lastOf = new Map<string, Promise<void>>();
  const replace = (device: string): Promise<void> => {
    const next = (lastOf.get(device) ?? Promise.resolve())
      .catch(() => {})
      .then(async () => stand(await ask({ type: 'replace', device, placements: world.placementsOf(device) })));
    lastOf.set(device, next);
    return next;
  };

  return {
    pid: child.pid ?? 0,
    place: async placements => stand(await ask({ type: 'place', placements: placements ?? world.placements() })),
    async follow(changed) {
      // Two lines may swap addresses: both must have gone before either comes.
      const ids = [...changed];
      for (const device of ids) stand(await ask({ type: 'replace', device, placements: [] }));
      for (const device of ids) await replace(device);
    },
    async repair(device, how) {
      const done = world.repair(device, how);
      if (done) await replace(device);
      return done;
    },
    tally: async () => (await ask({ type: 'tally' })).tally as Tally,
    async close() {
      if (ended) return;
      const exit = once(child, 'exit');
      child.send({ type: 'close', n: ++count } satisfies Order);
      await exit;
    },
  };
}
