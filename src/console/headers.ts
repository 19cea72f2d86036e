/** What every console answer carries: no framing, no outside source, no inline script or style, nothing kept. */
import type { MiddlewareHandler } from 'hono';

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export const consoleHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  // A picture brings a narrower policy of its own.
  if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', POLICY);
  c.header('x-content-type-options', 'nosniff');
  c.header('referrer-policy', 'same-origin');
  c.header('cache-control', 'no-store');
};
