/**
 * OpenSMTPD on loopback, in a mount namespace of its own: its queue and its socket lie on a tmpfs that ends with it, so an
 * owner's own mail server is not touched. It takes mail for one domain into Maildirs of a given folder, and passes mail for
 * another one on to a second port of its own, which knows that domain's recipients: there a late refusal becomes a bounce.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { answers, type Daemon, freePort, startDaemon } from './daemon.ts';

export interface OpenSmtpd extends Daemon {
  readonly port: number;
  /** Every message that lies in a Maildir now, oldest first. */
  mails(): string[];
}

export interface Recipients {
  readonly domain: string;
  /** Local parts; a `+tag` after one is delivered too. Others are refused in the conversation. */
  readonly users: readonly string[];
  /** Recipients here are taken without knowing them; nobody at all is known behind it. */
  readonly farDomain: string;
}

/** nobody:nogroup. It delivers as the recipient, and never as root. */
const OWNER = 65_534;

const IN_NAMESPACE = `set -e
mount -t tmpfs none /var/spool
mount -t tmpfs none /run
mkdir -m 711 /var/spool/smtpd
exec /usr/sbin/smtpd -d -f "$1"
`;

export async function startOpenSmtpd(folder: string, { domain, users, farDomain }: Recipients): Promise<OpenSmtpd> {
  const address = '127.0.0.1';
  const [port, far] = [await freePort(address), await freePort(address)];
  const mail = join(folder, 'mail');
  mkdirSync(mail, { mode: 0o700 });
  chownSync(mail, OWNER, OWNER);
  // The delivering user walks through it.
  chmodSync(folder, 0o711);
  const file = join(folder, 'smtpd.conf');
  const table = users.map(user => `"${user}" = "${OWNER}:${OWNER}:${mail}"`).join(', ');
  writeFileSync(
    file,
    `listen on ${address} port ${port} hostname mx.${domain} tag near
listen on ${address} port ${far} hostname mx.${farDomain} tag far
table users { ${table} }
table nobody { "nobody-here" = "${OWNER}:${OWNER}:${mail}" }
action "local" maildir "${mail}/%{dest.user}" userbase <users>
action "pass-on" relay host smtp://${address}:${far}
action "far" maildir "${mail}/far" userbase <nobody>
match tag far from any for domain "${farDomain}" action "far"
match tag near from any for domain "${farDomain}" action "pass-on"
match from any for domain "${domain}" action "local"
`,
  );
  const daemon = await startDaemon('unshare', ['--mount', 'sh', '-c', IN_NAMESPACE, 'sh', file], async () =>
    (await Promise.all([port, far].map(one => answers(address, one)))).every(Boolean),
  );
  return { ...daemon, port, mails: () => mailsIn(mail) };
}

/** A message is whole once it lies in `new`. */
function mailsIn(folder: string): string[] {
  const files = readdirSync(folder).flatMap(user => {
    const fresh = join(folder, user, 'new');
    return existsSync(fresh) ? readdirSync(fresh).map(name => join(fresh, name)) : [];
  });
  return files
    .map(file => ({ file, at: statSync(file).mtimeMs }))
    .sort((a, b) => a.at - b.at)
    .map(({ file }) => readFileSync(file, 'latin1'));
}
