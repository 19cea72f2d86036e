/**
 * Everything an alert says, in one language, as data: the e-mail, its HTML and the letter print the same words. In: the
 * findings of one line that go out together (same contact, issuer and message). Out: headings, paragraphs, steps.
 * Plain and exact: who, what, when, why, and that it costs nothing; no threat, no deadline, no request for a secret.
 */

import type { AlertContent, Issuer } from '../../record/alert.ts';
import { printAlertCode } from '../../record/alert-code.ts';
import type { FindingKind, Protocol } from '../../record/glossary.ts';
import { GUIDANCE } from '../../record/guidance.ts';
import { dateWords, type Instant, jstOf } from '../../record/instant.ts';

export type Language = 'ja' | 'en';

export interface Section {
  readonly heading: string;
  readonly text: readonly string[];
}

export interface Words {
  readonly language: Language;
  readonly title: string;
  readonly greeting: string;
  /** Who writes, why, and that there is nothing to pay. */
  readonly opening: readonly string[];
  readonly found: Section;
  readonly box: Section;
  readonly steps: Section;
  readonly cannot: Section;
  readonly real: Section;
  readonly lines: { readonly heading: string; readonly rows: readonly SupportRow[] };
  readonly codeLabel: string;
  /** One for each finding: its short name and its code as printed. */
  readonly codes: readonly { readonly what: string; readonly code: string }[];
  readonly date: string;
  readonly sender: string;
  readonly returnTo: readonly string[];
}

export interface SupportRow {
  readonly name: string;
  readonly number: string;
  /** Cost, reach and hours: never shown apart from the number. */
  readonly detail: string;
}

export const MARK = '訓練 / REHEARSAL';

/** Where the QR code leads: the official site with the code filled in. */
export const codeUrl = (issuer: Issuer, alertCode: string): string =>
  `${issuer.site.replace(/\/$/, '')}/c/${alertCode}`;

/** The site as a person types it. */
export const typedSite = (issuer: Issuer): string => issuer.site.replace(/^https?:\/\//, '').replace(/\/$/, '');

const PROTOCOL: Readonly<Record<Protocol, { ja: string; en: string }>> = {
  telnet: { ja: '文字で操作する画面（telnet）', en: 'its text console (telnet)' },
  ssh: { ja: '文字で操作する画面（SSH）', en: 'its text console (SSH)' },
  http: { ja: 'ウェブの設定画面（HTTP）', en: 'its settings page (HTTP)' },
  https: { ja: 'ウェブの設定画面（HTTPS）', en: 'its settings page (HTTPS)' },
  'http-form': { ja: 'ウェブの設定画面（HTTP）', en: 'its settings page (HTTP)' },
  'https-form': { ja: 'ウェブの設定画面（HTTPS）', en: 'its settings page (HTTPS)' },
  ftp: { ja: 'ファイルの受け渡し口（FTP）', en: 'its file transfer entrance (FTP)' },
};

const two = (n: number) => String(n).padStart(2, '0');
const clock = (at: Instant) => {
  const t = jstOf(at);
  return {
    ja: `${t.hour}時${two(t.minute)}分ごろ（日本時間）`,
    en: `about ${two(t.hour)}:${two(t.minute)} (Japan time)`,
  };
};

/** Kinds whose steps are given in full; a page holds no more. Of further ones the site has the steps. */
const IN_FULL = 2;

/** Steps of several kinds in one list: each sentence once, the check at the end once. */
function mergedSteps(kinds: readonly FindingKind[], language: Language): string[] {
  const lists = kinds.slice(0, IN_FULL).map(kind => GUIDANCE[kind][language].steps);
  const last = lists[0]?.at(-1) as string;
  return [...new Set(lists.flatMap(steps => steps.slice(0, -1))), last];
}

/** One sentence for each device, with every way it was seen. */
function boxesOf(contents: readonly AlertContent[], language: Language): string[] {
  const seen = new Map<string, Set<string>>();
  for (const { vendor, model, protocol } of contents) {
    const name = [vendor, model].filter(Boolean).join(' ');
    seen.set(name, (seen.get(name) ?? new Set()).add(PROTOCOL[protocol][language]));
  }
  return [...seen].map(([name, ways]) => {
    const through = [...ways].join(language === 'ja' ? 'と、' : ' and ');
    if (language === 'ja')
      return name
        ? `おそらく ${name} です。インターネットから見えたのは、この機器の${through}です。`
        : `機種まではわかりませんでした。インターネットから見えたのは、${through}です。ルーター、カメラ、録画機などに多くあります。`;
    return name
      ? `Probably ${name}. What we saw from the internet was ${through}.`
      : `We could not tell the model. What we saw from the internet was ${through}, as routers, cameras and recorders have.`;
  });
}

const JA = {
  greeting: (name: string) => `${name} 様`,
  opening: (i: Issuer) => [
    `${i.isp.ja}から、${i.programme.ja}の一つとして、ご利用の回線のことをお知らせします。`,
    '費用はかかりません。パスワードや口座などをおたずねすることもありません。',
  ],
  reminder: '先日お知らせした機器が、まだ同じ状態のようです。すでに対応された後でしたら、行き違いをお許しください。',
  several: (n: number) => `ご利用の回線で${n}件のことがわかりました`,
  headings: ['見つかったこと', 'どの機器か', '直し方', '難しいときは', '本物かどうか', '電話での相談'],
  seen: (at: Instant) => `確認した日時：${dateWords(at, 'ja')}${clock(at).ja}`,
  real: (i: Issuer) => [
    `ブラウザーに ${typedSite(i)} とご自分で入力し、お知らせ番号を入れると、同じ内容が表示されます。`,
    '下の電話番号で、番号を伝えて確かめることもできます。',
  ],
  also: (more: readonly string[]) => `ほかに：${more.join('、')}`,
  codeLabel: 'お知らせ番号',
  returnTo: (i: Issuer) => [`差出人・返還先　${i.isp.ja}`, i.returnAddress],
};

const EN: typeof JA = {
  greeting: name => `Dear ${name},`,
  opening: i => [
    `As part of ${i.programme.en}, ${i.isp.en} is writing to you about your internet line.`,
    'It costs you nothing. We never ask for a password or for bank details.',
  ],
  reminder:
    'The device we wrote to you about still seems to be as it was. If you have dealt with it since, please excuse this letter.',
  several: n => `${n} things we found on your line`,
  headings: ['What we saw', 'Which device', 'What to do', 'If you cannot', 'Is this real?', 'By telephone'],
  seen: at => `Seen on ${dateWords(at, 'en')}, ${clock(at).en}.`,
  real: i => [
    `Type ${typedSite(i)} into your browser yourself and enter your code: the same words will appear.`,
    'Or call the number below and read out your code.',
  ],
  also: more => `Also: ${more.join(', ')}`,
  codeLabel: 'Your code',
  returnTo: i => [`Sender and return address: ${i.isp.en}`, i.returnAddress],
};

/** `contents` is not empty; all are of one line. */
export function alertWords(contents: readonly AlertContent[], language: Language): Words {
  const first = contents[0] as AlertContent;
  const { issuer, contact } = first;
  const say = language === 'ja' ? JA : EN;
  const [found, box, steps, cannot, real, lines] = say.headings as [string, string, string, string, string, string];
  const kinds = [...new Set(contents.map(c => c.kind))];
  const guidance = kinds.map(kind => GUIDANCE[kind][language]);
  const more = guidance.slice(1).map(g => g.short);
  const also = more.length > 0 ? [say.also(more)] : [];
  return {
    language,
    title: kinds.length === 1 ? (guidance[0]?.title as string) : say.several(kinds.length),
    greeting: say.greeting(contact.name),
    opening: first.message === 'reminder' ? [say.reminder, ...say.opening(issuer)] : say.opening(issuer),
    found: {
      heading: found,
      text: [guidance[0]?.found as string, ...also, say.seen(Math.max(...contents.map(c => c.seenAt)))],
    },
    box: { heading: box, text: boxesOf(contents, language) },
    steps: { heading: steps, text: mergedSteps(kinds, language) },
    cannot: { heading: cannot, text: [guidance[0]?.cannot as string] },
    real: { heading: real, text: say.real(issuer) },
    lines: {
      heading: lines,
      rows: issuer.supportLines.map(line => ({
        name: line.name,
        number: line.number,
        detail: [line.cost[language], line.reach[language], line.hours[language]].join(
          language === 'ja' ? '・' : ' · ',
        ),
      })),
    },
    codeLabel: say.codeLabel,
    codes: contents.map(c => ({ what: GUIDANCE[c.kind][language].short, code: printAlertCode(c.alertCode) })),
    date: dateWords(first.writtenAt, language),
    sender: issuer.isp[language],
    returnTo: say.returnTo(issuer),
  };
}
