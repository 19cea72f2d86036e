/** Headers of every answer, and the refusal of forms that another site sends. */
import type { Context, MiddlewareHandler } from 'hono';

/** Nothing from elsewhere, nothing inline, no frame, no form to elsewhere. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * `same-origin` and not `no-referrer`: with the latter a browser sends `Origin: null` with our own forms too, and they
 * could not be told from another site's. HSTS only where the site is published under https.
 */
export function securityHeaders(siteUrl: string): MiddlewareHandler {
  const fixed: Readonly<Record<string, string>> = {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(siteUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(fixed)) if (!c.res.headers.has(name)) c.header(name, value);
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-cache');
  };
}

/**
 * Whether a form comes from one of our own pages. Every browser of the last years sends Origin with a form; what sends
 * neither header is no browser, and so was not sent there by another site.
 */
export function sameSite(c: Context): boolean {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host;
}
