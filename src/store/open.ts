/**
 * The store: one driver and one SQL on two engines. `openStore` makes and opens all compartments, embedded in a folder or
 * on a PostgreSQL; `openLogin` opens one of them from another process. Each handle is a login of its own: what it may not
 * read, the database refuses (SQLSTATE 42501).
 */
import { resolve } from 'node:path';
import type { Kysely } from 'kysely';
import { Fault } from '../record/fault.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { IspTables } from '../record/tables/isp.ts';
import type { WebTables } from '../record/tables/web.ts';
import { ispLogin, type LoginName, roleOf } from './compartment.ts';
import { openEmbedded } from './embedded.ts';
import { asUser, check, openPool, type Place, socketPlace, urlPlace } from './pool.ts';
import { openServer } from './server.ts';
import type { TurnLimits } from './turn.ts';

export type StoreOptions =
  | {
      /** The embedded store's folder; made when it does not exist. */
      readonly dir: string;
      readonly limits?: TurnLimits;
      readonly onLost?: (fault: Fault) => void;
    }
  | {
      /** PostgreSQL 15 or newer, as a user who owns the database and may make roles. */
      readonly url: string;
      /** Where the logins' passwords are kept, mode 0600. */
      readonly secretsFile: string;
    };

export interface Store {
  centre(): Kysely<CentreTables>;
  web(): Kysely<WebTables>;
  /** Throws Fault('database') when there is no such compartment. */
  isp(id: string): Kysely<IspTables>;
  /** Makes the ISP's compartment; nothing to do when it exists. */
  addIsp(id: string): Promise<void>;
  /** Where separate processes connect to, and with which password: what `openLogin` takes. */
  login(login: LoginName): LoginOptions;
  readonly engine: 'embedded' | 'server';
  /** True when this start made the embedded data folder. */
  readonly fresh: boolean;
  close(): Promise<void>;
}

export type LoginOptions = ({ readonly socketDir: string } | { readonly url: string }) & {
  readonly login: LoginName;
  readonly password: string;
};

/** Throws Fault: `database`, `locked`, `no-space`, `resource`, `usage`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if ('dir' in options) {
    // A driver takes a host that begins with a slash for a socket's folder, and nothing else.
    const embedded = await openEmbedded({ ...options, dir: resolve(options.dir) });
    const { socketDir, fresh } = embedded;
    return storeOn(socketPlace(socketDir), embedded, { engine: 'embedded', fresh, address: { socketDir } });
  }
  const place = urlPlace(options.url);
  const server = { ...(await openServer(place, options.secretsFile)), close: async () => undefined };
  return storeOn(place, server, { engine: 'server', fresh: false, address: { url: options.url } });
}

interface Behind {
  password(login: LoginName): string | undefined;
  addIsp(id: string): Promise<void>;
  close(): Promise<void>;
}

function storeOn(
  place: Place,
  behind: Behind,
  about: Pick<Store, 'engine' | 'fresh'> & { readonly address: { socketDir: string } | { url: string } },
): Store {
  const open = new Map<LoginName, Kysely<never>>();
  function passwordOf(login: LoginName): string {
    const password = behind.password(login);
    if (password !== undefined) return password;
    throw new Fault('database', `there is no compartment "${login}"`, 'add the ISP to this store first', {
      where: place.shown,
    });
  }
  function handle<Tables>(login: LoginName): Kysely<Tables> {
    const db = open.get(login) ?? openPool<never>(asUser(place, roleOf(login), passwordOf(login)));
    open.set(login, db);
    return db as unknown as Kysely<Tables>;
  }
  return {
    engine: about.engine,
    fresh: about.fresh,
    centre: () => handle<CentreTables>('centre'),
    web: () => handle<WebTables>('web'),
    isp: id => handle<IspTables>(ispLogin(id)),
    addIsp: id => behind.addIsp(id),
    login: login => ({ ...about.address, login, password: passwordOf(login) }),
    async close() {
      await Promise.all([...open.values()].map(db => db.destroy()));
      await behind.close();
    },
  };
}

/** The tables a login sees under their bare names. */
export type TablesOf<L extends LoginName> = L extends 'centre' ? CentreTables : L extends 'web' ? WebTables : IspTables;

/** One compartment, from a process that holds only its password. Throws Fault('database') when nobody answers. */
export function openLogin<L extends LoginName>(
  options: LoginOptions & { readonly login: L },
): Promise<Kysely<TablesOf<L>>> {
  const place = 'url' in options ? urlPlace(options.url) : socketPlace(options.socketDir);
  return check(openPool<TablesOf<L>>(asUser(place, roleOf(options.login), options.password)));
}
