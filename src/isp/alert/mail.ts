/**
 * Hands e-mails to the ISP's mail server over SMTP. In: the findings of one line and the alert's id. Out: `sent`, `refused`
 * (this recipient, for good), `later` (surely not taken, try again) or `in-doubt` (the server may have taken it: never
 * sent again by itself). The same alert always has the same Message-ID and return path.
 */
import { createTransport } from 'nodemailer';
import type { AlertContent } from '../../record/alert.ts';
import { SECOND } from '../../record/instant.ts';
import { mailText } from './mail-text.ts';

export type Handed =
  | { readonly result: 'sent' }
  | { readonly result: 'refused' | 'later' | 'in-doubt'; readonly why: string };

export interface Mailer {
  /** `contents` is not empty; all are of one line whose contact has an e-mail address. */
  send(alertId: string, contents: readonly AlertContent[]): Promise<Handed>;
  close(): void;
}

export interface MailerOptions {
  readonly host: string;
  readonly port: number;
  /** Of sender, return path and Message-ID. */
  readonly domain: string;
  readonly timeoutMs?: number;
}

export const messageIdOf = (alertId: string, domain: string): string => `<${alertId}@${domain}>`;
/** The return path names the alert, so that a bounce says which one failed. */
export const returnPathOf = (alertId: string, domain: string): string => `bounce+${alertId}@${domain}`;

const nothing = () => {};
const isLoopback = (host: string) => /^(127\.|::1$|localhost$)/.test(host);

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly message?: string;
}

/** `begun`: the server had said that it would take the message. */
function judged(error: SmtpError, begun: boolean): Handed {
  const { code = 'unknown', command = '', responseCode } = error;
  const why = [code, command, responseCode].filter(Boolean).join(' ');
  if (responseCode !== undefined && responseCode >= 400)
    return { result: responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE') ? 'refused' : 'later', why };
  return { result: begun ? 'in-doubt' : 'later', why };
}

export function openMailer(options: MailerOptions): Mailer {
  const { host, port, domain, timeoutMs = 30 * SECOND } = options;
  let begun = false;
  // The log of the conversation is the only place that says so. It is looked at and thrown away: recipients are in it.
  const watch = (entry: unknown, line: unknown) => {
    if ((entry as { tnx?: string }).tnx === 'client' && line === 'DATA') begun = true;
  };
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure: false,
    // On our own machine there is nobody to hide from, and a test server's certificate proves nothing.
    ignoreTLS: isLoopback(host),
    // One conversation at a time, or we could not tell which message had begun when a connection was lost.
    maxConnections: 1,
    // OpenSMTPD answers 452 after 100 messages on one session.
    maxMessages: 100,
    // The pool would send again after a lost connection, when the server may have the message already.
    maxRequeues: 0,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: {
      level: nothing,
      trace: nothing,
      debug: watch,
      info: nothing,
      warn: nothing,
      error: nothing,
      fatal: nothing,
    },
    transactionLog: true,
  });
  const send = async (alertId: string, contents: readonly AlertContent[]): Promise<Handed> => {
    const first = contents[0] as AlertContent;
    const to = first.contact.email;
    if (to === null) return { result: 'refused', why: 'no e-mail address' };
    const { subject, text, html } = mailText(contents);
    begun = false;
    try {
      await transport.sendMail({
        messageId: messageIdOf(alertId, domain),
        date: new Date(first.writtenAt),
        from: { name: first.issuer.isp[first.contact.language], address: `notice@${domain}` },
        to: { name: first.contact.name, address: to },
        subject,
        text,
        html,
        // base64 keeps Japanese lines whole whatever relays do to them.
        encoding: 'base64',
        headers: { 'Auto-Submitted': 'auto-generated' },
        envelope: { from: returnPathOf(alertId, domain), to },
        xMailer: false,
      });
      return { result: 'sent' };
    } catch (thrown) {
      return judged(thrown as SmtpError, begun);
    }
  };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    send: (alertId, contents) => {
      const next = queue.then(() => send(alertId, contents));
      queue = next;
      return next;
    },
    close: () => transport.close(),
  };
}
