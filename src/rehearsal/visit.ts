/**
 * An owner's browser: opens the page of an alert code and presses "check again", from the owner's own address. In: site,
 * code, address. Out: what the site said in the end. Real HTTP; nothing of the site is called directly.
 */
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECHECK_RESULTS, type RecheckResult } from '../record/recheck.ts';

export interface Visit {
  readonly siteUrl: string;
  /** 13 digits, or as printed. */
  readonly code: string;
  readonly fromAddress: string;
  /** How long to wait for a result, ms. */
  readonly patienceMs?: number;
  /** Told which re-check the site led to: a button pressed twice while the first is waiting leads to the same. */
  readonly onRecheck?: (id: string) => void;
}

/** `closed`: the code leads to a case that is not open any more; `unknown`: to none; `waiting`: patience ran out. */
export type VisitResult = RecheckResult | 'closed' | 'unknown' | 'waiting';

export interface Page {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

const LARGEST = 1_000_000;
const TIMEOUT_MS = 10_000;

/** One request bound to an address of the owner's. A form is sent as a browser sends it, with its Origin. */
export function browse(url: URL, fromAddress: string, form?: Readonly<Record<string, string>>): Promise<Page> {
  const body = form && new URLSearchParams(form).toString();
  const headers: Record<string, string | number> = { 'accept-language': 'ja' };
  if (body !== undefined) {
    headers.origin = url.origin;
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = Buffer.byteLength(body);
  }
  return new Promise((done, failed) => {
    const options = { method: body === undefined ? 'GET' : 'POST', headers, localAddress: fromAddress, agent: false };
    const asked = request(url, { ...options, timeout: TIMEOUT_MS }, (answer: IncomingMessage) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', chunk => {
        text += chunk;
        if (text.length > LARGEST) asked.destroy(new Error('the page is too large'));
      });
      answer.on('error', failed);
      answer.on('end', () => done({ status: answer.statusCode ?? 0, location: answer.headers.location, text }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url.pathname} did not answer`)));
    asked.on('error', failed);
    asked.end(body);
  });
}

const asResult = (text: unknown): RecheckResult | undefined => RECHECK_RESULTS.find(result => result === text);

/** The result of a re-check as its page marks it; undefined while it is waiting. */
async function resultAt(page: URL, fromAddress: string): Promise<RecheckResult | undefined> {
  return asResult(/data-result="([a-z-]+)"/.exec((await browse(page, fromAddress)).text)?.[1]);
}

/** Opens the code's page, presses the button, waits for the result. Throws only when the site cannot be reached. */
export async function visitSite({
  siteUrl,
  code,
  fromAddress,
  patienceMs = 20_000,
  onRecheck,
}: Visit): Promise<VisitResult> {
  const page = new URL(`/c/${code.replace(/\D/g, '')}`, siteUrl);
  const opened = await browse(page, fromAddress);
  if (opened.status === 429) return 'too-often';
  if (opened.status !== 200) return 'unknown';
  const asked = await browse(new URL(`${page.pathname}/recheck`, page), fromAddress, {});
  if (asked.status === 429) return 'too-often';
  if (asked.status !== 303 || !asked.location) return 'not-allowed';
  const place = new URL(asked.location, page);
  if (!place.pathname.includes('/recheck/')) return 'closed';
  onRecheck?.(place.pathname.split('/').at(-1) ?? '');
  const steps = Math.ceil(patienceMs / 100);
  for (let i = 0; i < steps; i++) {
    const result = await resultAt(place, fromAddress);
    if (result) return result;
    await sleep(100);
  }
  return 'waiting';
}

/** Sends the contact form with the code and a question. True when the site took it. */
export async function askDesk(
  siteUrl: string,
  fromAddress: string,
  form: { readonly code: string; readonly topic: string; readonly question: string },
): Promise<boolean> {
  const sent = await browse(new URL('/contact', siteUrl), fromAddress, { ...form, callback: '' });
  return sent.status === 303;
}
