/**
 * One line for each request, so that it can be counted and never followed: the route's pattern instead of the path (which
 * may hold a code), the visitor's /24 or /48 instead of the address, the name of an error and never its message.
 */
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { SiteDeps } from './deps.ts';
import { networkOf } from './visitor-limit.ts';

export function accessLog(deps: SiteDeps): MiddlewareHandler {
  return async (c, next) => {
    const started = deps.clocks.monotonic();
    await next();
    if (!deps.log) return;
    const error = c.error?.name;
    deps.log({
      method: /^[A-Z]{1,10}$/.test(c.req.method) ? c.req.method : 'OTHER',
      route: routePath(c, -1),
      status: c.res.status,
      milliseconds: Math.round(deps.clocks.monotonic() - started),
      network: networkOf(deps.visitorOf(c), 24, 48),
      ...(error === undefined ? {} : { error }),
    });
  };
}
