/** A port of 127.0.0.1 that nobody has now; from 8600 up, so that a rehearsal's addresses stay the same from start to start. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Fault } from '../record/fault.ts';

const FIRST = 8600;
const MANY = 200;

export async function freePort(): Promise<number> {
  for (let port = FIRST; port < FIRST + MANY; port++) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch {
      // Somebody has it; the next one then.
    }
  }
  throw new Fault('port-taken', `no port from ${FIRST} to ${FIRST + MANY - 1} is free`, 'end a program that listens there');
}
