/** Worker thread: makes a fresh, migrated database in memory and posts it as a gzipped archive. */
import { parentPort } from 'node:worker_threads';
import { openEngine, sqlRun } from './engine.ts';
import { migrate } from './migrate.ts';

const engine = await openEngine();
await migrate(sqlRun(engine), 'embedded');
// So that opening it replays nothing.
await engine.exec('checkpoint');
const archive = await engine.dumpDataDir('gzip');
parentPort?.postMessage(new Uint8Array(await archive.arrayBuffer()));
await engine.close();
