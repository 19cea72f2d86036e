/**
 * Reads a delivery status notification (RFC 3464). In: a raw message. Out: which alert it is about and whether delivery
 * failed, or undefined when it is no such report or names none of our alerts. Any `message/delivery-status` part counts,
 * whatever multipart it sits in (OpenSMTPD uses multipart/mixed). Delayed is not failed, and neither is anything unclear.
 */
import { simpleParser } from 'mailparser';

export interface Bounce {
  readonly alertId: string;
  readonly failed: boolean;
  /** The status code of the report, such as 5.1.1. */
  readonly status: string;
}

/** A report larger than this is not read. */
const LARGEST = 2 * 1024 * 1024;
const ID = 'alert-[0-9a-f]{32}';

const domainPart = (domain: string) => domain.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `domain` is that of our return path: a report about somebody else's message is not ours. */
export async function readBounce(raw: Uint8Array | string, domain: string): Promise<Bounce | undefined> {
  const bytes = Buffer.from(raw as Uint8Array);
  if (bytes.length > LARGEST) return undefined;
  const mail = await simpleParser(bytes, {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
  });
  const reports = mail.attachments.filter(part => part.contentType === 'message/delivery-status');
  if (reports.length === 0) return undefined;
  const report = reports.map(part => part.content.toString('latin1')).join('\n');
  const returned = mail.attachments
    .filter(part => part.contentType === 'message/rfc822' || part.contentType === 'text/rfc822-headers')
    .map(part => part.content.toString('latin1').slice(0, 65_536));
  const own = domainPart(domain);
  const byReturned = returned
    .map(text => new RegExp(`^message-id:\\s*<(${ID})@${own}>`, 'im').exec(text)?.[1])
    .find(Boolean);
  const addressed = mail.headerLines
    .filter(line => ['to', 'delivered-to', 'x-original-to'].includes(line.key))
    .map(line => new RegExp(`bounce\\+(${ID})@${own}`, 'i').exec(line.line)?.[1])
    .find(Boolean);
  // The return path is ours alone to know; the returned message anybody could have put together.
  const alertId = addressed ?? byReturned;
  if (!alertId) return undefined;
  const actions = [...report.matchAll(/^action:\s*([a-z-]+)/gim)].map(m => (m[1] as string).toLowerCase());
  const status = /^status:\s*([245]\.\d{1,3}\.\d{1,3})/im.exec(report)?.[1] ?? '';
  return { alertId, failed: actions.includes('failed'), status };
}
