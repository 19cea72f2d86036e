/**
 * Peers that come from npm. They are no dependency of the programme: what a benchmark compares with is installed beside it, at these
 * versions, the first time it is asked for. Their install scripts do not run, so that nothing is fetched but from the registry.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = { '@duckdb/node-api': '1.5.6-r.1', 'better-sqlite3': '13.2.0' } as const;
export type PeerPackage = keyof typeof VERSIONS;

/** Beside our own packages; npm leaves folders with a dot alone. */
const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url));
const FOLDER = join(ROOT, 'node_modules', '.peers');

function versionOf(name: PeerPackage): string | undefined {
  const file = join(FOLDER, 'node_modules', name, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined;
}

function install(name: PeerPackage): void {
  mkdirSync(FOLDER, { recursive: true });
  const own = join(FOLDER, 'package.json');
  if (!existsSync(own)) writeFileSync(own, '{ "private": true }\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  process.stderr.write(`installing the peer ${name} ${VERSIONS[name]}, once\n`);
  const { status, stderr } = spawnSync('npm', ['install', '--save-exact', ...quiet, `${name}@${VERSIONS[name]}`], {
    ...{ cwd: FOLDER, encoding: 'utf8', timeout: 300_000 },
  });
  if (status !== 0) throw new Error(`npm cannot install it: ${(stderr ?? '').trim().split('\n')[0] || 'no answer'}`);
}

/** What the package exports. Throws when it cannot be had, with the reason: it is then named as missing. */
export function peerPackage(name: PeerPackage): unknown {
  if (versionOf(name) !== VERSIONS[name]) install(name);
  return createRequire(join(FOLDER, 'package.json'))(name);
}
