/** What a response is, coarsely, without keeping its words: title, login form, where a redirect points, and its shape. */
import type { HttpResponse } from './reader.ts';

/** Text of the first title element, blanks collapsed; undefined when there is none within reach. */
export function titleOf(body: string): string | undefined {
  const from = body.slice(0, 16 * 1024).search(/<title[\s>]/i);
  if (from < 0) return undefined;
  const begin = body.indexOf('>', from);
  const end = body.indexOf('<', begin);
  if (begin < 0 || end < 0 || end - begin > 256) return undefined;
  return body
    .slice(begin + 1, end)
    .replace(/\s+/g, ' ')
    .trim();
}

/** A page that asks for a password is not what lies behind one. */
export const hasLoginForm = (body: string): boolean => /<input\b[^>]{0,300}\btype\s?=\s?["']?password/i.test(body);

export const redirectOf = (r: HttpResponse): string | undefined =>
  r.status >= 300 && r.status < 400 ? (r.headers.get('location')?.[0] ?? '') : undefined;

const LOGIN_PLACE = /log-?in|logon|sign-?in|auth|password|denied|error/i;
export const leadsToLogin = (location: string): boolean => LOGIN_PLACE.test(location.slice(0, 512));

/** Two answers of one shape cannot mean different things. Length by powers of two; cookie names, never values. */
export function shapeOf(r: HttpResponse): string {
  const cookies = (r.headers.get('set-cookie') ?? []).map(c => c.split('=', 1)[0]?.slice(0, 32)).sort();
  const form = hasLoginForm(r.body) ? 'form' : 'page';
  const to = redirectOf(r)?.split('?', 1)[0]?.slice(0, 64) ?? '';
  return `${r.status}/${form}/${Math.ceil(Math.log2(r.body.length + 1))}/${to}/${cookies.join(',')}`;
}
