/**
 * DuckDB, asked the same: a column store, at its best when all questions come at once, so they do, as a table joined to the holds. In:
 * the same lines and questions. Out: as of every peer. CPU is of this process, its threads included.
 */
import { rmSync, statSync } from 'node:fs';
import type { Questions } from './assignment-data.ts';
import { own, type Peer } from './assignment-peers.ts';
import { peerPackage } from './peer-packages.ts';

/** What is used of @duckdb/node-api. */
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
  createAppender(table: string): Promise<Appender>;
  closeSync(): void;
}
interface Appender {
  appendBigInt(value: bigint): void;
  endRow(): void;
  closeSync(): void;
}
interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}
interface Package {
  readonly DuckDBInstance: { create(file: string, options: Record<string, string>): Promise<Instance> };
}

/** As an address is read from the log. */
const NUMBER = [0, 1, 2, 3].map(n => `split_part(address, '.', ${n + 1})::uinteger * ${256 ** (3 - n)}`).join(' + ');
/** Sorted as they are asked for, so that whole row groups are passed over (zone maps). */
const LOAD = (log: string) => `create table hold as
  select (${NUMBER})::ubigint address, port_from, port_to, subscriber, "from" as start, "to" as stop
  from read_csv('${log}', header = true, columns = {address: 'varchar', port_from: 'uinteger', port_to: 'uinteger',
    subscriber: 'varchar', "from": 'bigint', "to": 'bigint'}) order by 1, 2, 5`;
const ASK = `select count(h.subscriber) from question q join hold h on h.address = q.address
  and h.port_from <= q.port and h.port_to >= q.port and h.start <= q.instant and h.stop >= q.instant`;

export async function duckdbPeer(log: string, file: string): Promise<Peer> {
  const { DuckDBInstance } = peerPackage('@duckdb/node-api') as Package;
  rmSync(file, { force: true });
  // One thread: work that threads wait for would count as CPU of theirs.
  const instance = await DuckDBInstance.create(file, { threads: '1' });
  const db = await instance.connect();
  const start = own();
  await db.run(LOAD(log));
  await db.run('checkpoint');
  const loadCpuSeconds = own() - start;
  const bytes = statSync(file).size;
  return {
    loadCpuSeconds,
    bytes,
    async ask(q: Questions) {
      await db.run('create or replace temp table question (address bigint, port bigint, instant bigint)');
      const appender = await db.createAppender('question');
      for (let i = 0; i < q.at.length; i++) {
        for (const value of [q.address[i]!, q.port[i]!, q.at[i]!]) appender.appendBigInt(BigInt(value));
        appender.endRow();
      }
      appender.closeSync();
      const from = own();
      const found = Number((await db.runAndReadAll(ASK)).getRows()[0]?.[0]);
      return { cpuSeconds: own() - from, found };
    },
    async close() {
      db.closeSync();
      instance.closeSync();
      rmSync(file, { force: true });
    },
  };
}
