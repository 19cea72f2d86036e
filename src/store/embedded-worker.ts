/** Worker thread: the embedded engine and the multiplexer in front of it, so that no other thread waits for a query. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorOf } from '../record/fault.ts';
import type { Login } from './connection.ts';
import { openEngine, rawRun } from './engine.ts';
import { migrate, migrateIsp } from './migrate.ts';
import { openMultiplexer } from './multiplexer.ts';
import type { TurnLimits } from './turn.ts';

export interface EmbeddedData {
  readonly data: string;
  readonly path: string;
  readonly logins: readonly Login[];
  /** Ids of the ISPs whose compartments exist. */
  readonly isps: readonly string[];
  readonly limits?: TurnLimits;
}
export type EmbeddedAsk =
  | { readonly ask: 'isp'; readonly isp: string; readonly login: Login }
  | { readonly ask: 'close' };
/** `ready` once; then an answer to each ask, in order; `lost` when the engine failed. */
export type EmbeddedSay =
  | { readonly say: 'ready' }
  | { readonly say: 'done' }
  | { readonly say: 'failed'; readonly why: unknown }
  | { readonly say: 'lost'; readonly why: unknown };

const port = parentPort;
if (!port) throw new Error('this file is a worker');
const options = workerData as EmbeddedData;
const say = (one: EmbeddedSay) => port.postMessage(one);

const engine = await openEngine(options.data);
const multiplexer = await openMultiplexer({
  path: options.path,
  run: rawRun(engine),
  lost: why => {
    say({ say: 'lost', why: errorOf(why) });
    void multiplexer.close();
  },
  ...(options.limits ? { limits: options.limits } : {}),
});
await multiplexer.asOwner(async run => {
  await migrate(run, 'embedded');
  for (const isp of options.isps) await migrateIsp(run, isp);
});
for (const login of options.logins) multiplexer.admit(login);

port.on('message', async (asked: EmbeddedAsk) => {
  try {
    if (asked.ask === 'isp') {
      await multiplexer.asOwner(run => migrateIsp(run, asked.isp));
      multiplexer.admit(asked.login);
    } else {
      await multiplexer.close();
      await engine.close();
    }
    say({ say: 'done' });
    if (asked.ask === 'close') port.close();
  } catch (thrown) {
    say({ say: 'failed', why: errorOf(thrown) });
  }
});
say({ say: 'ready' });
