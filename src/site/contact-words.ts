/** The words of the contact form. */
import type { AskingFault, Topic } from '../desk/inquiry.ts';
import type { Both } from './language.ts';

export const TOPIC_WORDS: Readonly<Record<Topic, Both>> = {
  'how-to-fix': { ja: '直し方がわからない', en: 'I need help with the steps' },
  'is-it-real': { ja: '本物のお知らせか知りたい', en: 'I doubt that a message is real' },
  'which-device': { ja: 'どの機器かわからない', en: 'I do not know which device it is' },
  'check-again': { ja: 'もう一度の確認について', en: 'About checking again' },
  'not-mine': { ja: '自分の機器ではないと思う', en: 'I think it is not my device' },
  survey: { ja: '調査について', en: 'About the survey' },
  other: { ja: 'そのほか', en: 'Something else' },
};

export const CONTACT = {
  ja: {
    title: '問い合わせ',
    lead: 'お急ぎのときは、上の電話をご利用ください。書き込みには、窓口の受付時間にお返事します。',
    code: 'お知らせ番号（なくてもかまいません）',
    codeHint: '手紙やメールにある13けたの番号です。',
    topic: '何についてですか',
    choose: '選んでください',
    question: 'お困りのこと',
    questionHint: '2,000字まで。お名前、ご住所、パスワードは書かないでください。',
    callback: '折り返しの電話番号（なくてもかまいません）',
    callbackHint: '例：03-1234-5678。お返事がすむか、30日たつと消します。書き込みの文も30日で消します。',
    button: '送る',
    summary: '次のところをご覧ください',
    sent: '受け付けました',
    sentWords:
      '折り返しの番号を書かれた方には、窓口の受付時間にお電話します。こちらからお名前や暗証番号を尋ねることはありません。',
    sentNoCall: '折り返しの番号を書かれなかったときは、この受付番号を電話でお伝えください。続きからお話しできます。',
    reference: '受付番号',
  },
  en: {
    title: 'Contact',
    lead: 'If it is urgent, please use the telephone lines above. Questions sent here are answered in the opening hours.',
    code: 'Your code (you may leave it empty)',
    codeHint: 'The 13 digits in the letter or e-mail.',
    topic: 'What is it about?',
    choose: 'Please choose',
    question: 'Your question',
    questionHint: 'Up to 2,000 characters. Please leave out names, street addresses and passwords.',
    callback: 'Telephone number for an answer (you may leave it empty)',
    callbackHint:
      'A number in Japan, for example 03-1234-5678. Erased when answered, or after 30 days, as is your question.',
    button: 'Send',
    summary: 'Please look at the following',
    sent: 'We have your question',
    sentWords: 'If you left a number, we ring you in the opening hours. We never ask for your name or a PIN.',
    sentNoCall: 'If you left none, tell us this reference when you call, and we go on from there.',
    reference: 'Reference',
  },
} as const;

export type ContactFault = AskingFault | 'code';

export const CONTACT_FAULTS: Readonly<
  Record<ContactFault, { readonly field: 'code' | 'topic' | 'question' | 'callback'; readonly words: Both }>
> = {
  code: {
    field: 'code',
    words: {
      ja: '番号を読み取れませんでした。お手元になければ、空けておいてください。',
      en: 'We could not read the code. Leave it empty if you do not have it at hand.',
    },
  },
  topic: { field: 'topic', words: { ja: '何についてかを選んでください。', en: 'Please choose what it is about.' } },
  'question-empty': {
    field: 'question',
    words: { ja: 'お困りのことを書いてください。', en: 'Please write your question.' },
  },
  'question-long': {
    field: 'question',
    words: { ja: '2,000字までにしてください。', en: 'Please keep it to 2,000 characters.' },
  },
  callback: {
    field: 'callback',
    words: {
      ja: '電話番号を、市外局番からもう一度お書きください。',
      en: 'Please check the telephone number, with its area code.',
    },
  },
  'callback-abroad': {
    field: 'callback',
    words: { ja: '国内の電話番号をお書きください。', en: 'We can ring numbers in Japan only.' },
  },
  'callback-charged': {
    field: 'callback',
    words: {
      ja: 'この番号にはおかけできません。ほかの番号をお書きください。',
      en: 'We cannot ring this kind of number. Please give another.',
    },
  },
};
