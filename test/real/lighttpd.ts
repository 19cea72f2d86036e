/**
 * lighttpd with HTTP Basic or Digest authentication on one address. Its access log, which it writes when it stops, says
 * what came.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type Daemon, startDaemon } from './daemon.ts';

export interface Lighttpd extends Daemon {
  /** One line a request, in the order they were answered: status, path, then `Authorization` as it came, or `-`. */
  requests(): string[];
}

export async function startLighttpd(
  folder: string,
  address: string,
  port: number,
  user: string,
  password: string,
  realm: string,
  scheme: 'basic' | 'digest' | 'digest-sha-256' = 'basic',
): Promise<Lighttpd> {
  mkdirSync(join(folder, 'www'), { recursive: true });
  const file = (name: string) => join(folder, name);
  const method = {
    basic: '"method" => "basic"',
    digest: '"method" => "digest"',
    'digest-sha-256': '"method" => "digest", "algorithm" => "SHA-256"',
  }[scheme];
  writeFileSync(file('www/index.html'), '<!doctype html><title>Settings</title><p>Settings of this device');
  writeFileSync(file('users'), `${user}:${password}\n`);
  writeFileSync(file('access'), '');
  writeFileSync(
    file('lighttpd.conf'),
    `server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")
server.document-root = "${file('www')}"
server.bind = "${address}"
server.port = ${port}
index-file.names = ("index.html")
accesslog.filename = "${file('access')}"
accesslog.format = "%s %U %{Authorization}i"
auth.backend = "plain"
auth.backend.plain.userfile = "${file('users')}"
auth.require = ("/" => (${method}, "realm" => "${realm}", "require" => "valid-user"))
`,
  );
  const daemon = await startDaemon('/usr/sbin/lighttpd', ['-D', '-f', file('lighttpd.conf')], () =>
    answers(address, port),
  );
  return { ...daemon, requests: () => readFileSync(file('access'), 'utf8').split('\n').filter(Boolean) };
}
