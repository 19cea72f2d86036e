/** The two languages of the public pages. Japanese lives at `/`, English below `/en`; the switch keeps the page. */
export const LANGUAGES = ['ja', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Something said in both languages. */
export type Both<T = string> = Readonly<Record<Language, T>>;

/** `/fix` in a language: `/fix` or `/en/fix`. */
export const pathIn = (language: Language, path: string): string =>
  language === 'ja' ? path : path === '/' ? '/en' : `/en${path}`;

/** The language a path is in, and the path without its prefix. */
export function languageOf(path: string): { readonly language: Language; readonly path: string } {
  if (path === '/en' || path === '/en/') return { language: 'en', path: '/' };
  return path.startsWith('/en/') ? { language: 'en', path: path.slice(3) } : { language: 'ja', path };
}
