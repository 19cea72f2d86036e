/** Every published figure: what it counts, in which unit, and what it does not count. Shown beside the number. */
export interface Definition {
  readonly ja: { readonly label: string; readonly unit: string; readonly what: string };
  readonly en: { readonly label: string; readonly unit: string; readonly what: string };
}

const define = (ja: readonly [string, string, string], en: readonly [string, string, string]): Definition => ({
  ja: { label: ja[0], unit: ja[1], what: ja[2] },
  en: { label: en[0], unit: en[1], what: en[2] },
});

export const DEFINITIONS = {
  isps: define(
    ['参加ISP', '社', '今月の調査に同意した電気通信事業者の数。'],
    ['Participating ISPs', 'ISPs', 'Providers whose signed consent covered this month.'],
  ),
  addresses: define(
    ['調査対象アドレス', '件', '同意された範囲のIPv4アドレス。除外の申し出があったものも含みます。'],
    ['Addresses in scope', 'addresses', 'IPv4 addresses in the consented ranges, those later excluded included.'],
  ),
  prompts: define(
    ['ID・パスワードが入力可能だったもの', '件', '入力欄が表示されたサービスの数。危険とは限りません。'],
    ['ID and password could be entered', 'services', 'Services that showed a login. Not a weakness by itself.'],
  ),
  guessable: define(
    ['容易に推測されるID・パスワード', '件', '月内の検出件数。住所が変わった同じ機器は二度数えることがあります。'],
    [
      'Guessable ID and password',
      'detections a month',
      'Detections in the month. A device whose address changed may count twice.',
    ],
  ),
  'no-login': define(
    ['パスワードなしで操作できるもの', '件', '月内の検出件数。'],
    ['Usable without any password', 'detections a month', 'Detections in the month.'],
  ),
  firmware: define(
    ['脆弱性のあるファームウェア', '件', '機器自身が示した版による判定。版が分からないものは数えません。'],
    [
      'Firmware with a known weakness',
      'detections a month',
      'By the version the device itself shows. Unknown versions are not counted.',
    ],
  ),
  handedOver: define(
    ['ISPへの提供', '件', '検出のうち、担当するISPへ封をして渡した件数。'],
    ['Handed to the responsible ISP', 'cases a month', 'Detections sealed to the ISP that can act.'],
  ),
  identified: define(
    ['契約者を一意に特定', '件', 'ISPが記録から一人に定められた件数。定まらないものには知らせません。'],
    ['Line identified without doubt', 'cases', 'The ISP’s own logs named exactly one line. Others are not alerted.'],
  ),
  alertedMail: define(
    ['電子メールによる注意喚起', '件', '電子メールで知らせた検出の数。一通で複数を知らせることがあります。'],
    ['Alerted by e-mail', 'cases', 'Cases told of in a message that was accepted for delivery.'],
  ),
  alertedLetter: define(
    ['郵送による注意喚起', '件', '郵便で知らせた検出の数。一通で複数を知らせることがあります。'],
    ['Alerted by letter', 'cases', 'Cases told of in a letter that was posted.'],
  ),
  rechecked: define(
    ['再確認の申し込み', '件', '持ち主の求めで一度だけ行った確認。'],
    ['Checks asked for by owners', 'checks', 'One probe each, asked for on the site.'],
  ),
  fixed: define(
    ['改善を確認', '件', '会話が最後まで成立し、はっきり拒まれたもの。応答がないものは含みません。'],
    ['Confirmed fixed', 'cases', 'A completed conversation with a clear refusal. “No answer” is not fixed.'],
  ),
  notSeen: define(
    ['応答がなくなったもの', '件', '二か月続けて応答がない件数。直ったとは言えません。'],
    ['No longer seen', 'cases', 'Two rounds without an answer. This is not “fixed”.'],
  ),
  stillOpen: define(
    ['未改善', '件', '月末に残っている件数。'],
    ['Still open', 'cases', 'Open at the end of the month.'],
  ),
  returned: define(
    ['再発', '件', '直った後に同じ回線で再び検出された件数。'],
    ['Returned', 'cases', 'Detected again on the same line after having been fixed.'],
  ),
} as const satisfies Readonly<Record<string, Definition>>;

export type FigureName = keyof typeof DEFINITIONS;

/** What a null cell means, in words. */
export const SUPPRESSED = { ja: '10未満または非公開', en: 'under 10, or withheld' } as const;
