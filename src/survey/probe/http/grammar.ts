/**
 * What an HTTP conversation may send, judged apart from the machine that wants to. Paths: `/`, one random path, and one more
 * that a redirect named, each asked once, by GET. Then, once a pair is permitted, that pair and no other, in one
 * Authorization or in one POST of the form that was read. After it nothing, with one exception: a Digest whose nonce
 * the device calls stale is answered once more, with another nonce. That is the same pair in the same try.
 */
import { type Credential, type Grammar, textOf } from '../machine.ts';
import { quoted, wire } from './answer.ts';
import { decodeFields, type LoginForm } from './fields.ts';
import { isFormPath, isPlainPath } from './place.ts';
import type { HttpVoice } from './request.ts';

export interface HttpGrammar extends Grammar {
  /** A redirect named this path of the target. Once, and before any pair; false when no request may go there. */
  mayFollow(path: string): boolean;
  /** This form was read; its cookies were set by the target. Once, and before any pair; false when it is refused. */
  mayFill(form: LoginForm, cookie: string): boolean;
}

const MOST_BYTES = 16 * 1024;
const MOST_FIELDS = 32;
const DIGEST =
  /^Digest username=("(?:[^"\\]|\\.){0,512}"), realm="([^\r\n]{0,512}?)", nonce="([^\r\n]{0,512}?)", uri="([^" ]{1,200})"(?:, algorithm=(?:MD5|SHA-256)(?:-sess)?)?, response="(?:[0-9a-f]{32}|[0-9a-f]{64})"(?:, qop=auth, nc=00000001)?(?:, cnonce="[0-9a-f]{16}")?(?:, opaque="[^\r\n]{0,512}")?$/i;
const COOKIE = /^[!-+\--:<-~]{1,600}(?:; [!-+\--:<-~]{1,600}){0,3}$/;

export function httpGrammar(voice: HttpVoice, random: string): HttpGrammar {
  const unasked = new Set(['/', random]);
  const places = new Set(['/']);
  const opening = ` HTTP/1.1\r\nHost: ${voice.host}\r\nUser-Agent: ${voice.agent}\r\nAccept: */*\r\nConnection: `;
  let pair: Credential | undefined;
  let followed = false;
  let filled: { readonly form: LoginForm; readonly cookie: string } | undefined;
  let spent = false;
  let nonce: string | undefined;

  const isPair = (value: string, path: string): boolean => {
    if (!pair) return false;
    if (value.startsWith('Basic ')) {
      if (nonce !== undefined) return false;
      spent = true;
      return value === `Basic ${Buffer.from(`${pair.user}:${pair.password}`, 'utf8').toString('base64')}`;
    }
    const [, user, , fresh, uri] = DIGEST.exec(value) ?? [];
    if (user !== quoted(wire(pair.user)) || uri !== path || fresh === nonce) return false;
    spent = nonce !== undefined;
    nonce = fresh;
    return true;
  };

  const isForm = (path: string, lines: string): boolean => {
    if (!pair || !filled || spent || nonce !== undefined) return false;
    const { form, cookie } = filled;
    spent = true;
    const body = lines.slice(lines.indexOf('\r\n\r\n') + 4);
    const heads =
      `close\r\n${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
    if (path !== form.path || lines !== heads + body) return false;
    const fields = decodeFields(body);
    if (fields?.length !== form.fields.length) return false;
    const { user, password } = pair;
    return form.fields.every(({ name, value, is }, i) => {
      const expected = is === 'given' ? value : wire(is === 'user' ? user : password);
      return fields[i]?.[0] === name && fields[i]?.[1] === expected;
    });
  };

  return {
    permit(credential) {
      pair = credential;
    },
    mayFollow(path) {
      if (followed || pair || !isPlainPath(path)) return false;
      followed = true;
      if (path !== '/') unasked.add(path);
      places.add(path);
      return true;
    },
    mayFill(form, cookie) {
      const { path, fields } = form;
      const one = (is: string) => fields.filter(field => field.is === is).length;
      if (filled || pair || !isFormPath(path) || (cookie !== '' && !COOKIE.test(cookie))) return false;
      if (fields.length > MOST_FIELDS || one('password') !== 1 || one('user') > 1) return false;
      filled = { form, cookie };
      return true;
    },
    allows(bytes) {
      if (spent || bytes.length > MOST_BYTES) return false;
      const text = textOf(bytes);
      const method = text.startsWith('GET ') ? 4 : text.startsWith('POST ') ? 5 : 0;
      const blank = text.indexOf(' ', method);
      if (method === 0 || !text.startsWith(opening, blank)) return false;
      const path = text.slice(method, blank);
      const lines = text.slice(blank + opening.length);
      if (method === 5) return isForm(path, lines);
      if (lines === 'keep-alive\r\n\r\n' || lines === 'close\r\n\r\n')
        return nonce === undefined && unasked.delete(path);
      const [, value] = /^(?:close|keep-alive)\r\nAuthorization: ([^\r\n]{1,4096})\r\n\r\n$/.exec(lines) ?? [];
      return value !== undefined && places.has(path) && isPair(value, path);
    },
  };
}
