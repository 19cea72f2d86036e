/** How the survey works, from the mandate itself: who, on which ground, from where, what is tried, what never is. */
import type { FC } from 'hono/jsx';
import type { Act } from '../record/glossary.ts';
import { dateWords } from '../record/instant.ts';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { type Both, type Language, pathIn } from './language.ts';

const ACTS: Readonly<Record<Act, Both>> = {
  sweep: { ja: '返事があるかどうかを見る', en: 'see whether it answers' },
  identify: { ja: '機器が自分から名乗る機種と版を見る', en: 'read the model and version the device announces' },
  'no-login': { ja: 'パスワードなしで開くかどうかを見る', en: 'see whether it opens without a password' },
  attempt: { ja: '広く知られたIDとパスワードを試す', en: 'try user names and passwords from a well-known list' },
  decoy: { ja: 'でたらめなパスワードが断られることを確かめる', en: 'see that a made-up password is refused' },
  recheck: { ja: '持ち主の求めで、一度だけ確かめ直す', en: 'look once more when the owner asks' },
};

const WORDS = {
  ja: {
    title: '調査のしくみ',
    lead: '悪用されやすい機器を見つけ、持ち主に知らせて、直していただくための調査です。',
    who: 'だれが、どのような根拠で',
    organisation: '実施機関',
    contact: '連絡先',
    basis: '根拠',
    period: '期間',
    hours: '時間帯',
    hoursOf: (from: string, to: string) => `${from}から${to}まで（日本時間）`,
    always: '終日',
    isps: '参加プロバイダー',
    where: 'どこから',
    whereWords: (day: string) => `調査の通信は、次のアドレスからだけ出ます。${day}に公表しました。`,
    publishedAs: '公表の場所',
    what: '何を調べるか',
    port: 'ポート',
    service: '種類',
    acts: 'すること',
    tries: (n: number) => `1台の機器に試すのは、1日に${n}回までです。`,
    never: '決してしないこと',
    neverWords: [
      '機器に入ったあと、中を見たり、設定を変えたりすること。入れるとわかった時点で接続を終えます。',
      '医療、産業、印刷の機器にパスワードを試すこと。',
      '見つけたことを、担当のプロバイダー以外に見せること。見つけた時点で封をします。',
      '調査する側が、契約した方の名前や住所を知ること。',
    ],
    flow: 'お知らせが届くまで',
    flowWords: [
      '参加プロバイダーが、調べてよい範囲を毎月、署名して示します。',
      'その範囲だけを調べ、見つけたことを担当のプロバイダーへ封をして渡します。',
      'プロバイダーが自分の記録から契約者を調べます。はっきり一人に決まらないときは、だれにも知らせません。',
      'プロバイダーが手紙かメールでお知らせします。',
    ],
    out: '調べてほしくないとき',
    outWords: 'ご契約のプロバイダーか、上の連絡先にお申し出ください。申し出のあったアドレスには、何も送りません。',
    machine: '機械で読める説明（RFC 9511）',
    ask: '調査について問い合わせる',
  },
  en: {
    title: 'How this works',
    lead: 'A survey that finds devices which are easy to misuse, tells their owners, and helps to fix them.',
    who: 'Who, and on which ground',
    organisation: 'Organisation',
    contact: 'Contact',
    basis: 'Legal ground',
    period: 'Period',
    hours: 'Hours',
    hoursOf: (from: string, to: string) => `${from} to ${to} JST`,
    always: 'At all hours',
    isps: 'Participating providers',
    where: 'From where',
    whereWords: (day: string) => `The survey comes from these addresses only. They were published on ${day}.`,
    publishedAs: 'Published at',
    what: 'What is looked at',
    port: 'Port',
    service: 'Service',
    acts: 'What is done',
    tries: (n: number) => `On one device there are at most ${n} tries a day.`,
    never: 'What is never done',
    neverWords: [
      'Looking inside a device or changing a setting. When we see that it opens, we close the connection.',
      'Trying passwords on medical, industrial or printing equipment.',
      'Showing what was found to anybody but the provider in charge. It is sealed the moment it is found.',
      'Learning the name or the street of a subscriber. Only the provider knows them.',
    ],
    flow: 'How a message comes to you',
    flowWords: [
      'Every month, each provider signs a list of what may be surveyed.',
      'Only that is surveyed, and what is found is handed, sealed, to the provider in charge.',
      'The provider looks in its own records whose line it was. If they do not name exactly one, nobody is told.',
      'The provider writes to that subscriber by letter or e-mail.',
    ],
    out: 'If you do not want to be surveyed',
    outWords: 'Tell your provider, or the contact above. Nothing is sent to an address that has been excluded.',
    machine: 'The same for machines (RFC 9511)',
    ask: 'Ask about the survey',
  },
} as const;

const day = (iso: string, language: Language): string => {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : dateWords(at, language);
};

const Facts: FC<{ deps: PageDeps }> = ({ deps: { language, mandate } }) => {
  const words = WORDS[language];
  const always = mandate.hours.from === '00:00' && mandate.hours.to === '24:00';
  return (
    <dl class="facts">
      <dt>{words.organisation}</dt>
      <dd>{mandate.organisation.name}</dd>
      <dt>{words.contact}</dt>
      <dd>{mandate.organisation.contact}</dd>
      <dt>{words.basis}</dt>
      <dd>{mandate.legalBasis}</dd>
      <dt>{words.period}</dt>
      <dd>
        {day(mandate.period.from, language)} – {day(mandate.period.to, language)}
      </dd>
      <dt>{words.hours}</dt>
      <dd>{always ? words.always : words.hoursOf(mandate.hours.from, mandate.hours.to)}</dd>
      <dt>{words.isps}</dt>
      <dd>{mandate.isps.map(isp => isp[language]).join(language === 'ja' ? '、' : ', ')}</dd>
    </dl>
  );
};

export const HowPage: FC<{ deps: PageDeps }> = ({ deps }) => {
  const { language, mandate } = deps;
  const words = WORDS[language];
  return (
    <Frame deps={deps} title={words.title} path="/how">
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <h2>{words.flow}</h2>
      <ol class="steps">
        {words.flowWords.map(text => (
          <li>
            <div>{text}</div>
          </li>
        ))}
      </ol>
      <h2>{words.who}</h2>
      <Facts deps={deps} />
      <h2>{words.where}</h2>
      <p>{words.whereWords(day(mandate.publishedAt, language))}</p>
      <ul class="mono">
        {mandate.sources.map(address => (
          <li>{address}</li>
        ))}
      </ul>
      <p class="soft">
        {words.publishedAs}: {mandate.publishedAs}
        <br />
        <a href="/.well-known/probing.txt">{words.machine}</a>
      </p>
      <h2>{words.what}</h2>
      <dl class="facts">
        {mandate.ports.map(({ port, protocol, acts }) => (
          <>
            <dt>
              {words.port} {port}
              <br />
              {protocol.toUpperCase()}
            </dt>
            <dd>
              <ul>
                {acts.map(act => (
                  <li>{ACTS[act][language]}</li>
                ))}
              </ul>
            </dd>
          </>
        ))}
      </dl>
      <p>{words.tries(mandate.triesPerDevicePerDay)}</p>
      <h2>{words.never}</h2>
      <ul>
        {words.neverWords.map(text => (
          <li>{text}</li>
        ))}
      </ul>
      <h2>{words.out}</h2>
      <p>{words.outWords}</p>
      <p>
        <a href={pathIn(language, '/contact?topic=survey')}>{words.ask}</a>
      </p>
    </Frame>
  );
};
