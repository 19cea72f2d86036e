/**
 * "Check again". The site never probes: it writes down who asks for which case and shows what the centre decides. The
 * visitor's address is the connection's own and goes into the request and nowhere else.
 */
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { plainAddress } from '../record/address.ts';
import { alertCodeHash, readAlertCode } from '../record/alert-code.ts';
import type { PageDeps, SiteDeps } from './deps.ts';
import { sendPage } from './frame.tsx';
import { pathIn } from './language.ts';
import type { SiteLimits } from './limits.ts';
import { NoRecheckPage, RecheckPage, resultOf } from './recheck-page.tsx';
import { tooOften } from './trouble.tsx';

/** 22 letters of base64url hold 128 random bits: who knows the id asked for the check. */
const ID = /^[A-Za-z0-9_-]{22}$/;

/** A live page looks twice a second for at most two minutes; then the browser asks anew. */
const LOOK_MS = 500;
const LOOKS = 240;
const STREAMS_MOST = 200;

export function recheckRoutes(deps: PageDeps, limits: SiteLimits): Hono {
  const routes = new Hono({ strict: false });
  const { store, language } = deps;

  routes.post('/c/:code/recheck', async c => {
    const read = readAlertCode(c.req.param('code').slice(0, 64));
    if (!read.ok) return c.redirect(pathIn(language, '/code'), 303);
    const visitor = plainAddress(deps.visitorOf(c));
    const wait = limits.recheck.take(visitor);
    if (wait > 0) return tooOften(c, deps, wait);
    const found = await store.findCode(alertCodeHash(deps.hashKey, read.code));
    const open = found?.state === 'open' || found?.state === 'not-seen';
    if (!found || !open || found.kind === 'infected') return c.redirect(pathIn(language, `/c/${read.code}`), 303);
    const waiting = await store.waitingRecheck(found.caseId, visitor);
    if (waiting !== undefined) return c.redirect(pathIn(language, `/recheck/${waiting}`), 303);
    const id = Buffer.from(deps.random(16)).toString('base64url');
    await store.askRecheck({ id, caseId: found.caseId, visitor, at: deps.clocks.calendar() });
    return c.redirect(pathIn(language, `/recheck/${id}`), 303);
  });

  routes.get('/recheck/:id', async c => {
    const id = c.req.param('id');
    const recheck = ID.test(id) ? await store.recheck(id) : undefined;
    if (!recheck) return sendPage(c, <NoRecheckPage deps={deps} id={id.slice(0, 64)} />, { status: 404, secret: true });
    return sendPage(c, <RecheckPage deps={deps} recheck={recheck} />, { secret: true });
  });

  return routes;
}

/** Says `done` once the re-check is decided. It carries no result: the page that reloads shows it. */
export function recheckEvents(deps: SiteDeps): (c: Context) => Promise<Response> {
  let streams = 0;
  return async c => {
    const id = c.req.param('id') ?? '';
    if (!ID.test(id) || !(await deps.store.recheck(id))) return c.text('not found', 404);
    if (streams >= STREAMS_MOST) return c.text('too many live pages', 503);
    streams++;
    c.header('cache-control', 'no-store');
    return streamSSE(c, async stream => {
      try {
        for (let look = 0; look < LOOKS && !stream.aborted; look++) {
          const recheck = await deps.store.recheck(id);
          if (!recheck || resultOf(recheck)) return await stream.writeSSE({ event: 'done', data: '' });
          if (look % 20 === 0) await stream.writeSSE({ event: 'waiting', data: '' });
          await deps.wait(LOOK_MS);
        }
      } finally {
        streams--;
      }
    });
  };
}
