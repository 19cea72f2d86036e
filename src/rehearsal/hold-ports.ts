/**
 * Keeps two countries on one machine apart. Each holds its ports on one address that is in no country; whoever chooses
 * ports tries that address too and takes others. In: ports. Out: what lets go of them.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Fault } from '../record/fault.ts';

/** Just below 127.64.0.0/12, where no device of any country stands. */
export const HELD_AT = '127.63.255.254';

/** Throws Fault('port-taken') when another country has one of them. */
export async function holdPorts(ports: Readonly<Record<string, number>>): Promise<() => Promise<void>> {
  const held = await Promise.all(
    Object.values(ports).map(async port => {
      const server = createServer(socket => socket.destroy());
      try {
        server.listen(port, HELD_AT);
        await once(server, 'listening');
      } catch (cause) {
        throw new Fault(
          'port-taken',
          `port ${port} is held by another rehearsal, or by a program that listens everywhere`,
          'wait for it to end, or start over with --fresh',
          { cause },
        );
      }
      return server;
    }),
  );
  return async () => {
    await Promise.all(held.map(server => (server.listening ? once(server.close(), 'close') : undefined)));
  };
}
