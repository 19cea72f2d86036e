/**
 * A real FreeRADIUS for a test: accounting only, with a configuration of its own in a temporary folder, on a loopback port it
 * was given. It writes every packet to a detail file, and to the stock `radacct` table where a database is named. Packets are
 * sent with its own radclient. Stopped by its own process id, its folder removed.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDaemon } from './daemon.ts';

/** Attributes of one Accounting-Request, as radclient takes them; text values in quotes. */
export type Packet = Readonly<Record<string, string | number>>;

export interface RealFreeradius {
  readonly detail: string;
  readonly pid: number;
  /** One after the other; throws when one is not answered. */
  send(...packets: readonly Packet[]): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Debian keeps the stock configuration here; its SQL and its policy of unique session ids are used as they are. */
export const STOCK = '/etc/freeradius/3.0';
export const RADACCT_SCHEMA = `${STOCK}/mods-config/sql/main/postgresql/schema.sql`;

const TABLES = [
  ...['acct_table1 = "radacct"', 'acct_table2 = "radacct"', 'postauth_table = "radpostauth"'],
  ...['authcheck_table = "radcheck"', 'groupcheck_table = "radgroupcheck"', 'authreply_table = "radreply"'],
  ...['groupreply_table = "radgroupreply"', 'usergroup_table = "radusergroup"', 'client_table = "nas"'],
  ...['group_attribute = "SQL-Group"', 'read_clients = no', 'delete_stale_sessions = yes'],
];

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function sqlModule(conninfo: string): string {
  return `
  sql {
    driver = "rlm_sql_postgresql"
    dialect = "postgresql"
    radius_db = ${quoted(conninfo)}
    ${TABLES.join('\n    ')}
    pool { start = 1
      min = 1
      max = 2
      spare = 1
      uses = 0
      lifetime = 0
      idle_timeout = 60
      retry_delay = 1 }
    $INCLUDE ${STOCK}/mods-config/sql/main/postgresql/queries.conf
  }`;
}

function configuration(folder: string, port: number, secret: string, conninfo: string | undefined): string {
  return `
prefix = /usr
localstatedir = ${folder}
logdir = ${folder}
run_dir = ${folder}
confdir = ${folder}
name = radiusd
libdir = /usr/lib/freeradius
max_requests = 4096
cleanup_delay = 2
correct_escapes = true
security {
  max_attributes = 200
  allow_vulnerable_openssl = yes
}
proxy_requests = no
thread pool {
  start_servers = 1
  max_servers = 1
  min_spare_servers = 1
  max_spare_servers = 1
}
client loopback {
  ipaddr = 127.0.0.1
  secret = ${secret}
}
modules {
  expr {
  }
  detail {
    filename = ${folder}/detail
    permissions = 0600
    header = "%t"
  }
  preprocess {
    huntgroups = ${folder}/none
    hints = ${folder}/none
  }
  ${conninfo === undefined ? '' : sqlModule(conninfo)}
}
policy {
  $INCLUDE ${STOCK}/policy.d/accounting
}
server default {
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = ${port}
  }
  preacct {
    preprocess
    acct_unique
  }
  accounting {
    detail
    ${conninfo === undefined ? '' : 'sql'}
  }
}
`;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** `conninfo`: libpq's key=value text of a database that has the stock schema. */
export async function startFreeradius(options: { readonly conninfo?: string } = {}): Promise<RealFreeradius> {
  const folder = mkdtempSync(join(tmpdir(), 'radius-'));
  const secret = randomBytes(8).toString('hex');
  const port = await freeUdpPort();
  writeFileSync(join(folder, 'none'), '');
  writeFileSync(join(folder, 'radiusd.conf'), configuration(folder, port, secret, options.conninfo), { mode: 0o600 });
  const log = join(folder, 'log');
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const ready = async () => said().includes('Ready to process requests');
  const daemon = await startDaemon('freeradius', ['-f', '-d', folder, '-n', 'radiusd', '-l', log], ready, {
    deadlineMs: 20_000,
  }).catch((thrown: unknown) => {
    const why = `${String(thrown)}\n${said()}`;
    rmSync(folder, { recursive: true, force: true });
    throw new Error(why);
  });
  const run = promisify(execFile);
  return {
    detail: join(folder, 'detail'),
    pid: daemon.pid,
    async send(...packets) {
      for (const packet of packets) {
        const lines = Object.entries(packet).map(([name, value]) => `${name} = ${value}`);
        const file = join(folder, 'packet');
        writeFileSync(file, `${lines.join('\n')}\n`);
        await run('radclient', ['-q', '-r', '2', '-t', '3', '-f', file, `127.0.0.1:${port}`, 'acct', secret], {
          timeout: 15_000,
        });
      }
    },
    log: said,
    async stop() {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
