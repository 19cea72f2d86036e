/** Opens the embedded engine, PGlite, on a data folder or in memory. Blocks its thread while it works: only in workers. */
import { PGlite } from '@electric-sql/pglite';
import type { RunSql } from './migrate.ts';
import type { Run } from './seat.ts';

/** Without -O, which would let system tables be written; with buffers for one machine's worth of rows, not the 128 MB. */
const startParams = [...PGlite.defaultStartParams.filter(param => param !== '-O'), '-c', 'shared_buffers=16MB'];

/** On `dataDir`; in memory and empty, which takes some seconds, without one. */
export const openEngine = (dataDir?: string): Promise<PGlite> =>
  PGlite.create(dataDir === undefined ? { startParams } : { dataDir, startParams });

/** The streaming call, because the other one keeps every message it has parsed for as long as the engine lives. */
export const rawRun =
  (engine: PGlite): Run =>
  async bytes => {
    const chunks: Buffer[] = [];
    await engine.execProtocolRawStream(bytes, { onRawData: chunk => void chunks.push(Buffer.from(chunk)) });
    return Buffer.concat(chunks);
  };

export const sqlRun =
  (engine: PGlite): RunSql =>
  async sql =>
    (await engine.exec(sql)).flatMap(result => result.rows.map(row => String(Object.values(row)[0] ?? '')));
