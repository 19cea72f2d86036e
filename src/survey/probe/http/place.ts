/**
 * Places on the target: where a redirect or a form may lead us. Only the same host, port and scheme, only a plain path,
 * and never one whose name promises to change something. In: what a device wrote. Out: a path, or undefined.
 */
import type { HttpVoice } from './request.ts';

const SEGMENTS = /^(?:\/[A-Za-z0-9._~-]{1,64}){0,8}\/?$/;
const QUERY = /^[A-Za-z0-9._~=&%+-]{0,128}$/;
/** The device may mean well, but a survey that restarts it has changed it. */
const RISKY =
  /re-?(?:boot|start|set|store)|default(?!\.)|factory|format|eras|\bdel|delete|remov|upgrad|updat|upload|flash|firm|config|setup|wizard|save|apply|chang|shut|off|out\b|halt|new|regist|creat|passw/i;

/** Whether a request may go there at all; judged again where the bytes are let through. `/login.cgi`, `/a/b/`, `/`. */
export function isPlainPath(path: string): boolean {
  return path.startsWith('/') && SEGMENTS.test(path) && !path.includes('..') && !RISKY.test(path);
}

/** A path for a form, which may carry a query. */
export function isFormPath(target: string): boolean {
  const mark = target.indexOf('?');
  return mark < 0 ? isPlainPath(target) : isPlainPath(target.slice(0, mark)) && QUERY.test(target.slice(mark + 1));
}

const ABSOLUTE = /^(?:(https?):)?\/\/([^/?#]{1,64})/i;

/**
 * `reference` (RFC 3986 §4.2, a small part of it) as path and query here; `base` is the path of the page that said it.
 * Undefined when it leaves the target.
 */
export function placeOf(reference: string, base: string, voice: HttpVoice): string | undefined {
  let rest = reference.slice(0, 512).trim();
  const absolute = ABSOLUTE.exec(rest);
  if (absolute) {
    const [all, scheme = voice.scheme, authority = ''] = absolute;
    const [address, port] = voice.host.split(':');
    const silent = voice.scheme === 'https' ? '443' : '80';
    const here = authority === voice.host || (authority === address && port === silent);
    if (scheme.toLowerCase() !== voice.scheme || !here) return undefined;
    rest = rest.slice(all.length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  const hash = rest.indexOf('#');
  if (hash >= 0) rest = rest.slice(0, hash);
  if (rest === '') return base;
  if (rest.startsWith('?')) return base + rest;
  if (rest.startsWith('/')) return rest;
  if (/^[a-z][a-z0-9+.-]*:/i.test(rest)) return undefined;
  return base.slice(0, base.lastIndexOf('/') + 1) + (rest.startsWith('./') ? rest.slice(2) : rest);
}
