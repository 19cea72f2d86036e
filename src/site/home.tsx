/** The first page: four things in the order in which people in doubt need them. */
import type { FC } from 'hono/jsx';
import { CODE_WORDS, type CodeFault, CodeForm } from './code-form.tsx';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';

const WORDS = {
  ja: {
    title: 'お知らせの手紙・メールが届いた方へ',
    lead: '番号を入れると、本物のお知らせかどうか、何をすればよいかがわかります。お名前は要りません。費用はかかりません。',
    ways: [
      ['/real', '本物のお知らせですか', '手紙・メール・電話が本物かどうかを確かめる方法'],
      ['/fix', '機器を直す', 'パスワードの変え方、ソフトウェアの更新のしかた'],
      ['/how', '調査のしくみ', 'だれが、何のために、どのように調べているか'],
    ],
    again: '番号をもう一度入れてください',
  },
  en: {
    title: 'Do you have a letter or e-mail from us?',
    lead: 'Enter the code to see whether it is real and what to do. We do not ask your name, and nothing costs anything.',
    ways: [
      ['/real', 'Is it real?', 'How to check a letter, an e-mail or a telephone call'],
      ['/fix', 'Fix my device', 'How to change the password and update the software'],
      ['/how', 'How this works', 'Who looks at what, why, and how'],
    ],
    again: 'Please enter the code again',
  },
} as const;

export const HomePage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const words = WORDS[deps.language];
  return (
    <Frame deps={deps} title={words.title} path="/">
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <CodeForm language={deps.language} />
      <ul class="ways">
        {words.ways.map(([path, name, what]) => (
          <li>
            <a href={pathIn(deps.language, path)}>
              <strong>{name}</strong>
              <span>{what}</span>
            </a>
          </li>
        ))}
      </ul>
    </Frame>
  );
};

/** The code box alone, with what was typed and what seems to be wrong with it. */
export const CodeEntryPage: FC<{ deps: PageDeps; typed?: string; fault?: CodeFault }> = ({
  deps,
  typed = '',
  fault,
}) => {
  const { language } = deps;
  return (
    <Frame deps={deps} title={fault ? WORDS[language].again : CODE_WORDS[language].legend} path="/code" secret>
      <h1>{fault ? WORDS[language].again : WORDS[language].title}</h1>
      {fault ? null : <p class="lead">{WORDS[language].lead}</p>}
      <CodeForm language={language} typed={typed} {...(fault ? { fault } : {})} />
    </Frame>
  );
};
