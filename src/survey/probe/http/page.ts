/** What a response is, coarsely, without keeping its words: title, text, where it sends us on, and its shape. */
import { asksPassword } from './form.ts';
import { walk } from './markup.ts';
import type { HttpResponse } from './reader.ts';

const TITLE = /<title[\s>]/i;

/** Text of the first title element, blanks collapsed; undefined when there is none within reach. */
export function titleOf(body: string): string | undefined {
  const from = body.slice(0, 16 * 1024).search(TITLE);
  if (from < 0) return undefined;
  const begin = body.indexOf('>', from);
  const end = body.indexOf('<', begin);
  if (begin < 0 || end < 0 || end - begin > 256) return undefined;
  return body
    .slice(begin + 1, end)
    .replace(/\s+/g, ' ')
    .trim();
}

const MOST_TEXT = 8 * 1024;

/** What a reader of the page would see, as far as it matters. */
export function seenOn(page: string): string {
  let seen = '';
  walk(page, text => {
    seen += `${text} `;
    return seen.length > MOST_TEXT;
  });
  return seen.slice(0, MOST_TEXT);
}

export const redirectOf = (r: HttpResponse): string | undefined =>
  r.status >= 300 && r.status < 400 && r.status !== 304 ? (r.headers.get('location')?.[0] ?? '') : undefined;

const LOGIN_PLACE = /log-?in|logon|sign-?in|auth|password|denied|error|fail|expire/i;
export const leadsToLogin = (location: string): boolean => LOGIN_PLACE.test(location.slice(0, 512));

/** Where a page sends its reader on by itself, by script or refresh; undefined when it does not. */
const ONWARD = /(?:location(?:\.href)?\s?=\s?|location\.replace\(|;\s?url=)["']?([^"'<>\s)]{1,256})/i;
export const onwardOf = (page: string): string | undefined => ONWARD.exec(page)?.[1];

export const cookieNames = (r: HttpResponse): readonly string[] =>
  (r.headers.get('set-cookie') ?? []).slice(0, 16).map(c => c.split('=', 1)[0]?.slice(0, 32) ?? '');

/** Two answers of one shape cannot mean different things. Length by powers of two; cookie names, never values. */
export function shapeOf(r: HttpResponse): string {
  const form = asksPassword(r.body) ? 'form' : 'page';
  const to = redirectOf(r)?.split('?', 1)[0]?.slice(0, 64) ?? '';
  const size = 32 - Math.clz32(r.body.length);
  return `${r.status}/${form}/${size}/${to}/${[...cookieNames(r)].sort().join(',')}`;
}

const COOKIE = /^[ \t]*([!-+\--:<>-~]{1,64}=[!-+\--:<-~]{0,512})(?:;|$)/;

/** Name and value of up to four cookies of this conversation, the last of a name; deleted and odd ones are left out. */
export function cookiesOf(r: HttpResponse, before: readonly string[]): readonly string[] {
  const jar = new Map(before.map(cookie => [cookie.slice(0, cookie.indexOf('=')), cookie]));
  for (const line of (r.headers.get('set-cookie') ?? []).slice(0, 16)) {
    const cookie = COOKIE.exec(line)?.[1];
    if (cookie !== undefined) jar.set(cookie.slice(0, cookie.indexOf('=')), cookie);
  }
  return [...jar.values()].slice(0, 4);
}
