/**
 * Opens what an ISP's configuration names: its compartment, and where contacts come from. In: the parts of the configuration, file
 * names relative to it. Out: handles and their close. An embedded store that an agent keeps open is reached through that
 * agent, so that a person can decide an incident while it runs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { ContactSource } from '../isp/contact/contact.ts';
import { customersFile } from '../isp/contact/customers.ts';
import { contactsByHook } from '../isp/contact/hook.ts';
import { contactsByStatement } from '../isp/contact/statement.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type LoginOptions, openLogin, openStore } from '../store/open.ts';
import { openReadOnly } from '../store/read-only.ts';
import type { IspConfig } from './isp-config.ts';

type At = (file: string) => string;

export interface Opened {
  readonly db: Kysely<IspTables>;
  readonly close: () => Promise<void>;
}

/** Where the agent that keeps an embedded store says how to reach it; for its own user only. */
const loginFile = (dir: string): string => join(dir, 'isp-login.json');

/** Throws Fault('locked') when another process has the store. */
export async function openDb({ store, id }: Pick<IspConfig, 'store' | 'id'>, at: At): Promise<Opened> {
  if (!('dir' in store)) {
    const place = 'url' in store ? { url: store.url } : { socketDir: at(store.socketDir) };
    const db = await openLogin({ ...place, login: `isp_${id}`, password: textIn(at(store.passwordFile)) });
    return { db, close: () => db.destroy() };
  }
  const dir = at(store.dir);
  const opened = await openStore({ dir });
  await opened.addIsp(id);
  try {
    writeFileSync(loginFile(dir), `${JSON.stringify(opened.login(`isp_${id}`))}\n`, { mode: 0o600 });
  } catch (thrown) {
    await opened.close();
    throw fileFault(thrown, loginFile(dir));
  }
  return { db: opened.isp(id), close: () => opened.close() };
}

/** The compartment, beside an agent that has it open. */
export async function openDbBeside(config: Pick<IspConfig, 'store' | 'id'>, at: At): Promise<Opened> {
  try {
    return await openDb(config, at);
  } catch (thrown) {
    const file = 'dir' in config.store ? loginFile(at(config.store.dir)) : '';
    if (!(thrown instanceof Fault) || thrown.code !== 'locked' || !existsSync(file)) throw thrown;
    const login = JSON.parse(readFileSync(file, 'utf8')) as LoginOptions;
    const db = await openLogin({ ...login, login: `isp_${config.id}` });
    return { db, close: () => db.destroy() };
  }
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

interface Contacts {
  readonly source: ContactSource | 'by-hand';
  readonly close: () => Promise<void>;
}

const NOTHING = async () => {};

/** `where` is the configuration file, for what is wrong in it. */
export function openContacts(given: IspConfig['contacts'], where: string, at: (file: string) => string): Contacts {
  if (typeof given === 'string') return { source: customersFile(at(given)), close: NOTHING };
  if ('file' in given) return { source: customersFile(at(given.file)), close: NOTHING };
  if ('byHand' in given) return { source: 'by-hand', close: NOTHING };
  if ('url' in given) {
    const { url, method, bearerFile, timeoutMs } = given;
    const bearer = bearerFile === undefined ? {} : { bearer: () => textIn(at(bearerFile)) };
    const slow = timeoutMs === undefined ? {} : { timeoutMs };
    return { source: contactsByHook({ url, method, fetch, ...bearer, ...slow }), close: NOTHING };
  }
  const { url, passwordFile } = given.database;
  const database = openReadOnly({ url, ...(passwordFile ? { password: textIn(at(passwordFile)) } : {}) });
  return {
    source: contactsByStatement(given.statement, database.rows, where),
    close: database.close,
  };
}
