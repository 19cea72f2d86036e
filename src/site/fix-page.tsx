/** How to fix it: by kind of finding, numbered steps with a box to tick, and what happens next. Prints on A4. */
import type { FC } from 'hono/jsx';
import { FINDING_KINDS, type FindingKind } from '../record/glossary.ts';
import { GUIDANCE } from '../record/guidance.ts';
import type { PageDeps, UpdatePage } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';

const WORDS = {
  ja: {
    title: '機器を直す',
    lead: 'お知らせに書かれた「見つかったこと」を選んでください。',
    unsure: 'どれかわからないときは、番号を入れると、あてはまる手順が出ます。',
    code: '番号を入れる',
    found: '見つかったこと',
    steps: 'すること',
    done: 'できたら、四角にしるしを付けてください。',
    print: '印刷する',
    cannot: 'できないときは',
    after: 'このあと',
    afterWords: [
      '「もう一度確認する」で「直りました」と出れば、お知らせは終わりです。',
      '確認をしなくても、翌月の調査でもう一度見ます。見つからなければ、そのことが記録されます。',
      'まだ残っているときは、プロバイダーからもう一度お知らせが届くことがあります。',
    ],
    tips: 'こんなときは',
    tip: [
      [
        'どの機器かわからない',
        'インターネットにつながる箱（ルーター、カメラ、録画機、電話の装置など）を書き出し、底や背面のラベルの機種名をお知らせと見比べます。名前がないときは、一番古いものから見てください。',
      ],
      [
        'プロバイダーから借りている機器だった',
        'ご自分で直す必要はないことがあります。プロバイダーの窓口に、お知らせの番号を伝えてください。',
      ],
      [
        '電源を入れ直すだけではいけませんか',
        '入れ直すと、悪いプログラムは消えることがあります。けれども、パスワードやソフトウェアが同じままだと、すぐにまた入られます。手順の終わりまで続けてください。',
      ],
      ['もう使っていない機器だった', '電源とケーブルを抜いてください。それで終わりです。'],
    ],
    update: 'この機種の更新',
    updateAt: 'メーカーの更新のページ',
    version: (v: string) => `版 ${v} 以降で直っています。`,
    noVersion: '直った版は、まだ出ていません。',
    ended: 'この機種は、メーカーの対応が終わっています。更新では直せないので、買い替えをご検討ください。',
    maker: '機種',
  },
  en: {
    title: 'Fix my device',
    lead: 'Choose what your message says was found.',
    unsure: 'If you are not sure, enter the code, and the right steps appear.',
    code: 'Enter the code',
    found: 'What was found',
    steps: 'What to do',
    done: 'Tick the box when a step is done.',
    print: 'Print',
    cannot: 'If you cannot do it',
    after: 'What happens next',
    afterWords: [
      'When "Check again" says "fixed", this is finished.',
      'Without a check, next month’s survey looks again, and what is no longer there is recorded as such.',
      'If it is still there, your provider may write to you once more.',
    ],
    tips: 'Other situations',
    tip: [
      [
        'You do not know which device it is',
        'List the boxes that are connected to the internet (router, camera, recorder, telephone box) and compare the model on their labels with the message. If it names none, begin with the oldest.',
      ],
      [
        'The device belongs to your provider',
        'You may not have to fix it yourself. Tell your provider’s help line the code of the message.',
      ],
      [
        'You wonder whether switching it off and on is enough',
        'It often removes a harmful program. But with the same password and software, the device is entered again soon. Please go on to the last step.',
      ],
      ['You no longer use the device', 'Unplug its power and its cable. That is all.'],
    ],
    update: 'Update for this model',
    updateAt: 'The maker’s update page',
    version: (v: string) => `Version ${v} and later are fixed.`,
    noVersion: 'There is no fixed version yet.',
    ended: 'The maker has ended support for this model. An update cannot fix it; please consider replacing it.',
    maker: 'Model',
  },
} as const;

export const FixPage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const { language } = deps;
  const words = WORDS[language];
  return (
    <Frame deps={deps} title={words.title} path="/fix">
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <ul class="ways">
        {FINDING_KINDS.map(kind => (
          <li>
            <a href={pathIn(language, `/fix/${kind}`)}>
              <strong>{GUIDANCE[kind][language].short}</strong>
              <span>{GUIDANCE[kind][language].title}</span>
            </a>
          </li>
        ))}
      </ul>
      <p>
        {words.unsure} <a href={pathIn(language, '/code')}>{words.code}</a>
      </p>
    </Frame>
  );
};

const Update: FC<{ page: UpdatePage; name: string; deps: PageDeps }> = ({ page, name, deps }) => {
  const words = WORDS[deps.language];
  return (
    <div class="next">
      <h2>{words.update}</h2>
      <p>
        {words.maker}: <strong>{name}</strong>
        <br />
        {!page.supported ? words.ended : page.fixedIn === null ? words.noVersion : words.version(page.fixedIn)}
      </p>
      <p>
        <a href={page.url} rel="noreferrer">
          {words.updateAt}
        </a>{' '}
        <span class="mono soft">{page.url}</span>
      </p>
    </div>
  );
};

export interface FixKindProps {
  readonly deps: PageDeps;
  readonly kind: FindingKind;
  readonly update?: { readonly name: string; readonly page: UpdatePage; readonly query: string } | undefined;
}

export const FixKindPage: FC<FixKindProps> = ({ deps, kind, update }) => {
  const words = WORDS[deps.language];
  const guidance = GUIDANCE[kind][deps.language];
  return (
    <Frame deps={deps} title={guidance.title} path={`/fix/${kind}${update?.query ?? ''}`}>
      <h1>{guidance.title}</h1>
      <h2>{words.found}</h2>
      <p>{guidance.found}</p>
      {update ? <Update page={update.page} name={update.name} deps={deps} /> : null}
      <h2>{words.steps}</h2>
      <p class="soft">{words.done}</p>
      <ol class="steps">
        {guidance.steps.map(step => (
          <li>
            <label>
              <span>{step}</span>
              <input type="checkbox" autocomplete="off" />
            </label>
          </li>
        ))}
      </ol>
      <p class="screen">
        <a class="button" href={pathIn(deps.language, '/code')}>
          {words.code}
        </a>{' '}
        <button class="quiet" type="button" data-print="" hidden>
          {words.print}
        </button>
      </p>
      <h2>{words.cannot}</h2>
      <p>{guidance.cannot}</p>
      <div class="next">
        <h2>{words.after}</h2>
        <ul>
          {words.afterWords.map(text => (
            <li>{text}</li>
          ))}
        </ul>
      </div>
      <h2>{words.tips}</h2>
      {words.tip.map(([question, answer]) => (
        <details>
          <summary>{question}</summary>
          <p>{answer}</p>
        </details>
      ))}
    </Frame>
  );
};
