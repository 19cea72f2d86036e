/**
 * A real PostgreSQL for a test: a cluster of its own in a temporary folder, on a Unix socket only, with passwords
 * (SCRAM). It refuses root, so as root it runs as user postgres. Stopped by its own process id, its folder removed.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDaemon } from './daemon.ts';

export interface RealPostgresql {
  /** As its superuser. */
  readonly url: string;
  readonly folder: string;
  /** Server process id. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Debian keeps the server's programs out of PATH: the oldest there is, because that is what the SQL must run on. */
function programs(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(a) - Number(b)) : [];
  const found = versions.map(v => join(debian, v, 'bin')).find(bin => existsSync(join(bin, 'initdb')));
  return found ?? execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
}

export async function startPostgresql(): Promise<RealPostgresql> {
  const bin = programs();
  const folder = mkdtempSync(join(tmpdir(), 'pg-'));
  const password = randomBytes(16).toString('hex');
  const root = process.getuid?.() === 0;
  const drop = ['--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
  const asPostgres = (program: string, args: readonly string[]) =>
    root
      ? { command: 'setpriv', args: [...drop, join(bin, program), ...args] }
      : { command: join(bin, program), args: [...args] };
  if (root) execFileSync('chown', ['postgres:postgres', folder]);
  chmodSync(folder, 0o755);
  const secret = join(folder, 'password');
  writeFileSync(secret, password, { mode: 0o644 });
  const data = join(folder, 'data');
  const init = asPostgres('initdb', [
    ...['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${secret}`],
    ...['--no-sync', '--locale=C', '--encoding=UTF8'],
  ]);
  execFileSync(init.command, init.args, { stdio: 'pipe', timeout: 60_000 });
  rmSync(secret);
  const url = `postgresql:///postgres?host=${encodeURIComponent(folder)}&user=postgres&password=${password}`;
  const serve = asPostgres('postgres', [
    ...['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
  ]);
  const daemon = await startDaemon(serve.command, serve.args, () => answersSql(url), { deadlineMs: 30_000 });
  return {
    url,
    folder,
    pid: daemon.pid,
    async stop() {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answersSql(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
