/**
 * On which line a member of a JSON text stands. In: text that JSON.parse accepted. Out: line numbers from 1 by path, and
 * the first defect that JSON.parse lets pass: a member written twice, or nesting deeper than any paper of ours.
 */
export type Path = readonly (string | number)[];

export interface Places {
  /** Line of the member, or of its nearest enclosing member when it is absent. */
  lineOf(path: Path): number;
  readonly defect?: { readonly line: number; readonly what: string };
}

const DEEPEST = 32;
const keyOf = (path: Path): string => JSON.stringify(path);

export function placesOf(text: string): Places {
  const lines = new Map<string, number>();
  let defect: Places['defect'];
  let i = 0;
  let line = 1;

  const skip = () => {
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10) line++;
      else if (c !== 32 && c !== 9 && c !== 13) return;
    }
  };
  const string = (): string => {
    const start = i++;
    while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    return JSON.parse(text.slice(start, ++i)) as string;
  };
  const comma = () => {
    skip();
    if (text[i] === ',') i++;
    skip();
  };
  const value = (path: Path): void => {
    skip();
    const key = keyOf(path);
    if (!lines.has(key)) lines.set(key, line);
    if (path.length > DEEPEST) {
      defect ??= { line, what: 'is nested too deep' };
      i = text.length;
      return;
    }
    const open = text[i];
    if (open === '{' || open === '[') {
      const close = open === '{' ? '}' : ']';
      i++;
      skip();
      for (let n = 0; i < text.length && text[i] !== close; n++) {
        if (open === '{') {
          const start = line;
          const child = [...path, string()];
          const childKey = keyOf(child);
          if (lines.has(childKey)) defect ??= { line: start, what: `"${child.join('.')}" is written twice` };
          lines.set(childKey, start);
          skip();
          i++;
          value(child);
        } else value([...path, n]);
        comma();
      }
      i++;
    } else if (open === '"') string();
    else while (i < text.length && !' \t\r\n,]}'.includes(text[i] as string)) i++;
  };
  value([]);

  const lineOf = (path: Path) => {
    for (let n = path.length; n >= 0; n--) {
      const found = lines.get(keyOf(path.slice(0, n)));
      if (found !== undefined) return found;
    }
    return 1;
  };
  return defect ? { lineOf, defect } : { lineOf };
}
