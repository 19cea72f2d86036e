/**
 * Tags and text of a page, in one pass and bounded: enough to find a login form, nothing like a browser. Comments, scripts
 * and styles are passed over. In: a page, one character a byte. Out: tag by tag, each with the text in front of it.
 */
export interface Tag {
  /** In lower case; `/form` for an end tag. */
  readonly name: string;
  /** Names in lower case, values without quotes, the first of a repeated name; character references resolved. */
  readonly attributes: ReadonlyMap<string, string>;
}

const MOST_TAGS = 4_000;
const MOST_ATTRIBUTES = 64;
const RAW = new Set(['script', 'style', 'textarea', 'template', 'iframe']);

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:#(\d{1,4})|#x([0-9a-f]{1,3})|(amp|lt|gt|quot|apos));/gi;
export const resolved = (text: string): string =>
  text.includes('&')
    ? text.replace(REFERENCE, (all, decimal?: string, hex?: string, name?: string) => {
        const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
        if (code === undefined) return NAMED[(name as string).toLowerCase()] ?? all;
        return code < 256 ? String.fromCharCode(code) : all;
      })
    : text;

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13);
const isLetter = (code: number) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Calls back until it returns true or the page ends; the last call has the text behind the last tag, and no tag. */
export function walk(page: string, visit: (text: string, tag: Tag | undefined) => boolean): void {
  const lower = page.toLowerCase();
  let text = '';
  let at = 0;
  for (let tags = 0; tags < MOST_TAGS; ) {
    const open = page.indexOf('<', at);
    if (open < 0) break;
    text += page.slice(at, open);
    if (page.startsWith('<!--', open)) {
      const close = page.indexOf('-->', open + 4);
      if (close < 0) return void visit(text, undefined);
      at = close + 3;
      continue;
    }
    let i = open + 1;
    if (page.charCodeAt(i) === 47) i++;
    if (!isLetter(page.charCodeAt(i))) {
      text += '<';
      at = open + 1;
      continue;
    }
    while (i < page.length && !isSpace(page.charCodeAt(i)) && page[i] !== '>' && (page[i] !== '/' || i === open + 1))
      i++;
    const name = lower.slice(open + 1, i);
    const attributes = new Map<string, string>();
    i = readAttributes(page, i, attributes);
    tags++;
    if (visit(text, { name, attributes })) return;
    text = '';
    at = i;
    if (!RAW.has(name)) continue;
    const close = lower.indexOf(`</${name}`, at);
    if (close < 0) return void visit('', undefined);
    at = close;
  }
  visit(text + page.slice(at), undefined);
}

/** From behind the name of a tag to behind its `>`. */
function readAttributes(page: string, from: number, into: Map<string, string>): number {
  let i = from;
  while (i < page.length) {
    while (i < page.length && (isSpace(page.charCodeAt(i)) || page[i] === '/')) i++;
    if (i >= page.length || page[i] === '>') return i + 1;
    const begin = i;
    // A name may begin with `=`, as in HTML (13.2.5.32): it must advance.
    i++;
    while (i < page.length && !isSpace(page.charCodeAt(i)) && page[i] !== '=' && page[i] !== '>' && page[i] !== '/')
      i++;
    const name = page.slice(begin, i).toLowerCase();
    let after = i;
    while (after < page.length && isSpace(page.charCodeAt(after))) after++;
    let value = '';
    if (page[after] === '=') {
      i = after + 1;
      while (i < page.length && isSpace(page.charCodeAt(i))) i++;
      const quote = page[i];
      if (quote === '"' || quote === "'") {
        const close = page.indexOf(quote, i + 1);
        const end = close < 0 ? page.length : close;
        value = page.slice(i + 1, end);
        i = end + 1;
      } else {
        const start = i;
        while (i < page.length && !isSpace(page.charCodeAt(i)) && page[i] !== '>') i++;
        value = page.slice(start, i);
      }
    }
    if (into.size < MOST_ATTRIBUTES && !into.has(name)) into.set(name, resolved(value));
  }
  return page.length;
}
