/**
 * The rehearsal's only post office: an SMTP server on loopback. Mails are kept in memory and as .eml files; a share of
 * recipients does not exist, always the same ones, and is refused while the sender is still connected.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { lot } from './random.ts';

export interface Mail {
  /** From 1, in order of arrival. */
  readonly n: number;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
  readonly html: string | null;
  readonly date: string | null;
}

export interface Mailbox {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Recipients refused so far, with the number of times. */
  readonly bounced: ReadonlyMap<string, number>;
  /** Called once a new mail arrived; mails of an earlier start are not told again. */
  onMail(hear: (mail: Mail) => void): void;
  close(): Promise<void>;
}

export const BOUNCES = 0.06;

/** Whether a mail address is one of those that do not exist. */
export const bounces = (seed: string, address: string): boolean =>
  lot(seed, 'no such mailbox', address.toLowerCase()) < BOUNCES;

async function parse(raw: Buffer, to: string, n: number): Promise<Mail> {
  const mail = await simpleParser(raw, { skipImageLinks: true, skipTextLinks: true });
  return {
    n,
    to,
    from: mail.from?.text ?? '',
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : null,
    date: mail.date?.toISOString() ?? null,
  };
}

const recipientOf = (raw: Buffer): string =>
  /^X-Rehearsal-Recipient: (.*)$/m.exec(raw.toString('latin1'))?.[1]?.trim() ?? '';

/** Opens on a free port of 127.0.0.1 unless one is given. Mails that an earlier start left in the folder are still there. */
export async function openMailbox({
  folder,
  seed,
  port = 0,
}: {
  folder: string;
  seed: string;
  port?: number;
}): Promise<Mailbox> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mails: Mail[] = [];
  const bounced = new Map<string, number>();
  const listeners: ((mail: Mail) => void)[] = [];
  for (const name of readdirSync(folder)
    .filter(f => f.endsWith('.eml'))
    .sort()) {
    const raw = readFileSync(join(folder, name));
    mails.push(await parse(raw, recipientOf(raw), mails.length + 1));
  }
  // One after the other: numbers and files stay in the order of arrival.
  let last: Promise<unknown> = Promise.resolve();
  const keep = (raw: Buffer, to: string) => {
    const next = last.then(async () => {
      const n = mails.length + 1;
      const mail = await parse(raw, to, n);
      const file = join(folder, `${String(n).padStart(6, '0')}.eml`);
      const kept = Buffer.concat([Buffer.from(`X-Rehearsal-Recipient: ${to}\r\n`), raw]);
      // Half a mail, left by a crash, would be read as one at the next start.
      writeFileSync(`${file}.part`, kept, { mode: 0o600 });
      renameSync(`${file}.part`, file);
      mails.push(mail);
      for (const hear of listeners) hear(mail);
    });
    last = next.catch(() => {});
    return next;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: 2_000_000,
    onRcptTo({ address }, _session, done) {
      if (!bounces(seed, address)) return done();
      bounced.set(address, (bounced.get(address) ?? 0) + 1);
      done(Object.assign(new Error('5.1.1 no such mailbox'), { responseCode: 550 }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', chunk => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        Promise.all(session.envelope.rcptTo.map(to => keep(raw, to.address))).then(() => done(), done);
      });
    },
  });
  // A client that hangs up in the middle is no reason to end.
  server.on('error', () => {});
  await new Promise<void>((ready, failed) => {
    server.server.once('error', failed);
    server.listen(port, '127.0.0.1', () => ready());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    bounced,
    onMail: hear => {
      listeners.push(hear);
    },
    close: () => new Promise(closed => server.close(() => closed())),
  };
}
