/**
 * Signing in to a console: one-time links and short sessions, never a password. The system that hunts weak passwords
 * stores none. A link works once within ten minutes; a session lasts eight hours and can be revoked. Both are kept as
 * SHA-256 of 32 random bytes, so that a look at memory or a log gives nobody a way in.
 */
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sha256 } from '../record/digest.ts';
import { type Clocks, HOUR, MINUTE } from '../record/instant.ts';

export interface Person {
  readonly name: string;
  readonly role: string;
}

export interface SignIn {
  /** The token of a new one-time link for this person. */
  link(person: Person): string;
  /** Ends every session of a name, and every link it has not used. */
  revoke(name: string): void;
  /** Lets `/enter?link=TOKEN` in and everybody else out. Sets `person` on the context. */
  readonly guard: MiddlewareHandler<{ Variables: { person: Person } }>;
}

const LINK_LIFE = 10 * MINUTE;
const SESSION_LIFE = 8 * HOUR;

/**
 * A page that goes on by itself, and no redirect: a browser sends no SameSite=Strict cookie along a redirect that began on
 * another site, as a link in web mail does, and the one-time link would be spent on a refusal.
 */
const ENTERED = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">
<title>Signed in</title></head><body><p>You are signed in. <a href="/">Go on</a></p></body></html>`;

/** The same host, whatever terminates TLS in front; `null` and what is no address are another site. */
function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

export function makeSignIn(deps: {
  clocks: Clocks;
  random: (bytes: number) => Uint8Array;
  cookie: string;
  linkLifeMs?: number;
}): SignIn {
  const links = new Map<string, { person: Person; until: number }>();
  const sessions = new Map<string, { person: Person; until: number }>();
  const token = () => Buffer.from(deps.random(32)).toString('base64url');
  // Lifetimes are on the monotonic clock: moving the calendar neither prolongs nor ends a session.
  const now = deps.clocks.monotonic;

  function take(store: typeof links, value: string | undefined): Person | undefined {
    if (value === undefined) return undefined;
    const found = store.get(sha256(value));
    return found && found.until > now() ? found.person : undefined;
  }

  return {
    link: person => {
      for (const [key, { until }] of links) if (until <= now()) links.delete(key);
      const value = token();
      links.set(sha256(value), { person, until: now() + (deps.linkLifeMs ?? LINK_LIFE) });
      return value;
    },
    revoke: name => {
      for (const store of [sessions, links])
        for (const [key, { person }] of store) if (person.name === name) store.delete(key);
    },
    guard: async (c, next) => {
      const { pathname, searchParams, host, protocol } = new URL(c.req.url);
      if (pathname === '/enter' && c.req.method === 'GET') {
        const given = searchParams.get('link') ?? '';
        const person = take(links, given);
        links.delete(sha256(given));
        if (!person) return c.text('This link has been used or has expired. Ask for a new one.', 403);
        const value = token();
        for (const [key, { until }] of sessions) if (until <= now()) sessions.delete(key);
        sessions.set(sha256(value), { person, until: now() + SESSION_LIFE });
        setCookie(c, deps.cookie, value, {
          httpOnly: true,
          sameSite: 'Strict',
          secure: protocol === 'https:',
          path: '/',
          maxAge: SESSION_LIFE / 1000,
        });
        return c.html(ENTERED);
      }
      const person = take(sessions, getCookie(c, deps.cookie));
      if (!person) return c.text('Please open the one-time link you were given.', 401);
      // A form sent from another site carries its origin; ours is the only one that may change anything.
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
        const origin = c.req.header('origin');
        if (origin !== undefined && !sameHost(origin, host))
          return c.text('This form was sent from another site.', 403);
      }
      c.set('person', person);
      await next();
    },
  };
}
