/** What a re-check says, in kind words. Only a completed refusal is "fixed". */
import type { RecheckResult } from '../record/recheck.ts';
import type { Both } from './language.ts';
import type { Look } from './state-mark.tsx';

export const RECHECK_PAGE = {
  ja: {
    title: 'もう一度確認',
    waiting: '確認しています',
    waitingMore: 'ふつうは1分ほどで終わります。このページは自動で変わります。閉じても確認は続きます。',
    reload: 'いまの状態を見る',
    steps: '直し方をもう一度読む',
    missing: 'この確認の記録は見つかりませんでした',
    missingMore: '確認の記録はしばらくすると消えます。番号からもう一度お試しください。',
    enter: '番号を入れる',
    next: 'このあと',
  },
  en: {
    title: 'Check again',
    waiting: 'We are checking',
    waitingMore: 'This usually takes about a minute. The page changes by itself. You may close it; the check goes on.',
    reload: 'See how it stands',
    steps: 'Read the steps again',
    missing: 'We have no record of this check',
    missingMore: 'Records of checks are erased after a while. Please start again from your code.',
    enter: 'Enter the code',
    next: 'What happens next',
  },
} as const;

interface ResultWords {
  readonly look: Look;
  readonly word: Both;
  readonly more: Both;
  readonly next: Both;
  /** Whether reading the steps again helps. */
  readonly steps: boolean;
}

export const RESULTS: Readonly<Record<RecheckResult, ResultWords>> = {
  fixed: {
    look: 'fixed',
    word: { ja: '直りました', en: 'Fixed' },
    more: {
      ja: '機器に接続して、もう入れないことを確かめました。ご協力ありがとうございました。',
      en: 'We connected to the device and were refused, as it should be. Thank you.',
    },
    next: {
      ja: 'お知らせはこれで終わりです。プロバイダーにもそう伝わります。',
      en: 'This is finished, and your provider is told so.',
    },
    steps: false,
  },
  'still-open': {
    look: 'open',
    word: { ja: 'まだ直っていません', en: 'Still open' },
    more: {
      ja: '前と同じ状態でした。設定を保存したか、機器が2台以上ないかを、もう一度ご覧ください。',
      en: 'It is as before. Please see whether the setting was saved, and whether there is a second device.',
    },
    next: {
      ja: '手順を試したあと、10分たってから、もう一度確認できます。難しいときはお電話ください。',
      en: 'Try the steps again, wait ten minutes, and check once more. If it is difficult, please call.',
    },
    steps: true,
  },
  'no-answer': {
    look: 'unknown',
    word: { ja: '機器から返事がありませんでした', en: 'The device did not answer' },
    more: {
      ja: '直ったとは言い切れません。電源が切れているか、外から見えなくなったのかもしれません。',
      en: 'That does not mean it is fixed. It may be switched off, or no longer visible from outside.',
    },
    next: {
      ja: '機器の電源を入れて、10分たってから、もう一度お試しください。翌月の調査でも確かめます。',
      en: 'Switch the device on, wait ten minutes, and try again. Next month’s survey looks again too.',
    },
    steps: true,
  },
  'address-changed': {
    look: 'unknown',
    word: { ja: 'いまの回線からは確かめられません', en: 'We cannot check from this line' },
    more: {
      ja: 'お知らせの回線と、いまお使いの回線が同じだと確かめられませんでした。携帯電話の回線をお使いか、回線のアドレスが変わったのかもしれません。',
      en: 'We could not see that you are on the line the message is about. You may be on a mobile network, or the address of the line may have changed.',
    },
    next: {
      ja: 'ご自宅や会社のWi-Fiにつないで、このページをもう一度開いてください。それでも同じときは、翌月の調査で確かめます。',
      en: 'Join the Wi-Fi of that line and try again. If it stays the same, next month’s survey will tell.',
    },
    steps: false,
  },
  'not-allowed': {
    look: 'unknown',
    word: { ja: 'いまは確認できません', en: 'We may not check now' },
    more: {
      ja: '確認してよいと認められた時間や範囲の外にあたるため、機器には接続していません。',
      en: 'It is outside the hours or the area in which we are permitted to check. We did not connect to your device.',
    },
    next: {
      ja: '時間をおいてお試しください。翌月の調査でも確かめます。お急ぎのときはお電話ください。',
      en: 'Please try again later. Next month’s survey looks again too. You can also call us.',
    },
    steps: false,
  },
  'too-often': {
    look: 'unknown',
    word: { ja: '少し間をおいてください', en: 'Please wait a little' },
    more: {
      ja: '機器に負担をかけないように、確認は10分に1回、1日に5回までとしています。今回は接続していません。',
      en: 'To be gentle to the device, we check once in ten minutes and five times a day at most. We did not connect this time.',
    },
    next: { ja: '10分たってから、もう一度お試しください。', en: 'Please try again after ten minutes.' },
    steps: false,
  },
};
