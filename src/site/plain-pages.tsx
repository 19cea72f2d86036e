/** Pages that only say something: accessibility, and what happened when a page could not be shown. */
import type { FC } from 'hono/jsx';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { type Both, pathIn } from './language.ts';

const ACCESSIBILITY = {
  ja: {
    title: '使いやすさについて',
    words: [
      'だれもが使えるように、JIS X 8341-3:2016のレベルAAと、WCAG 2.2のレベルAAにそって作り、ページごとに自動の検査を行っています。',
      'スクリプトがなくても、キーボードだけでも、文字を2倍に広げても使えます。色だけで意味を伝えません。',
      '読み上げや拡大でお困りのことがあれば、電話か問い合わせの欄でお知らせください。手紙の中身は、電話でお読みすることもできます。',
    ],
    contact: '問い合わせ',
  },
  en: {
    title: 'Accessibility',
    words: [
      'These pages are made to JIS X 8341-3:2016 level AA and WCAG 2.2 level AA, and every page is checked by a program.',
      'They work without script, by keyboard alone, and at twice the text size. Colour is never the only sign.',
      'If reading aloud or enlarging fails you somewhere, please tell us by telephone or form. We can read a letter to you.',
    ],
    contact: 'Contact',
  },
} as const;

export const AccessibilityPage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const words = ACCESSIBILITY[deps.language];
  return (
    <Frame deps={deps} title={words.title} path="/accessibility">
      <h1>{words.title}</h1>
      {words.words.map(text => (
        <p>{text}</p>
      ))}
      <p>
        <a href={pathIn(deps.language, '/contact')}>{words.contact}</a>
      </p>
    </Frame>
  );
};

/** What happened, what was kept, what to do. */
const TROUBLES = {
  missing: {
    title: { ja: 'ページが見つかりません', en: 'There is no such page' },
    words: {
      ja: 'アドレスの打ち間違いか、なくなったページかもしれません。最初のページからお進みください。',
      en: 'The address may be mistyped, or the page is gone. Please start from the first page.',
    },
  },
  broken: {
    title: { ja: 'ページを出せませんでした', en: 'The page could not be shown' },
    words: {
      ja: 'こちらの不具合です。送られた内容は保存されていません。少したってからもう一度お試しください。お電話でも承ります。',
      en: 'The fault is ours. What you sent was not kept. Please try again in a little while, or call us.',
    },
  },
  often: {
    title: { ja: '少し間をおいてください', en: 'Please wait a little' },
    words: {
      ja: '同じ場所から続けて試されたので、しばらく受け付けを止めています。10分ほどたってからお試しください。お電話でも承ります。',
      en: 'There were many tries from your network, so we pause for a while. Please try again in ten minutes, or call us.',
    },
  },
  elsewhere: {
    title: { ja: '送信を受け付けませんでした', en: 'We did not accept this form' },
    words: {
      ja: 'ほかのサイトから送られたもののようです。このサイトのページを開いて、もう一度お試しください。',
      en: 'It seems to come from another site. Please open our own page and send it from there.',
    },
  },
  large: {
    title: { ja: '長すぎて受け付けられませんでした', en: 'This is too long' },
    words: {
      ja: '文を短くして、もう一度お送りください。送られた内容は保存されていません。',
      en: 'Please shorten the text and send it again. What you sent was not kept.',
    },
  },
} as const satisfies Readonly<Record<string, { readonly title: Both; readonly words: Both }>>;

export type Trouble = keyof typeof TROUBLES;

export const TroublePage: FC<{ deps: PageDeps; trouble: Trouble }> = ({ deps, trouble }) => {
  const { title, words } = TROUBLES[trouble];
  return (
    <Frame deps={deps} title={title[deps.language]} path="/" secret>
      <p class="back">
        <a href={pathIn(deps.language, '/')}>{deps.language === 'ja' ? '最初のページへ' : 'To the first page'}</a>
      </p>
      <h1>{title[deps.language]}</h1>
      <p>{words[deps.language]}</p>
    </Frame>
  );
};
