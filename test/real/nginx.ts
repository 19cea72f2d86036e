/**
 * nginx on one address, in the foreground and as whoever runs the test: what each place answers is the test's own
 * configuration, Basic or a form, plain or over TLS as old as OpenSSL still speaks it. Its access log says what came.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type Daemon, startDaemon } from './daemon.ts';

export interface NginxOptions {
  /** Inside the server: locations and what belongs to them. `basic`, `form` and `portal` make some. */
  readonly places: string;
  /** Outside the server. */
  readonly around?: string;
  /** With a certificate that it signed itself. */
  readonly tls?: { readonly protocols: string; readonly ciphers: string };
}

export interface NginxRequest {
  readonly status: number;
  readonly method: string;
  readonly path: string;
  /** As it came, or `-`. */
  readonly authorization: string;
  readonly cookie: string;
  readonly body: string;
  /** Counted from the start of nginx: requests of one number came on one connection. */
  readonly connection: number;
  /** Of the TLS session, or `-`. */
  readonly protocol: string;
}

export interface Nginx extends Daemon {
  /** In the order they were answered. */
  requests(): NginxRequest[];
}

export const OLD_TLS = { protocols: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
export const NEW_TLS = { protocols: 'TLSv1.2 TLSv1.3', ciphers: 'DEFAULT' } as const;

/** Everything behind Basic. */
export const basic = (realm: string): string =>
  `location / { auth_basic "${realm}"; auth_basic_user_file users; root www; index index.html; }`;

/** One page for every path, whatever is asked and sent. */
export const always = (page: string): string => `default_type text/html; location / { return 200 '${page}'; }`;

/** A login page at `/`, 404 elsewhere; a POST of it to /login is sent on, in or back to the form. */
export function form(page: string, inside: string, back: string, fields: string): Omit<NginxOptions, 'tls'> {
  return {
    // What came in the body is known once it has been read, so the answer is put together on its way back.
    around: `map $request_body $where { default ${back}; "${fields}" ${inside}; }
map $request_body $session { default ""; "${fields}" "session=1f3a; Path=/"; }`,
    places: `default_type text/html; absolute_redirect off;
location = / { add_header Set-Cookie "visit=77; Path=/"; return 200 '${page}'; }
location / { return 404; }
location = /login { proxy_pass http://unix:FOLDER/behind; proxy_redirect ~^ $where; add_header Set-Cookie $session; }`,
  };
}

export async function startNginx(
  folder: string,
  address: string,
  port: number,
  [user, password]: readonly [user: string, password: string],
  { places, around = '', tls }: NginxOptions,
): Promise<Nginx> {
  const file = (name: string) => join(folder, name);
  mkdirSync(file('www/cam'), { recursive: true });
  for (const page of ['www/index.html', 'www/cam/index.html'])
    writeFileSync(file(page), '<!doctype html><title>Settings</title><p>Settings of this device');
  writeFileSync(file('users'), `${user}:{PLAIN}${password}\n`);
  writeFileSync(file('access'), '');
  if (tls) {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('key'), '-out', file('certificate')];
    execFileSync('openssl', ['req', '-x509', '-days', '2', '-subj', '/CN=device', ...key], { stdio: 'ignore' });
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file('nginx.conf'),
    `daemon off;
master_process off;
pid ${file('pid')};
error_log stderr;
events { worker_connections 256; }
http {
  ${temporary.map(name => `${name}_temp_path ${file(name)};`).join(' ')}
  log_format came escape=json '{"status":$status,"method":"$request_method","path":"$request_uri",'
    '"authorization":"$http_authorization","cookie":"$http_cookie","body":"$request_body",'
    '"connection":$connection,"protocol":"$ssl_protocol"}';
  access_log ${file('access')} came;
  ${around}
  server {
    listen ${address}:${port}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${file('certificate')}; ssl_certificate_key ${file('key')};` : ''}
    ${tls ? `ssl_protocols ${tls.protocols}; ssl_ciphers ${tls.ciphers};` : ''}
    ${places
      .replaceAll('FOLDER', folder)
      .replace('_file users', `_file ${file('users')}`)
      .replace('root www', `root ${file('www')}`)}
  }
  server { listen unix:${file('behind')}; access_log off; absolute_redirect off; location / { return 302 /; } }
}
`,
  );
  const daemon = await startDaemon('/usr/sbin/nginx', ['-p', folder, '-c', file('nginx.conf'), '-e', 'stderr'], () =>
    answers(address, port),
  );
  return {
    ...daemon,
    requests: () =>
      readFileSync(file('access'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as NginxRequest),
  };
}
