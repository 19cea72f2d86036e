/**
 * Contacts from the ISP's customer system over HTTP: one request a line, with a bearer token, a time-out and a greatest size. In: where
 * it is and a fetch. Out: a contact source. 404 is nobody; anything else that is no contact is a refusal without the answer in it.
 */
import { z } from 'zod';
import { Fault } from '../../record/fault.ts';
import { SECOND } from '../../record/instant.ts';
import { type ContactSource, contactOf, type LookedUp } from './contact.ts';

export interface HookOptions {
  /** GET: `{line}` in it is replaced by the line. POST: the body is `{"line": …}`. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Read anew for each request, so that a token can be changed while the agent runs. */
  readonly bearer?: () => string;
  readonly timeoutMs?: number;
  readonly fetch: typeof fetch;
}

const LARGEST = 16 * 1024;
/** Requests at the same time: an ISP's customer system has other work. */
const AT_ONCE = 4;
const MARK = '{line}';

const text = z.string().nullish();
/** More may be in it; it is dropped unread. */
const ANSWER = z.object({
  name: z.string(),
  email: text,
  postcode: text,
  address1: text,
  address2: text,
  language: text,
});

/** Nothing about a customer leaves the machine unencrypted. */
function checked(url: string, method: HookOptions['method']): void {
  const wrong = (what: string) => new Fault('input', what, 'correct it as the guide shows', { where: url });
  let parsed: URL;
  try {
    parsed = new URL(url.replaceAll(MARK, 'x'));
  } catch {
    throw wrong('is no address of a customer system');
  }
  const own = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && own)) throw wrong('must be https');
  if (url.includes(MARK) !== (method === 'GET')) throw wrong(`GET needs ${MARK} in the address, POST must not have it`);
}

async function bounded(answer: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > LARGEST) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function read(subscriber: string, body: string): ReturnType<typeof contactOf> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'the answer is not JSON';
  }
  const shaped = ANSWER.safeParse(value);
  if (!shaped.success) return `the answer has no usable ${shaped.error.issues[0]?.path.join('.') || 'object'}`;
  return contactOf(subscriber, name => shaped.data[name] ?? '');
}

export function contactsByHook(options: HookOptions): ContactSource {
  const { url, method, bearer, timeoutMs = 10 * SECOND } = options;
  checked(url, method);
  const where = new URL(url.replaceAll(MARK, '-')).origin;
  const refuse = (refused: string, later: boolean): LookedUp => ({ refused, where, later });

  async function ask(subscriber: string): Promise<LookedUp> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (bearer) headers.authorization = `Bearer ${bearer().trim()}`;
    if (method === 'POST') headers['content-type'] = 'application/json';
    let status: number;
    let body: string | undefined;
    try {
      const answer = await options.fetch(url.replaceAll(MARK, encodeURIComponent(subscriber)), {
        method,
        headers,
        ...(method === 'POST' ? { body: JSON.stringify({ line: subscriber }) } : {}),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = answer.status;
      if (status === 404) {
        await answer.body?.cancel();
        return 'unknown';
      }
      body = await bounded(answer);
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      const slow = (thrown as { name?: string }).name === 'TimeoutError';
      return refuse(slow ? `no answer within ${timeoutMs} ms` : 'no answer', true);
    }
    if (status !== 200) return refuse(`answered with ${status}`, true);
    if (body === undefined) return refuse(`the answer is larger than ${LARGEST} bytes`, false);
    const contact = read(subscriber, body);
    return typeof contact === 'string' ? refuse(contact, false) : contact;
  }

  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    lookUp: async subscriber => {
      if (running >= AT_ONCE) await new Promise<void>(turn => waiting.push(turn));
      running++;
      try {
        return await ask(subscriber);
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
  };
}
