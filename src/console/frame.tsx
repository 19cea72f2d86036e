/**
 * What the operator's and an ISP's console have alike: headers, style, script, sign-in, the page around a content, and what
 * is said when a page does not exist or the store does not answer. In: who this console is for. Out: an app and its page maker.
 */
import { type Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { consoleHeaders } from './headers.ts';
import { Empty, type Noun, Page } from './layout.tsx';
import type { SignIn } from './sign-in.ts';
import { CONSOLE_CSS, CONSOLE_JS } from './style.ts';

export interface FrameDeps {
  readonly signIn: SignIn;
  readonly role: string;
  readonly nouns: readonly Noun[];
  readonly rehearsal: boolean;
  readonly mandateDaysLeft: number | null;
}

/** `as`: a page in another language than the console's own English, with its title in it. */
export type Send = (
  c: Context,
  noun: string,
  body: Child,
  status?: 200 | 404 | 503,
  as?: { readonly language: 'ja' | 'en'; readonly title: string },
) => Response | Promise<Response>;

export function makeFrame(deps: FrameDeps): { app: Hono; page: Send } {
  const app = new Hono();
  app.use(consoleHeaders);
  app.get('/console.css', c => c.body(CONSOLE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/console.js', c => c.body(CONSOLE_JS, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.use(deps.signIn.guard);

  const page: Send = (c, noun, body, status = 200, as) => {
    const whole = (
      <Page
        title={as?.title ?? noun}
        language={as?.language ?? 'en'}
        noun={noun}
        nouns={deps.nouns}
        who={c.get('person')?.name ?? ''}
        role={deps.role}
        rehearsal={deps.rehearsal}
        mandateDaysLeft={deps.mandateDaysLeft}
      >
        {body}
      </Page>
    );
    return c.html(`<!doctype html>${String(whole)}`, status);
  };

  app.notFound(c =>
    page(
      c,
      'There is no such page',
      <Empty
        why="Nothing is kept under this address."
        next="Choose one of the sections, or check the link you were sent."
      />,
      404,
    ),
  );
  app.onError((_, c) =>
    page(
      c,
      'This page could not be made',
      <Empty
        why="The store did not answer. Nothing was changed by looking."
        next="Load the page again in a minute. If that does not help, run notice doctor on the machine that keeps the store."
      />,
      503,
    ),
  );
  return { app, page };
}
