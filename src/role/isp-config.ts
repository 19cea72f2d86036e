/**
 * An ISP's configuration file: where its compartment, exchange, keys, logs and mail server are. In: JSON; file names in it are
 * relative to it. Out: a started role, and its close. Nothing in it may lift the rehearsal mark.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ExchangeClient } from '../exchange/client.ts';
import { curveOf, keyIdOf, readKey, type SigningKey } from '../mandate/keys.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { openLogin, openStore } from '../store/open.ts';
import { type IspRole, startIsp } from './isp.ts';

const both = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const pinned = z
  .strictObject({ key: z.string().regex(/^[0-9a-f]{16}$/), publicKey: z.string() })
  .refine(k => keyIdOf(k.publicKey) === k.key, 'the key id is not that of the public key');

const SHAPE = z.strictObject({
  id: z.string().regex(/^[a-z0-9_-]{1,40}$/),
  store: z.union([
    z.strictObject({ dir: z.string() }),
    z.strictObject({ socketDir: z.string(), passwordFile: z.string() }),
    z.strictObject({ url: z.string(), passwordFile: z.string() }),
  ]),
  exchange: z.string().regex(/^https?:\/\/[^/]+$/),
  keys: z.strictObject({ signing: z.string(), sealing: z.string() }),
  centreKeys: z.array(pinned).min(1),
  proberKeys: z.array(pinned).min(1),
  assignments: z.string(),
  pools: z.string(),
  contacts: z.string(),
  letters: z.string(),
  smtp: z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) }),
  deskCapacityPerDay: z.int().min(0).max(1_000_000),
  domain: z.string().regex(/^[A-Za-z0-9.-]{1,253}$/),
  issuer: z.strictObject({
    programme: both,
    isp: both,
    returnAddress: z.string().min(1),
    site: z.string().regex(/^https?:\/\/[^/\s]+$/),
    supportLines: z
      .array(z.strictObject({ name: z.string(), number: z.string(), cost: both, reach: both, hours: both }))
      .min(1)
      .max(3),
    rehearsal: z.literal(true, 'alerts without the rehearsal mark need an issuer profile signed by the authority'),
  }),
});
export type IspConfig = z.infer<typeof SHAPE>;

/** Throws Fault(input) with the file and what is wrong. */
export function readIspConfig(file: string): IspConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw fileFault(thrown, file);
    throw new Fault('input', 'is not JSON', 'correct it', { where: file, cause: thrown });
  }
  const read = SHAPE.safeParse(parsed);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Fault('input', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 'correct it as the guide shows', {
    where: file,
  });
}

function keyIn(file: string, curve: 'Ed25519' | 'X25519'): SigningKey {
  const key = readKey(file);
  if (curveOf(key) === curve) return key;
  const wanted = curve === 'Ed25519' ? 'signing' : 'sealing';
  throw new Fault('input', `is no ${wanted} key`, `name the ISP's ${wanted} key`, { where: file });
}

interface Opened {
  readonly db: Kysely<IspTables>;
  readonly close: () => Promise<void>;
}

async function openDb(config: IspConfig, at: (file: string) => string): Promise<Opened> {
  const { store, id } = config;
  if ('dir' in store) {
    const opened = await openStore({ dir: at(store.dir) });
    await opened.addIsp(id);
    return { db: opened.isp(id), close: () => opened.close() };
  }
  let password: string;
  try {
    password = readFileSync(at(store.passwordFile), 'utf8').trim();
  } catch (thrown) {
    throw fileFault(thrown, at(store.passwordFile));
  }
  const place = 'url' in store ? { url: store.url } : { socketDir: at(store.socketDir) };
  const db = await openLogin({ ...place, login: `isp_${id}`, password });
  return { db, close: () => db.destroy() };
}

export async function startIspFrom(file: string, clocks: Clocks): Promise<IspRole> {
  const config = readIspConfig(file);
  const at = (name: string) => resolve(dirname(file), name);
  const keys = {
    signing: keyIn(at(config.keys.signing), 'Ed25519'),
    sealing: keyIn(at(config.keys.sealing), 'X25519'),
  };
  const { db, close } = await openDb(config, at);
  try {
    const { id, centreKeys, proberKeys, smtp, issuer, deskCapacityPerDay, domain } = config;
    const exchange = new ExchangeClient({ baseUrl: config.exchange, isp: id, key: keys.signing, clocks, fetch });
    const role = await startIsp({
      id,
      db,
      clocks,
      exchange,
      keys,
      centreKeys,
      proberKeys,
      smtp,
      issuer,
      deskCapacityPerDay,
      domain,
      assignments: { dir: at(config.assignments) },
      poolsFile: at(config.pools),
      contactsFile: at(config.contacts),
      lettersDir: at(config.letters),
    });
    return {
      ...role,
      close: async () => {
        await role.close();
        await close();
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
