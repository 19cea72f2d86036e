/** The public site: every page in two languages, without script, cookies or third parties. In: SiteDeps. Out: a Hono app. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { etag } from 'hono/etag';
import { FINDING_KINDS } from '../record/glossary.ts';
import { accessLog } from './access-log.ts';
import { codeRoutes } from './code-routes.tsx';
import { contactRoutes } from './contact-routes.tsx';
import type { PageDeps, SiteDeps } from './deps.ts';
import { FixKindPage, FixPage } from './fix-page.tsx';
import { FORM_MOST } from './form.ts';
import { sendPage } from './frame.tsx';
import { HomePage } from './home.tsx';
import { HowPage } from './how-page.tsx';
import { LANGUAGES, pathIn } from './language.ts';
import { makeLimits } from './limits.ts';
import { AccessibilityPage } from './plain-pages.tsx';
import { RealPage } from './real-page.tsx';
import { recheckEvents, recheckRoutes } from './recheck-routes.tsx';
import { SITE_JS } from './script.ts';
import { sameSite, securityHeaders } from './security.ts';
import { statisticsFiles, statisticsRoutes } from './statistics-routes.tsx';
import { SITE_CSS } from './style.ts';
import { trouble } from './trouble.tsx';
import { probingTxt, ROBOTS } from './well-known.ts';

/** The pages that say the same to everybody. */
function steadyPages(deps: PageDeps): Hono {
  const pages = new Hono({ strict: false });
  pages.get('/', c => sendPage(c, <HomePage deps={deps} />));
  pages.get('/real', c => sendPage(c, <RealPage deps={deps} />));
  pages.get('/how', c => sendPage(c, <HowPage deps={deps} />));
  pages.get('/accessibility', c => sendPage(c, <AccessibilityPage deps={deps} />));
  pages.get('/fix', c => sendPage(c, <FixPage deps={deps} />));
  pages.get('/fix/:kind', c => {
    const kind = FINDING_KINDS.find(k => k === c.req.param('kind'));
    if (!kind) return trouble(c, deps, 'missing', 404);
    const maker = c.req.query('maker') ?? '';
    const model = c.req.query('model') ?? '';
    // Only models the programme knows are named: the page never repeats what an address says.
    const page = kind === 'firmware' && maker && model ? deps.updatePage?.(maker, model) : undefined;
    const update = page && { name: `${maker} ${model}`, page, query: `?${new URLSearchParams({ maker, model })}` };
    return sendPage(c, <FixKindPage deps={deps} kind={kind} update={update} />);
  });
  return pages;
}

export function makeSite(deps: SiteDeps): Hono {
  const app = new Hono({ strict: false });
  const limits = makeLimits(deps.clocks.monotonic);

  app.use(accessLog(deps));
  app.use(securityHeaders(deps.issuer.site));
  app.use(bodyLimit({ maxSize: FORM_MOST, onError: c => trouble(c, deps, 'large', 413) }));
  app.use(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && !sameSite(c)) return trouble(c, deps, 'elsewhere', 403);
    return next();
  });
  app.notFound(c => trouble(c, deps, 'missing', 404));
  app.onError((_, c) => trouble(c, deps, 'broken', 500));

  for (const path of ['/site.css', '/app.js', '/statistics/*', '/en/statistics/*']) app.use(path, etag());
  app.get('/site.css', c => c.body(SITE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/app.js', c => c.body(SITE_JS, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/robots.txt', c => c.text(ROBOTS));
  app.get('/.well-known/probing.txt', c => c.text(probingTxt(deps.mandate, deps.issuer.site, deps.issuer.programme)));
  app.get('/recheck/:id/events', recheckEvents(deps));
  app.route('/', statisticsFiles(deps));
  for (const language of LANGUAGES) {
    const pageDeps = { ...deps, language };
    for (const routes of [
      steadyPages(pageDeps),
      codeRoutes(pageDeps, limits),
      recheckRoutes(pageDeps, limits),
      contactRoutes(pageDeps, limits),
      statisticsRoutes(pageDeps),
    ])
      app.route(pathIn(language, '/'), routes);
  }
  return app;
}
