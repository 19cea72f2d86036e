/**
 * The centre's interface for ISPs. In: the centre's tables, the pinned keys of ISPs, the clocks. Out: a Hono app with five
 * paths, mounted by whoever listens. Every request is signed by a pinned key (request-signature.ts), and what it may see
 * or say is bounded by whose key that is; there is no path that names an ISP. ISPs pull; nothing connects into an ISP.
 *
 *   GET  /exchange/v1/bundles?after=N     [{seq, digest}], at most 100, in order
 *   GET  /exchange/v1/bundles/:seq        the sealed bytes, the same every time; 410 once they are too old
 *   GET  /exchange/v1/notices             [{id, notice, caseId, by, day}]: cases whose owner says "this is not mine"
 *   POST /exchange/v1/receipts            a signed Receipt
 *   POST /exchange/v1/feedback            signed Feedback, up to 1,000 items, idempotent by case and revision
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Kysely } from 'kysely';
import type { z } from 'zod';
import { verifyBody } from '../mandate/keys.ts';
import type { Clocks } from '../record/instant.ts';
import type { Signature, Trust } from '../record/mandate.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { BODY_BYTES, LIST_ITEMS, signedFeedback, signedReceipt } from './answer-shape.ts';
import { takeFeedback, takeReceipt } from './inbox.ts';
import { noticesFor } from './notices.ts';
import { askerOf } from './request-signature.ts';

export interface ExchangeApiOptions {
  readonly db: Kysely<CentreTables>;
  readonly clocks: Clocks;
  /** Pinned keys of each ISP, from the trust file. */
  readonly isps: Trust['isps'];
}

type Asked = Context<{ Variables: { isp: string; body: string } }>;

const RECEIPT_STATUS = { taken: 200, repeated: 200, unknown: 404, 'other-bytes': 409, 'other-count': 409 } as const;

export function exchangeApi({ db, clocks, isps }: ExchangeApiOptions): Hono {
  const app = new Hono<{ Variables: { isp: string; body: string } }>().basePath('/exchange/v1');
  const refuse = (c: Context, why: string, status: 400 | 401 | 404 | 410 | 413 | 422) => c.json({ error: why }, status);

  app.use('*', bodyLimit({ maxSize: BODY_BYTES, onError: c => refuse(c, 'too-large', 413) }));
  app.use('*', async (c, next) => {
    const url = new URL(c.req.url);
    const body = await c.req.text();
    const parts = { method: c.req.method, path: url.pathname, query: url.search, body };
    const asker = askerOf(parts, name => c.req.header(name), isps, clocks.calendar());
    if (!asker.ok) return refuse(c, asker.why, 401);
    c.set('isp', asker.isp);
    c.set('body', body);
    await next();
    c.header('cache-control', 'no-store');
  });

  app.get('/bundles', async c => {
    const after = wholeNumber(c.req.query('after') ?? '0');
    if (after === undefined) return refuse(c, 'after', 400);
    const bundles = await db
      .selectFrom('bundle')
      .select(['seq', 'digest'])
      .where('isp', '=', c.get('isp'))
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(LIST_ITEMS)
      .execute();
    return c.json(bundles);
  });

  app.get('/bundles/:seq', async c => {
    const seq = wholeNumber(c.req.param('seq'));
    const isp = c.get('isp');
    const found =
      seq === undefined
        ? undefined
        : await db
            .selectFrom('bundle')
            .select(['sealed', 'state'])
            .where('isp', '=', isp)
            .where('seq', '=', seq)
            .executeTakeFirst();
    if (!found || seq === undefined) return refuse(c, 'no-such-bundle', 404);
    if (found.sealed === '') return refuse(c, 'erased', 410);
    if (found.state === 'queued')
      await db
        .updateTable('bundle')
        .set({ state: 'delivered', delivered_at: clocks.calendar() })
        .where('isp', '=', isp)
        .where('seq', '=', seq)
        .where('state', '=', 'queued')
        .execute();
    return c.body(found.sealed, 200, { 'content-type': 'application/jose' });
  });

  app.get('/notices', async c => c.json(await noticesFor(db, c.get('isp'), clocks.calendar())));

  app.post('/receipts', async c => {
    const receipt = signedBy(c, signedReceipt, isps);
    if ('error' in receipt) return refuse(c, receipt.error, 422);
    if (receipt.body.isp !== c.get('isp')) return refuse(c, 'isp', 422);
    const verdict = await takeReceipt(db, receipt.body, clocks.calendar());
    return c.json({ receipt: verdict }, RECEIPT_STATUS[verdict]);
  });

  app.post('/feedback', async c => {
    const feedback = signedBy(c, signedFeedback, isps);
    if ('error' in feedback) return refuse(c, feedback.error, 422);
    if (feedback.body.some(item => item.isp !== c.get('isp'))) return refuse(c, 'isp', 422);
    return c.json(await takeFeedback(db, c.get('isp'), feedback.body, clocks.calendar()));
  });

  return app as unknown as Hono;
}

/** Up to nine digits, which a PostgreSQL integer holds. */
const wholeNumber = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** The body in its shape, if the asking ISP signed it; else a word that says what is wrong, without echoing anything. */
function signedBy<T extends { body: unknown; signatures: readonly Signature[] }>(
  c: Asked,
  shape: z.ZodType<T>,
  isps: Trust['isps'],
): T | { readonly error: string } {
  let value: unknown;
  try {
    value = JSON.parse(c.get('body'));
  } catch {
    return { error: 'not-json' };
  }
  const read = shape.safeParse(value);
  if (!read.success) return { error: read.error.issues[0]?.path.map(String).join('.') || 'shape' };
  const isp = c.get('isp');
  const good = read.data.signatures.some(s => s.by === isp && verifyBody(read.data.body, s, isps[isp] ?? []));
  return good ? read.data : { error: 'signatures' };
}
