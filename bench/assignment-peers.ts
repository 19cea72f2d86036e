/**
 * The databases that are asked the same: who held (address, port) at an instant, all of them and never just the latest. In: the same
 * lines and questions. Out: CPU-seconds to load and to answer, bytes on disk, and how many holds were found.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Questions } from './assignment-data.ts';
import { peerPackage } from './peer-packages.ts';

export interface Peer {
  readonly loadCpuSeconds: number;
  readonly bytes: number;
  /** Asks all questions once. */
  ask(q: Questions): Promise<{ readonly cpuSeconds: number; readonly found: number }>;
  close(): Promise<void>;
}

export const own = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const numberOf = (dotted: string): number => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

type Sqlite = Pick<DatabaseSync, 'exec' | 'prepare' | 'close'>;

/** SQLite as Node brings it, or by the package most people use. */
const SQLITES = {
  'node:sqlite': (): (new (file: string) => Sqlite) => DatabaseSync,
  'better-sqlite3': () => peerPackage('better-sqlite3') as new (file: string) => Sqlite,
} as const;

/** From the same lines as ours: an index on (address, first port, start), all of whose fitting rows are read. */
export async function sqlitePeer(name: keyof typeof SQLITES, log: string, file: string): Promise<Peer> {
  const Database = SQLITES[name]();
  rmSync(file, { force: true });
  const db = new Database(file);
  const start = own();
  db.exec(`pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -500000;
    create table hold (address integer, port_from integer, port_to integer, subscriber text, start integer, stop integer);
    begin`);
  const insert = db.prepare('insert into hold values (?, ?, ?, ?, ?, ?)');
  for (const line of readFileSync(log, 'latin1').split('\n').slice(1, -1)) {
    const [address = '', from, to, subscriber = '', begins, ends] = line.split(',');
    insert.run(numberOf(address), Number(from), Number(to), subscriber, Number(begins), Number(ends));
  }
  db.exec('commit; create index hold_at on hold (address, port_from, start); analyze');
  const loadCpuSeconds = own() - start;
  const select = db.prepare(`select subscriber, start, stop from hold
    where address = ? and port_from <= ? and port_to >= ? and start <= ? and stop >= ?`);
  return {
    loadCpuSeconds,
    bytes: statSync(file).size,
    async ask({ address, port, at }) {
      const from = own();
      let found = 0;
      for (let i = 0; i < at.length; i++) found += select.all(address[i]!, port[i]!, port[i]!, at[i]!, at[i]!).length;
      return { cpuSeconds: own() - from, found };
    },
    async close() {
      db.close();
      rmSync(file, { force: true });
    },
  };
}

/** Seconds one process has run on a processor (the first number of /proc/PID/schedstat, ns). */
const cpuOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;

/** Questions name addresses by number. */
const NUMBER = "(h.address - inet '0.0.0.0')";
const PORTS = `int8range(${NUMBER} * 65536 + h.port_from, ${NUMBER} * 65536 + h.port_to, '[]')`;
const TIME = "int8range(h.start, h.stop, '[]')";
const WAYS = {
  'PostgreSQL btree': {
    index: 'btree (address, port_from, start)',
    where:
      "h.address = inet '0.0.0.0' + q.address and h.port_from <= q.port and h.port_to >= q.port and h.start <= q.at and h.stop >= q.at",
  },
  'PostgreSQL GiST': {
    index: `gist ((${PORTS.replaceAll('h.', '')}), (${TIME.replaceAll('h.', '')}))`,
    where: `${PORTS} @> q.address * 65536 + q.port and ${TIME} @> q.at`,
  },
} as const;

/**
 * The server reads the same lines. Questions go in as one table and are answered in one statement, so that no time goes to and fro.
 * CPU is that of the one server process.
 */
export async function postgresqlPeer(log: string, name: keyof typeof WAYS, url: string): Promise<Peer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const pid = (await client.query('select pg_backend_pid() pid')).rows[0].pid as number;
  const before = cpuOf(pid);
  await client.query(`set max_parallel_workers_per_gather = 0; set max_parallel_maintenance_workers = 0; set work_mem = '256MB';
    set maintenance_work_mem = '512MB'; set jit = off; set enable_hashjoin = off; set enable_mergejoin = off;
    create unlogged table hold (address inet, port_from int4, port_to int4, subscriber text, start int8, stop int8)`);
  await client.query(`copy hold from '${log}' with (format csv, header)`);
  await client.query(`create index on hold using ${WAYS[name].index}`);
  await client.query('vacuum analyze hold');
  const loadCpuSeconds = cpuOf(pid) - before;
  const { rows } = await client.query("select pg_total_relation_size('hold') size");
  return {
    loadCpuSeconds,
    bytes: Number(rows[0].size),
    async ask({ address, port, at }) {
      await client.query(
        'drop table if exists question; create temp table question (address int8, port int4, at int8)',
      );
      await client.query('insert into question select * from unnest($1::int8[], $2::int4[], $3::int8[])', [
        ...[`{${address.join()}}`, `{${port.join()}}`, `{${at.join()}}`],
      ]);
      await client.query('analyze question');
      const from = cpuOf(pid);
      const { rows } = await client.query(
        `select count(*) found from question q cross join lateral (select h.subscriber from hold h where ${WAYS[name].where}) x`,
      );
      return { cpuSeconds: cpuOf(pid) - from, found: Number(rows[0].found) };
    },
    async close() {
      await client.query('drop table hold');
      await client.end();
    },
  };
}
