/**
 * The frame of every staff page: left rail of nouns, top bar (who, role, days left of the mandate), rehearsal band.
 * In: what the page is about and its content. Out: one complete HTML page without inline style or script.
 */
import type { Child, FC } from 'hono/jsx';

export interface Noun {
  readonly name: string;
  readonly href: string;
}

export interface PageProps {
  readonly title: string;
  /** The rail entry this page belongs to. */
  readonly noun: string;
  readonly nouns: readonly Noun[];
  readonly who: string;
  readonly role: string;
  readonly rehearsal: boolean;
  /** Null where the role has no mandate to look at. */
  readonly mandateDaysLeft: number | null;
  readonly children?: Child;
  /** Of title and content; the rail keeps the nouns of the consoles. */
  readonly language?: 'ja' | 'en';
}

const FRAME = {
  en: { skip: 'Skip to content', band: 'REHEARSAL — a simulated country; nothing here is real', sections: 'Sections' },
  ja: { skip: '本文へ', band: 'REHEARSAL — 架空の国の訓練です。実在のものはありません', sections: 'メニュー' },
} as const;

/** A page that reloads nothing by itself; live figures come by the script's event stream. */
export const Page: FC<PageProps> = props => (
  <html lang={props.language ?? 'en'}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>{`${props.title} · NOTICE ${props.role}`}</title>
      <link rel="stylesheet" href="/console.css" />
      <script src="/console.js" defer></script>
    </head>
    <body>
      <a class="skip" href="#main">
        {FRAME[props.language ?? 'en'].skip}
      </a>
      <header>
        {props.rehearsal ? (
          <p class="band">
            <span lang="ja">訓練</span> / {FRAME[props.language ?? 'en'].band}
          </p>
        ) : null}
        <div class="top">
          <strong class="brand">NOTICE</strong>
          <span class="role">{props.role}</span>
          <span class="spacer"></span>
          {props.mandateDaysLeft === null ? null : (
            <span class="pill">
              {props.mandateDaysLeft > 0 ? (
                <>
                  mandate: <b>{props.mandateDaysLeft}</b> {props.mandateDaysLeft === 1 ? 'day' : 'days'} left
                </>
              ) : (
                <b>mandate ends today or has ended</b>
              )}
            </span>
          )}
          <span class="who">{props.who}</span>
        </div>
      </header>
      <div class="frame">
        <nav class="rail" aria-label={FRAME[props.language ?? 'en'].sections}>
          <ul lang="en">
            {props.nouns.map(noun => (
              <li>
                <a href={noun.href} aria-current={noun.name === props.noun ? 'page' : undefined}>
                  {noun.name}
                </a>
              </li>
            ))}
          </ul>
          <p class="keys" lang="en">
            <kbd>j</kbd> <kbd>k</kbd> rows · <kbd>/</kbd> filter · <kbd>?</kbd> help
          </p>
        </nav>
        <main id="main" tabindex={-1}>
          <h1>{props.title}</h1>
          {props.children}
        </main>
      </div>
      <dialog id="keys" aria-label="Keyboard" lang="en">
        <h2>Keyboard</h2>
        <p>
          <kbd>j</kbd> next row, <kbd>k</kbd> previous row, <kbd>Enter</kbd> open, <kbd>/</kbd> filter, <kbd>Esc</kbd>{' '}
          close.
        </p>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </body>
  </html>
);

/** A number with its unit under a word: the tiles at the head of a page. */
export const Figure: FC<{ label: string; value: string; note?: string; id?: string; children?: Child }> = props => (
  <div class="figure">
    <dt>{props.label}</dt>
    <dd id={props.id}>{props.value}</dd>
    {props.note || props.children ? <dd class="note">{props.note ?? props.children}</dd> : null}
  </div>
);

/** Says why there is nothing and what to do about it. A command of ours at the end is shown as one, in one piece. */
export const Empty: FC<{ why: string; next: string }> = ({ why, next }) => {
  const [, before = next, command] = /^(.*?)(notice [a-z]+ .*)$/.exec(next) ?? [];
  return (
    <div class="empty">
      <p>
        <b>{why}</b>
      </p>
      <p>
        {before}
        {command ? <code>{command}</code> : null}
      </p>
    </div>
  );
};
