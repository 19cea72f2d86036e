/** How to tell that a letter, an e-mail or a call is real, without following anything that is in it. */
import type { FC } from 'hono/jsx';
import { CodeForm } from './code-form.tsx';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';

const WORDS = {
  ja: {
    title: '本物のお知らせかどうかを確かめる',
    lead: 'お知らせの中のリンクや電話番号を使わずに確かめられます。',
    how: '確かめ方',
    steps: (site: string) => [
      `このサイトのアドレス（${site}）を、ご自分で打ち込んで開きます。`,
      '下の欄に、お知らせの番号を入れます。',
      '出てきたプロバイダーの名前、月、見つかったことを、お知らせと見比べます。',
      '一つでも違うとき、見つからないときは、このページの上にある電話へご相談ください。',
    ],
    never: '本物のお知らせが決してしないこと',
    neverWords: [
      'お金や、カードの番号を求めること。',
      'パスワードや暗証番号を尋ねること。',
      'ファイルやソフトウェアを送り付けること。',
      '期限を切って急がせること。',
      '頼まれていないのに電話をかけて、機器の操作を求めること。',
      '予約なしにお宅を訪ねること。',
    ],
    limits: '番号だけでは足りない理由',
    limitsWords:
      '本物の番号を写した、にせのお知らせもありえます。番号が本物でも、上に挙げたことを求められたら、それは本物ではありません。',
    report: '疑わしいお知らせを知らせる',
  },
  en: {
    title: 'How to check that a message is real',
    lead: 'You can do this without using any link or number in the message.',
    how: 'How to check',
    steps: (site: string) => [
      `Open this site by typing its address (${site}) yourself.`,
      'Enter the code of the message below.',
      'Compare the provider, the month and what was found with your message.',
      'If anything differs, or the code is not found, call the number at the top of this page.',
    ],
    never: 'What a real message never does',
    neverWords: [
      'It never asks for money or a card number.',
      'It never asks for a password or a PIN.',
      'It never sends a file or a program.',
      'It never sets a deadline to hurry you.',
      'We never ring you without being asked to.',
      'Nobody visits you without an appointment.',
    ],
    limits: 'Why the code alone is not enough',
    limitsWords:
      'A false message can copy a real code. Even when the code is real, a message that asks for any of the above is not.',
    report: 'Tell us about a message you doubt',
  },
} as const;

export const RealPage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const { language } = deps;
  const words = WORDS[language];
  return (
    <Frame deps={deps} title={words.title} path="/real">
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <h2>{words.how}</h2>
      <ol class="steps">
        {words.steps(deps.issuer.site).map(step => (
          <li>
            <div>{step}</div>
          </li>
        ))}
      </ol>
      <CodeForm language={language} />
      <h2>{words.never}</h2>
      <ul>
        {words.neverWords.map(text => (
          <li>{text}</li>
        ))}
      </ul>
      <h2>{words.limits}</h2>
      <p>{words.limitsWords}</p>
      <p>
        <a href={pathIn(language, '/contact?topic=is-it-real')}>{words.report}</a>
      </p>
    </Frame>
  );
};
