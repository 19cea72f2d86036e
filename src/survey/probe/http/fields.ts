/**
 * The fields of one login form and their coding (application/x-www-form-urlencoded, WHATWG URL §5). In and out: one
 * character a byte, so that a page's own encoding comes back as it was.
 */
export interface FormField {
  readonly name: string;
  /** What the page put there; ignored for the two fields of the login. */
  readonly value: string;
  readonly is: 'given' | 'user' | 'password';
}

export interface LoginForm {
  /** Path and query on the target that it is sent to. */
  readonly path: string;
  /** In the order of the page: one password, at most one user. */
  readonly fields: readonly FormField[];
}

const SAFE = /^[A-Za-z0-9._*-]$/;
const HEX = [...Array(256).keys()].map(code => {
  const byte = String.fromCharCode(code);
  return code === 32 ? '+' : SAFE.test(byte) ? byte : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
});

export function encodeFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const coded = (text: string) => {
    let out = '';
    for (let i = 0; i < text.length; i++) out += HEX[text.charCodeAt(i) & 255];
    return out;
  };
  return fields.map(([name, value]) => `${coded(name)}=${coded(value)}`).join('&');
}

/** The reverse, and strict: undefined for anything `encodeFields` would not write. */
export function decodeFields(body: string): (readonly [name: string, value: string])[] | undefined {
  if (!/^(?:[A-Za-z0-9._*+&=-]|%[0-9A-F]{2})*$/.test(body)) return undefined;
  const plain = (text: string) =>
    text.replaceAll('+', ' ').replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const found: (readonly [string, string])[] = [];
  for (const part of body.split('&')) {
    const [name, value, ...more] = part.split('=');
    if (name === undefined || value === undefined || more.length > 0) return undefined;
    found.push([plain(name), plain(value)]);
  }
  return found;
}

/** Where a form goes and what its fields are called: what stays the same from one reading to the next. */
export const fieldsOf = (form: LoginForm | undefined): string =>
  JSON.stringify(form && [form.path, form.fields.map(({ name }) => name)]);
