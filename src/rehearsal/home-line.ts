/**
 * An owner's line to try by hand: whoever opens this port of 127.0.0.1 in a browser reaches the site from the address of
 * an owner of the country, so that "check again" can be pressed as that owner. In: site, address. Out: where to connect.
 */
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

export interface HomeLine {
  readonly url: string;
  readonly fromAddress: string;
  close(): Promise<void>;
}

export async function openHomeLine(siteUrl: string, fromAddress: string, port = 0): Promise<HomeLine> {
  const site = new URL(siteUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer(visitor => {
    const line = createConnection({ host: site.hostname, port: Number(site.port || 80), localAddress: fromAddress });
    keep(visitor);
    keep(line);
    visitor.pipe(line).pipe(visitor);
    // Either end may vanish; the other then has nobody to talk to.
    visitor.on('error', () => line.destroy());
    line.on('error', () => visitor.destroy());
    visitor.on('close', () => line.destroy());
    line.on('close', () => visitor.destroy());
  });
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => ready());
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fromAddress,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(closed => server.close(() => closed()));
    },
  };
}
