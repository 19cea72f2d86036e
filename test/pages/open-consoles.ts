/** The sample consoles over a real store in a folder, each with a way in. */
import type { Hono } from 'hono';
import { makeIspConsole } from '../../src/console/isp.tsx';
import { makeOperatorConsole } from '../../src/console/operator.tsx';
import { makeSignIn } from '../../src/console/sign-in.ts';
import type { RoundProgress } from '../../src/record/progress.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { LOGS, MANDATE_WORDS, NAMES, NOW, PROGRESS, seedCentre, seedIsp } from './sample-consoles.ts';

export interface Entered {
  readonly app: Hono;
  /** The one-time address, as a path. */
  readonly link: () => string;
  get(path: string): Promise<Response>;
  text(path: string): Promise<string>;
}

export interface Consoles {
  readonly store: Store;
  /** What the operator's console shows as running; may be changed. */
  progress: RoundProgress | undefined;
  verified: boolean;
  readonly operator: Entered;
  readonly isp: Entered;
  /** The same two over empty tables. */
  readonly emptyOperator: Entered;
  readonly emptyIsp: Entered;
  close(): Promise<void>;
}

const clocks = { calendar: () => NOW, monotonic: () => 0 };
let chance = 0;
const random = (n: number) => Uint8Array.from({ length: n }, () => (chance = (chance * 31 + 7) % 253));

async function enter(make: (signIn: ReturnType<typeof makeSignIn>) => Hono, cookie: string): Promise<Entered> {
  const signIn = makeSignIn({ clocks, random, cookie });
  const app = make(signIn);
  const link = () => `/enter?link=${signIn.link({ name: 'Sato', role: cookie })}`;
  const set = (await app.request(link())).headers.get('set-cookie') ?? '';
  const get = async (path: string) => app.request(path, { headers: { cookie: set.split(';')[0] ?? '' } });
  return { app, link, get, text: async path => (await get(path)).text() };
}

/** Needs two folders that do not exist yet: one for a full store, one for an empty one. */
export async function openConsoles(full: string, empty: string): Promise<Consoles> {
  const [store, bare] = await Promise.all([openStore({ dir: full }), openStore({ dir: empty })]);
  await Promise.all([store.addIsp('isp-a'), bare.addIsp('isp-a')]);
  await seedCentre(store);
  await seedIsp(store, 'isp-a');
  const state: { progress: RoundProgress | undefined; verified: boolean } = { progress: PROGRESS, verified: true };
  const operator = (db: Store, running: () => RoundProgress | undefined) =>
    enter(
      signIn =>
        makeOperatorConsole({
          db: db.centre(),
          clocks,
          signIn,
          rehearsal: true,
          progress: running,
          mandateWords: db === store ? MANDATE_WORDS : [],
          mandateDaysLeft: db === store ? 39 : 0,
          audit: () => ({ entries: 12_345, root: 'ab'.repeat(32), verified: state.verified }),
          names: NAMES,
        }),
      'operator',
    );
  const isp = (db: Store) =>
    enter(
      signIn =>
        makeIspConsole({
          db: db.isp('isp-a'),
          clocks,
          signIn,
          ispName: 'Aozora Net',
          rehearsal: true,
          letter: id => (/^alert-\d{4}(\.1)?$/.test(id) ? Buffer.from('%PDF-1.7') : undefined),
          logs: () => (db === store ? LOGS : []),
        }),
      'isp',
    );
  const consoles = {
    operator: await operator(store, () => state.progress),
    isp: await isp(store),
    emptyOperator: await operator(bare, () => undefined),
    emptyIsp: await isp(bare),
  };
  return Object.assign(state, consoles, {
    store,
    close: async () => {
      await Promise.all([store.close(), bare.close()]);
    },
  });
}
