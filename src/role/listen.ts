/** Where a role listens for HTTP. In: an app, one address, a port (0 takes any). Out: its URL and what closes it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { Fault } from '../record/fault.ts';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a port of one address. Throws Fault('port-taken') when somebody has it. */
export async function listen(app: Hono, host: string, port: number): Promise<Listening> {
  const server = serve({ fetch: app.fetch, port, hostname: host });
  try {
    await once(server, 'listening');
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    throw new Fault(
      'port-taken',
      `port ${port} of ${host} cannot be listened on (${code})`,
      'end the program that has it, or name another port',
      { cause: thrown },
    );
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // Live pages would hold the port until their two minutes are over.
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
