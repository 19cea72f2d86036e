/** The frame of every public page: rehearsal band, programme and language switch, telephone strip, content, foot. */
import type { Context } from 'hono';
import type { Child, FC } from 'hono/jsx';
import type { PageDeps } from './deps.ts';
import { LANGUAGES, pathIn } from './language.ts';
import { TelephoneStrip } from './telephone-strip.tsx';

const WORDS = {
  ja: {
    skip: '本文へ',
    language: '言語',
    foot: 'そのほかのページ',
    statistics: '統計',
    contact: '問い合わせ',
    how: '調査のしくみ',
    accessibility: '使いやすさ',
    home: '最初のページ',
    back: '最初のページへもどる',
    privacy:
      'このサイトはクッキーを使わず、ほかの会社のしくみも読み込みません。アクセスの記録には、番号もあなたのアドレスも残しません。',
  },
  en: {
    skip: 'Skip to content',
    language: 'Language',
    foot: 'More pages',
    statistics: 'Statistics',
    contact: 'Contact',
    how: 'How this works',
    accessibility: 'Accessibility',
    home: 'First page',
    back: 'Back to the first page',
    privacy:
      'This site sets no cookies and loads nothing from other companies. Its log keeps neither codes nor your address.',
  },
} as const;

const NAMES = { ja: '日本語', en: 'English' } as const;

export interface FrameProps {
  readonly deps: PageDeps;
  readonly title: string;
  /** Path without the language prefix; the switch leads to the same page. */
  readonly path: string;
  /** Pages about one case stay out of search engines. */
  readonly secret?: boolean;
  /** Seconds after which a browser without script looks again. */
  readonly again?: number;
  readonly children?: Child;
}

export const Frame: FC<FrameProps> = ({ deps, title, path, secret, again, children }) => {
  const { language, issuer } = deps;
  const words = WORDS[language];
  const foot = [
    ['/', words.home],
    ['/how', words.how],
    ['/statistics', words.statistics],
    ['/contact', words.contact],
    ['/accessibility', words.accessibility],
  ] as const;
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${issuer.rehearsal ? '【訓練】' : ''}${title} | ${issuer.programme[language]}`}</title>
        {secret ? <meta name="robots" content="noindex" /> : null}
        <meta name="format-detection" content="telephone=no" />
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/site.css" />
        {LANGUAGES.map(other => (
          <link rel="alternate" hreflang={other} href={pathIn(other, path)} />
        ))}
        {again === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(again)} />
          </noscript>
        )}
        <script src="/app.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          {words.skip}
        </a>
        <header class="top">
          {issuer.rehearsal ? <p class="band">訓練 / REHEARSAL</p> : null}
          <div class="column">
            <a class="programme" href={pathIn(language, '/')}>
              {issuer.programme[language]}
            </a>
            <nav aria-label={words.language}>
              <ul class="languages">
                {LANGUAGES.map(other => (
                  <li>
                    {other === language ? (
                      <strong lang={other}>{NAMES[other]}</strong>
                    ) : (
                      <a href={pathIn(other, path)} lang={other} hreflang={other}>
                        {NAMES[other]}
                      </a>
                    )}
                  </li>
                ))}
              </ul>
            </nav>
          </div>
        </header>
        <TelephoneStrip deps={deps} />
        <main id="main" class="column" tabindex={-1}>
          {path === '/' ? null : (
            <p class="back">
              <a href={pathIn(language, '/')}>
                <span aria-hidden="true">← </span>
                {words.back}
              </a>
            </p>
          )}
          {children}
        </main>
        <footer class="foot">
          <div class="column">
            <nav aria-label={words.foot}>
              <ul>
                {foot.map(([to, name]) => (
                  <li>
                    <a href={pathIn(language, to)}>{name}</a>
                  </li>
                ))}
              </ul>
            </nav>
            <p class="soft">{words.privacy}</p>
          </div>
        </footer>
      </body>
    </html>
  );
};

/** Sends a page. Pages about one case are never kept by a browser or a proxy. */
export function sendPage(
  c: Context,
  page: ReturnType<FC>,
  options: { status?: 200 | 400 | 403 | 404 | 413 | 429 | 500; secret?: boolean } = {},
) {
  if (options.secret) c.header('cache-control', 'no-store');
  return c.html(`<!doctype html>${String(page)}`, options.status ?? 200);
}
