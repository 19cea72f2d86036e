/**
 * The embedded store's server: a Unix socket that many PostgreSQL clients share, in front of an engine with one session.
 * @electric-sql/pglite-socket interleaves single messages of different clients; this forwards whole batches, in turns.
 */
import { createServer, type Socket } from 'node:net';
import { type Login, makeConnection } from './connection.ts';
import { makeSession, type Run } from './seat.ts';
import { makeTurns, TURN_LIMITS, type TurnLimits, type Turns } from './turn.ts';

/** A client that has not given its password by then is cut off. */
const ADMISSION_MS = 10_000;

export interface Multiplexer {
  /** From now on this login is let in. */
  admit(login: Login): void;
  readonly asOwner: Turns['asOwner'];
  /** Lets nobody in, cuts everybody off. */
  close(): Promise<void>;
}

/** Serves `run` on the Unix socket `path`. `lost` hears of an engine that failed. Throws when the path cannot be used. */
export async function openMultiplexer(options: {
  readonly path: string;
  readonly run: Run;
  readonly lost: (why: unknown) => void;
  readonly limits?: TurnLimits;
}): Promise<Multiplexer> {
  const logins = new Map<string, Login>();
  const sockets = new Set<Socket>();
  const turns = makeTurns(makeSession(options.run), options.lost, options.limits ?? TURN_LIMITS);

  const server = createServer(socket => {
    sockets.add(socket);
    const connection = makeConnection(
      {
        write: bytes => void socket.write(bytes),
        end: bytes => void (bytes ? socket.end(bytes) : socket.end()),
      },
      role => {
        const login = logins.get(role);
        if (login) socket.setTimeout(0);
        return login;
      },
      turns,
    );
    socket.setTimeout(ADMISSION_MS, () => socket.destroy());
    socket.on('data', bytes => connection.take(bytes));
    // A broken pipe is a disconnect; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      connection.closed();
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.path, resolve);
  });
  return {
    admit: login => void logins.set(login.role, login),
    asOwner: turns.asOwner,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
