/** The contact form: what was typed becomes an inquiry at the desk, or comes back with what to look at again. */
import { Hono } from 'hono';
import { openInquiry } from '../desk/inquiry.ts';
import { alertCodeHash, readAlertCode } from '../record/alert-code.ts';
import { ContactPage, ContactSentPage, type ContactTyped } from './contact-page.tsx';
import type { ContactFault } from './contact-words.ts';
import type { PageDeps } from './deps.ts';
import { readForm } from './form.ts';
import { sendPage } from './frame.tsx';
import { pathIn } from './language.ts';
import type { SiteLimits } from './limits.ts';
import { tooOften, trouble } from './trouble.tsx';

export function contactRoutes(deps: PageDeps, limits: SiteLimits): Hono {
  const routes = new Hono({ strict: false });

  routes.get('/contact', c => {
    const typed = { code: '', topic: c.req.query('topic') ?? '', question: '', callback: '' };
    return sendPage(c, <ContactPage deps={deps} typed={typed} faults={[]} />, { secret: true });
  });

  routes.post('/contact', async c => {
    const typedIn = await readForm(c);
    const typed: ContactTyped = {
      code: typedIn('code').slice(0, 64),
      topic: typedIn('topic').slice(0, 64),
      question: typedIn('question').slice(0, 4000),
      callback: typedIn('callback').slice(0, 64),
    };
    const wait = limits.inquiry.take(deps.visitorOf(c));
    if (wait > 0) return tooOften(c, deps, wait);
    const read = typed.code.trim() === '' ? undefined : readAlertCode(typed.code);
    const result = openInquiry({ channel: 'form', caseId: null, ...typed }, deps.clocks.calendar(), deps.random);
    const faults: ContactFault[] = [
      ...(result.ok ? [] : result.faults),
      ...(read?.ok === false ? (['code'] as const) : []),
    ];
    if (!result.ok || faults.length > 0)
      return sendPage(c, <ContactPage deps={deps} typed={typed} faults={faults} />, { status: 400, secret: true });
    // A code that leads nowhere opens the inquiry all the same, and the answer does not tell which it was.
    const found = read?.ok ? await deps.store.findCode(alertCodeHash(deps.hashKey, read.code)) : undefined;
    await deps.store.openInquiry({ ...result.inquiry, caseId: found?.caseId ?? null });
    return c.redirect(pathIn(deps.language, `/contact/sent/${result.inquiry.id}`), 303);
  });

  routes.get('/contact/sent/:reference', c => {
    const reference = c.req.param('reference');
    if (!/^Q-[A-Z0-9]{5}-[A-Z0-9]{5}$/.test(reference)) return trouble(c, deps, 'missing', 404);
    return sendPage(c, <ContactSentPage deps={deps} reference={reference} />, { secret: true });
  });

  return routes;
}
