/** What the code page says. Plain and exact: "not found" is not "safe", "no answer" is not "fixed". */
import type { CaseState } from '../record/case.ts';
import type { Protocol } from '../record/glossary.ts';
import type { Both } from './language.ts';
import type { Look } from './state-mark.tsx';

export const CODE_PAGE = {
  ja: {
    genuine: '本物のお知らせです',
    lead: 'このお知らせは、あなたのプロバイダーから実際に送られたものです。お支払いいただくものはありません。',
    state: 'いまの状態',
    compare: 'お手元のお知らせと見比べてください',
    isp: '送り主（プロバイダー）',
    month: '見つかった月',
    kind: '見つかったこと',
    model: '機種（おそらく）',
    noModel: 'わかりませんでした',
    way: '見つかった場所',
    differs:
      'ここに書かれたことが手元のお知らせと違うときは、だれかが番号を写したおそれがあります。お知らせには従わず、上の電話でご相談ください。',
    never:
      'このページは、番号を知る人にはだれにでも同じように見えます。そのため、お名前もご住所も、回線のアドレスも載せていません。',
    steps: 'することは3つです',
    read: '直し方を読む',
    readMore: '4つの手順です。印刷もできます。',
    do: '機器の設定を変える',
    doMore: '難しいときは、機器を取り付けた人や上の電話にご相談ください。',
    check: '直ったかどうかを確かめる',
    checkMore:
      'お知らせの届いた回線（ご自宅や会社のWi-Fiなど）につないで押してください。押すと、見つかった機器へ一度だけ接続して確かめます。そのために今の回線のアドレスを使い、確かめ終えたら消します。',
    button: 'もう一度確認する',
    noCheck: 'この種類は、機器に接続して確かめることができません。同じ通信が止まったかどうかを、こちらで見守ります。',
    notNow: 'いまは確かめるものがありません。',
    after: 'このあと',
    afterWords: [
      '「直りました」と出れば、お知らせは終わりです。プロバイダーにもそう伝わります。',
      '何もしなくても、翌月の調査で同じものが見つからなければ、そのことが記録されます。',
      'まだ残っているときは、プロバイダーからもう一度お知らせが届くことがあります。',
    ],
  },
  en: {
    genuine: 'This message is real',
    lead: 'Your internet provider really sent it. There is nothing to pay.',
    state: 'Where it stands',
    compare: 'Compare this with the message you have',
    isp: 'Sent by (your provider)',
    month: 'Month it was found',
    kind: 'What was found',
    model: 'Which box (probably)',
    noModel: 'We could not tell',
    way: 'Where it was found',
    differs:
      'If your message says something else, somebody may have copied the code. Do not follow that message; call the number above.',
    never:
      'This page looks the same to everybody who knows the code. That is why it shows no name, no street and no line address.',
    steps: 'Three things to do',
    read: 'Read how to fix it',
    readMore: 'Four steps. You can print them.',
    do: 'Change the settings of the device',
    doMore: 'If this is difficult, ask whoever installed it, or call the number above.',
    check: 'Check whether it is fixed',
    checkMore:
      'Be on the line the message is about (the Wi-Fi at home or at work), then press. We connect once to the device that was found. For this we use the address of the line you are on, and erase it when the check has ended.',
    button: 'Check again',
    noCheck: 'This kind cannot be checked by connecting to the device. We watch whether the traffic has stopped.',
    notNow: 'There is nothing to check now.',
    after: 'What happens next',
    afterWords: [
      'When it says "fixed", this is finished. Your provider is told so.',
      'If you do nothing, next month’s survey looks again, and what is no longer there is recorded as such.',
      'If it is still there, your provider may write to you once more.',
    ],
  },
} as const;

export const STATES: Readonly<Record<CaseState, { readonly look: Look; readonly word: Both; readonly more: Both }>> = {
  open: {
    look: 'open',
    word: { ja: 'まだ直っていません', en: 'Still open' },
    more: { ja: '最後に見たとき、同じ状態が続いていました。', en: 'It was still there when we last looked.' },
  },
  fixed: {
    look: 'fixed',
    word: { ja: '直りました', en: 'Fixed' },
    more: {
      ja: '機器に接続して、もう入れないことを確かめました。ご協力ありがとうございました。',
      en: 'We connected and were refused, as it should be. Thank you.',
    },
  },
  'not-seen': {
    look: 'unknown',
    word: { ja: 'いまは確かめられません', en: 'We cannot tell' },
    more: {
      ja: '機器から返事がなくなりました。直ったとは言い切れません。機器をお使いのときは、手順をご覧ください。',
      en: 'The device no longer answers. That does not mean it is fixed. If you still use it, please follow the steps.',
    },
  },
  withdrawn: {
    look: 'unknown',
    word: { ja: 'このお知らせは取り下げました', en: 'This message has been withdrawn' },
    more: {
      ja: 'こちらの誤りがわかったためです。何もしていただく必要はありません。ご心配をおかけしました。',
      en: 'It was our mistake. You need to do nothing. We are sorry for the worry.',
    },
  },
};

export const WAYS: Readonly<Record<Protocol, Both>> = {
  telnet: { ja: '遠隔操作の入口（Telnet）', en: 'The remote control entrance (Telnet)' },
  ssh: { ja: '遠隔操作の入口（SSH）', en: 'The remote control entrance (SSH)' },
  http: { ja: '設定画面の入口（ウェブ）', en: 'The settings page (web)' },
  https: { ja: '設定画面の入口（ウェブ）', en: 'The settings page (web)' },
  'http-form': { ja: '設定画面の入口（ウェブ）', en: 'The settings page (web)' },
  'https-form': { ja: '設定画面の入口（ウェブ）', en: 'The settings page (web)' },
  ftp: { ja: 'ファイルの受け渡し口（FTP）', en: 'The file transfer entrance (FTP)' },
};

export const NOT_FOUND_CODE = {
  ja: {
    title: 'この番号は見つかりませんでした',
    word: '私たちの記録にない番号です',
    more: '見つからないことは、安全だということでも、にせものだということでもありません。',
    why: '考えられること',
    reasons: [
      '読み違い。手紙の番号と、一組ずつ見比べてください。',
      '古いお知らせ。終わってから90日たつと、記録を消します。',
      '届いたばかりのお知らせ。明日もう一度お試しください。',
      '本物でないお知らせ。そこにある電話番号やリンクは使わず、上の電話でご相談ください。',
    ],
    report: '心当たりのないお知らせを知らせる',
  },
  en: {
    title: 'We did not find this code',
    word: 'The code is not in our records',
    more: 'Not found does not mean that you are safe, and it does not mean that the message is false.',
    why: 'What may be the reason',
    reasons: [
      'A slip in reading. Compare it with the letter, group by group.',
      'An old message. Records are erased 90 days after they are finished.',
      'A very new message. Please try again tomorrow.',
      'A false message. Do not use the numbers or links in it; call the number above instead.',
    ],
    report: 'Tell us about a message you doubt',
  },
} as const;
