/**
 * An ISP's configuration file: where its compartment, exchange, keys, logs and mail server are. In: JSON; file names in it are
 * relative to it. Out: a started role, and its close. Nothing in it may lift the rehearsal mark.
 */
import type { KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ExchangeClient } from '../exchange/client.ts';
import {
  curveOf,
  keyIdOf,
  makeSealingKey,
  privateKeyObject,
  publicTextOf,
  readKey,
  type SigningKey,
  writeKey,
} from '../mandate/keys.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import { type IspRole, startIsp } from './isp.ts';
import { type Opened, openContacts, openDb, openDbBeside } from './isp-open.ts';
import { makeOnce } from './key-folder.ts';

const both = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const pinned = z
  .strictObject({ key: z.string().regex(/^[0-9a-f]{16}$/), publicKey: z.string() })
  .refine(k => keyIdOf(k.publicKey) === k.key, 'the key id is not that of the public key');

/** A customer file, a statement in the ISP's own database, its customer system over HTTP, or people. */
const CONTACTS = z.union([
  z.string(),
  z.strictObject({ file: z.string() }),
  z.strictObject({
    database: z.strictObject({ url: z.string(), passwordFile: z.string().optional() }),
    statement: z.string().max(4_000),
  }),
  z.strictObject({
    url: z.string().max(2_000),
    method: z.enum(['GET', 'POST']).default('GET'),
    bearerFile: z.string().optional(),
    timeoutMs: z.int().min(100).max(60_000).optional(),
  }),
  z.strictObject({ byHand: z.literal(true) }),
]);

const SHAPE = z.strictObject({
  id: z.string().regex(/^[a-z0-9_-]{1,40}$/),
  store: z.union([
    z.strictObject({ dir: z.string() }),
    z.strictObject({ socketDir: z.string(), passwordFile: z.string() }),
    z.strictObject({ url: z.string(), passwordFile: z.string() }),
  ]),
  exchange: z.string().regex(/^https?:\/\/[^/]+$/),
  /** `subscribers` opens the map of lines; named and not there, it is made. Without it, the one that importing made. */
  keys: z.strictObject({ signing: z.string(), sealing: z.string(), subscribers: z.string().optional() }),
  centreKeys: z.array(pinned).min(1),
  proberKeys: z.array(pinned).min(1),
  assignments: z.string(),
  pools: z.string(),
  contacts: CONTACTS,
  /** The audit of verdicts. */
  verdicts: z.string().optional(),
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

/**
 * Made at the first start where the configuration names one that is not there yet. Its public half is put beside it, for
 * `notice isp import --sealed-to`: importing needs no more.
 */
function subscribersKeyIn(file: string): KeyObject {
  makeOnce(file, beside => writeKey(beside, makeSealingKey()));
  const key = keyIn(file, 'X25519');
  const open = `${file.replace(/(\.key)?\.json$/, '')}.pub.json`;
  makeOnce(open, beside => writeFileSync(beside, publicTextOf(key)));
  return privateKeyObject(key);
}

export async function startIspFrom(file: string, clocks: Clocks): Promise<IspRole> {
  const config = readIspConfig(file);
  const at = (name: string) => resolve(dirname(file), name);
  const keys = {
    signing: keyIn(at(config.keys.signing), 'Ed25519'),
    sealing: keyIn(at(config.keys.sealing), 'X25519'),
  };
  const contacts = openContacts(config.contacts, file, at);
  const { subscribers } = config.keys;
  const subscribersKey = subscribers === undefined ? undefined : subscribersKeyIn(at(subscribers));
  const { db, close } = await openDb(config, at);
  const closeAll = async () => {
    await close();
    await contacts.close();
  };
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
      contacts: contacts.source,
      subscribersKey,
      verdictsFile: config.verdicts === undefined ? undefined : at(config.verdicts),
      lettersDir: at(config.letters),
    });
    return {
      ...role,
      close: async () => {
        await role.close();
        await closeAll();
      },
    };
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
}

/** Only the compartment, for a person who decides an incident; also while the agent runs. */
export async function openIspDesk(file: string): Promise<Opened> {
  return await openDbBeside(readIspConfig(file), name => resolve(dirname(file), name));
}
