/**
 * From a code to its page. The code is in the path because a QR code and a language switch need an address; the log does
 * not keep it, no other site is told it (Referrer-Policy), and no cache stores the page. Known and unknown codes cost the
 * same: one hash, one look-up.
 */
import { Hono } from 'hono';
import { alertCodeHash, readAlertCode } from '../record/alert-code.ts';
import { CodePage, UnknownCodePage } from './code-page.tsx';
import type { PageDeps } from './deps.ts';
import { readForm } from './form.ts';
import { sendPage } from './frame.tsx';
import { CodeEntryPage } from './home.tsx';
import { pathIn } from './language.ts';
import type { SiteLimits } from './limits.ts';
import { tooOften } from './trouble.tsx';

/** Nobody types more than this for 13 digits. */
const TYPED_MOST = 64;

export function codeRoutes(deps: PageDeps, limits: SiteLimits): Hono {
  const routes = new Hono({ strict: false });

  routes.get('/code', c => sendPage(c, <CodeEntryPage deps={deps} />, { secret: true }));

  routes.post('/code', async c => {
    const typedIn = await readForm(c);
    const groups = [typedIn('code1'), typedIn('code2'), typedIn('code3')].map(group => group.slice(0, TYPED_MOST));
    const typed = typedIn('code').slice(0, TYPED_MOST) || groups.join('-');
    const read = readAlertCode(typed);
    if (read.ok) return c.redirect(pathIn(deps.language, `/c/${read.code}`), 303);
    return sendPage(c, <CodeEntryPage deps={deps} typed={typed.replace(/^-+$/, '')} fault={read.why} />, {
      status: 400,
      secret: true,
    });
  });

  routes.get('/c/:code', async c => {
    const typed = c.req.param('code').slice(0, TYPED_MOST);
    const read = readAlertCode(typed);
    if (!read.ok)
      return sendPage(c, <CodeEntryPage deps={deps} typed={typed} fault={read.why} />, { status: 400, secret: true });
    const wait = limits.lookUp.take(deps.visitorOf(c));
    if (wait > 0) return tooOften(c, deps, wait);
    const found = await deps.store.findCode(alertCodeHash(deps.hashKey, read.code));
    return sendPage(
      c,
      found ? (
        <CodePage deps={deps} code={read.code} found={found} />
      ) : (
        <UnknownCodePage deps={deps} code={read.code} />
      ),
      { secret: true },
    );
  });

  return routes;
}
