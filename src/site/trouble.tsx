/** Sends the pages for when something is not as it should be. */
import type { Context } from 'hono';
import type { PageDeps, SiteDeps } from './deps.ts';
import { sendPage } from './frame.tsx';
import { languageOf } from './language.ts';
import { type Trouble, TroublePage } from './plain-pages.tsx';

/** In the language of the path that was asked for. */
export function trouble(c: Context, deps: SiteDeps, what: Trouble, status: 403 | 404 | 413 | 429 | 500) {
  const { language } = languageOf(new URL(c.req.url).pathname);
  return sendPage(c, <TroublePage deps={{ ...deps, language }} trouble={what} />, { status, secret: true });
}

export function tooOften(c: Context, deps: PageDeps, waitMs: number) {
  c.header('retry-after', String(Math.ceil(waitMs / 1000)));
  return trouble(c, deps, 'often', 429);
}
