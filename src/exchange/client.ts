/**
 * The ISP's side of the exchange: pulls what the centre has queued, and answers. In: where the centre is, the ISP's
 * signing key, the clocks, a fetch. Out: bundles in chain order, answers; or Fault('exchange') when the centre does not
 * answer, or answers what does not verify. Nothing listens at the ISP.
 */

import type { z } from 'zod';
import { type SigningKey, signBody } from '../mandate/keys.ts';
import type { Feedback, Receipt } from '../record/bundle.ts';
import { sha256 } from '../record/digest.ts';
import { errorOf, Fault } from '../record/fault.ts';
import type { Notice } from '../record/incident.ts';
import type { Clocks } from '../record/instant.ts';
import { SECOND } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';
import type { FeedbackAnswer, ListedBundle } from './answer-shape.ts';
import { FEEDBACK_ITEMS, feedbackAnswer, listShape, noticesShape } from './answer-shape.ts';
import type { ChainEnd, OpenedBundle } from './bundle.ts';
import { BUNDLE_CHARS, chainVerdict, openBundle } from './bundle.ts';
import { signRequest } from './request-signature.ts';

export interface ExchangeClientOptions {
  /** Origin of the centre, without a path: `http://127.0.0.1:8440`. */
  readonly baseUrl: string;
  readonly isp: string;
  /** The ISP's Ed25519 key, pinned at the centre. */
  readonly key: SigningKey;
  readonly clocks: Clocks;
  readonly fetch: typeof fetch;
  /** Real time one request may take, ms. */
  readonly timeoutMs?: number;
}

export class ExchangeClient {
  readonly #options: ExchangeClientOptions;

  constructor(options: ExchangeClientOptions) {
    this.#options = options;
  }

  /** Bundles after number `after`, without gaps; at most a hundred. */
  async list(after: number): Promise<readonly ListedBundle[]> {
    const listed = shapedAs(listShape, await this.#ask('GET', `/exchange/v1/bundles?after=${after}`));
    for (const [n, { seq }] of listed.entries())
      if (seq !== after + n + 1) throw broken(`bundle ${after + n + 1} is missing from the list`);
    return listed;
  }

  /** The sealed bytes of one bundle; checked against the digest it was listed with, where one is given. */
  async get(seq: number, digest?: string): Promise<string> {
    const sealed = await this.#ask('GET', `/exchange/v1/bundles/${seq}`);
    if (digest !== undefined && sha256(sealed) !== digest) throw broken(`bundle ${seq} is not the one that was listed`);
    return sealed;
  }

  /** Cases of ours whose owner, or the desk, says "this is not mine"; the newest first. The same ones again each time. */
  async notices(): Promise<readonly Notice[]> {
    return shapedAs(noticesShape, await this.#ask('GET', '/exchange/v1/notices'));
  }

  /** Says that a bundle arrived and verified. Saying it again changes nothing. */
  async receipt(of: Omit<Receipt, 'format' | 'isp' | 'at'>): Promise<void> {
    const { isp, key, clocks } = this.#options;
    const body: Receipt = { format: 'notice-receipt/1', isp, at: clocks.calendar(), ...of };
    await this.#ask('POST', '/exchange/v1/receipts', JSON.stringify({ body, signatures: [signBody(body, isp, key)] }));
  }

  /** Says what became of cases. Idempotent by case and revision; any number of items. */
  async feedback(items: readonly Omit<Feedback, 'format' | 'isp'>[]): Promise<FeedbackAnswer> {
    const { isp, key } = this.#options;
    const sum = { stored: 0, repeated: 0, conflicting: 0, unknown: 0 };
    for (let from = 0; from < items.length; from += FEEDBACK_ITEMS) {
      const body: Feedback[] = items
        .slice(from, from + FEEDBACK_ITEMS)
        .map(item => ({ ...item, format: 'notice-feedback/1', isp }));
      const text = JSON.stringify({ body, signatures: [signBody(body, isp, key)] });
      const answer = shapedAs(feedbackAnswer, await this.#ask('POST', '/exchange/v1/feedback', text));
      for (const name of ['stored', 'repeated', 'conflicting', 'unknown'] as const) sum[name] += answer[name];
    }
    return sum;
  }

  /**
   * Fetches, opens and yields every bundle after `last`, in order, each the next of the chain. The caller stores one
   * before it asks for the next, and passes what it stored last as `last` the next time. Stops with a Fault at the first
   * bundle that does not open, verify or follow.
   */
  async *pull(
    last: ChainEnd | undefined,
    sealing: SigningKey,
    trusted: readonly TrustedKey[],
  ): AsyncGenerator<OpenedBundle, void, void> {
    let end = last;
    for (;;) {
      const listed = await this.list(end?.seq ?? 0);
      for (const { seq, digest } of listed) {
        const opened = await openBundle(await this.get(seq, digest), sealing, trusted);
        const verdict = chainVerdict(this.#options.isp, end, opened);
        if (verdict !== 'next') throw broken(`bundle ${seq} does not follow bundle ${end?.seq ?? 0} (${verdict})`);
        end = { seq, digest };
        yield opened;
      }
      if (listed.length === 0) return;
    }
  }

  async #ask(method: 'GET' | 'POST', pathAndQuery: string, body = ''): Promise<string> {
    const { baseUrl, key, clocks, timeoutMs = 30 * SECOND } = this.#options;
    const url = new URL(pathAndQuery, baseUrl);
    const parts = { method, path: url.pathname, query: url.search, body };
    const answer = await this.#options
      .fetch(url, {
        method,
        headers: { ...signRequest(parts, key, clocks.calendar()), 'content-type': 'application/json' },
        ...(method === 'POST' ? { body } : {}),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
      .catch((thrown: unknown) => {
        throw new Fault('exchange', 'the centre does not answer', 'try again later; nothing is lost', {
          where: url.origin,
          cause: thrown,
        });
      });
    const text = await bounded(answer);
    if (answer.ok) return text;
    const said = /^[a-z.0-9-]{1,60}$/i.exec(errorWord(text))?.[0] ?? 'no reason';
    const remedy = answer.status === 401 ? 'check the clock, and that the centre pinned this key' : 'ask the operator';
    throw new Fault('exchange', `the centre refused ${method} ${url.pathname} (${answer.status}, ${said})`, remedy, {
      where: url.origin,
    });
  }
}

const broken = (what: string, cause?: unknown): Fault =>
  new Fault('exchange', what, 'take nothing from it, and ask the operator', { cause });

/** The body's text, given up as soon as it is larger than any bundle. */
async function bounded(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of answer.body ?? []) {
      size += piece.length;
      if (size > BUNDLE_CHARS) throw broken('the answer is larger than any bundle');
      pieces.push(piece);
    }
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw broken(`the answer broke off (${errorOf(thrown).message})`, thrown);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function errorWord(text: string): string {
  try {
    const { error, receipt } = JSON.parse(text) as { error?: unknown; receipt?: unknown };
    return String(error ?? receipt ?? '');
  } catch {
    return '';
  }
}

function shapedAs<T>(shape: z.ZodType<T>, text: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (thrown) {
    throw broken('the answer is not what this version knows', thrown);
  }
}
