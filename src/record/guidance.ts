/**
 * What an owner is told, by kind of finding: the same words on the site, in the e-mail and in the letter. Pure text; the
 * words around it (which box, how to check that this is real, support lines) belong to whoever prints it.
 * Held by a test: no threat, no deadline, no blame, no exclamation mark, one act a step.
 */
import type { FindingKind } from './glossary.ts';

export interface Guidance {
  /** The heading: what this is about, as a plain statement. */
  readonly title: string;
  /** A few words for a table or a slip. */
  readonly short: string;
  /** What was done and what was seen, by whom it does not say: two or three sentences. */
  readonly found: string;
  /** Four steps, one act each, in order. */
  readonly steps: readonly string[];
  /** What to do if the steps cannot be done. */
  readonly cannot: string;
}

const RECHECK_JA = '番号をサイトに入力し、「もう一度確認する」を押します。直ったかどうかがその場でわかります。';
const RECHECK_EN = 'Enter your code on the site and press the button Check again. You will see whether it is fixed.';
const ASK_JA = '難しいときは、機器の電源を切ったままにして、サポート窓口へお電話ください。';
const ASK_EN = 'If this is difficult, leave the device switched off and call the support line.';

export const GUIDANCE: Readonly<Record<FindingKind, { readonly ja: Guidance; readonly en: Guidance }>> = {
  guessable: {
    ja: {
      title: '推測されやすいパスワードの機器が見つかりました',
      short: '推測されやすいパスワード',
      found:
        'お客さまの回線につながっている機器に、広く知られたIDとパスワードで、インターネットからログインできました。' +
        '確認できた時点で接続を終えました。機器の中は見ておらず、設定も変えていません。',
      steps: [
        '機器の設定画面を開きます。開き方は、取扱説明書か機器のラベルに書いてあります。',
        '管理用のパスワードを、ほかで使っていない12文字以上のものに変えます。',
        '機器のソフトウェア（ファームウェア）を最新のものに更新します。',
        RECHECK_JA,
      ],
      cannot: `${ASK_JA}お買い上げの店や、機器を取り付けた人に頼むこともできます。`,
    },
    en: {
      title: 'A device with a password that is easy to guess',
      short: 'Password that is easy to guess',
      found:
        'We could sign in, from the internet, to a device on your line with a user name and password from a well-known ' +
        'list. We closed the connection at that point. We looked at nothing inside and changed nothing.',
      steps: [
        'Open the settings page of the device. Its manual or its label says how.',
        'Change the administrator password to one of 12 characters or more that you use nowhere else.',
        'Update the software (firmware) of the device to the newest version.',
        RECHECK_EN,
      ],
      cannot: `${ASK_EN} The shop that sold it, or whoever installed it, can also do this for you.`,
    },
  },
  'no-login': {
    ja: {
      title: 'パスワードなしで操作できる機器が見つかりました',
      short: 'パスワードなしで操作できる',
      found:
        'お客さまの回線につながっている機器が、インターネットから、パスワードを求めずに操作画面を開きました。' +
        '確認できた時点で接続を終えました。何も操作しておらず、設定も変えていません。',
      steps: [
        '機器の設定画面を開きます。開き方は、取扱説明書か機器のラベルに書いてあります。',
        '管理用のパスワードを、12文字以上で設定します。',
        '「遠隔管理」「外部からのアクセス」という項目があれば、使わない設定にします。',
        RECHECK_JA,
      ],
      cannot: `${ASK_JA}お買い上げの店や、機器を取り付けた人に頼むこともできます。`,
    },
    en: {
      title: 'A device that can be operated without a password',
      short: 'Operated without a password',
      found:
        'A device on your line opened its control screen to the internet without asking for a password. We closed the ' +
        'connection at that point. We operated nothing and changed nothing.',
      steps: [
        'Open the settings page of the device. Its manual or its label says how.',
        'Set an administrator password of 12 characters or more.',
        'If there is a setting for remote management or access from outside, turn it off.',
        RECHECK_EN,
      ],
      cannot: `${ASK_EN} The shop that sold it, or whoever installed it, can also do this for you.`,
    },
  },
  firmware: {
    ja: {
      title: 'ソフトウェアの更新が必要な機器が見つかりました',
      short: '古いソフトウェア（ファームウェア）',
      found:
        'お客さまの回線につながっている機器が、弱点の知られている古いソフトウェア（ファームウェア）で動いています。' +
        '機器が自分から名乗る型番と版だけを見ました。ログインはしておらず、設定も変えていません。',
      steps: [
        '機器の型番を、底や背面のラベルで確かめます。',
        'メーカーのサイトで、その型番の最新のソフトウェア（ファームウェア）を探します。',
        '機器の設定画面から、ソフトウェアを更新します。更新の間は電源を切らないでください。',
        RECHECK_JA,
      ],
      cannot: `${ASK_JA}更新がもう配られていない機種では、買い替えもご検討ください。`,
    },
    en: {
      title: 'A device whose software needs an update',
      short: 'Old software (firmware)',
      found:
        'A device on your line runs an old version of its software (firmware) with a known weakness. We only looked at ' +
        'the model and version that the device itself announces. We did not sign in and changed nothing.',
      steps: [
        'Read the model number on the label underneath or behind the device.',
        "On the maker's site, look for the newest software (firmware) for that model.",
        'Update it from the settings page of the device. Leave the power on until the update has ended.',
        RECHECK_EN,
      ],
      cannot: `${ASK_EN} If the maker no longer provides updates, consider replacing the device.`,
    },
  },
  infected: {
    ja: {
      title: '不正なプログラムが動いていると思われる機器が見つかりました',
      short: '不正なプログラムの疑い',
      found:
        'お客さまの回線から、不正なプログラムに特有の通信が、観測用のアドレスに届きました。' +
        '届いた通信を見ただけで、お客さまの機器には接続していません。',
      steps: [
        '機器の電源を切り、1分待って、入れ直します。多くの不正なプログラムはこれで消えます。',
        'すぐに設定画面を開き、管理用のパスワードを12文字以上のものに変えます。',
        '機器のソフトウェア（ファームウェア）を最新のものに更新します。',
        '番号をサイトに入力し、結果を知らせます。同じ通信が止まったかどうかを、こちらで見守ります。',
      ],
      cannot: `${ASK_JA}回線に何台もつながっているときは、どの機器かを一緒に探します。`,
    },
    en: {
      title: 'A device that seems to run a harmful program',
      short: 'Signs of a harmful program',
      found:
        'Traffic of a kind that only harmful programs send came from your line to addresses kept for observation. We only ' +
        'saw what arrived. We did not connect to your device.',
      steps: [
        'Switch the device off, wait a minute, and switch it on. Most harmful programs are gone after that.',
        'Right away, open its settings page and change the administrator password to 12 characters or more.',
        'Update the software (firmware) of the device to the newest version.',
        'Enter your code on the site and tell us what you did. We watch whether the traffic has stopped.',
      ],
      cannot: `${ASK_EN} If many devices are on your line, we help you find out which one it is.`,
    },
  },
  reflector: {
    ja: {
      title: 'ほかの人への攻撃に使われうる機器が見つかりました',
      short: '攻撃の中継に使われうる',
      found:
        'お客さまの回線につながっている機器が、短い問い合わせに対して、大きな返事をだれにでも返しています。' +
        'この働きは、ほかの人への攻撃に使われることがあります。問い合わせを一度送っただけで、設定は変えていません。',
      steps: [
        '機器の設定画面を開きます。開き方は、取扱説明書か機器のラベルに書いてあります。',
        'インターネット側（WAN）からの問い合わせに答える機能を、使わない設定にします。',
        '機器のソフトウェア（ファームウェア）を最新のものに更新します。',
        RECHECK_JA,
      ],
      cannot: `${ASK_JA}お買い上げの店や、機器を取り付けた人に頼むこともできます。`,
    },
    en: {
      title: 'A device that can be used to attack other people',
      short: 'Can be used to relay an attack',
      found:
        'A device on your line gives a large answer to a short question, whoever asks. This can be used to attack other ' +
        'people. We sent one such question and changed nothing.',
      steps: [
        'Open the settings page of the device. Its manual or its label says how.',
        'Turn off the service that answers questions from the internet (WAN) side.',
        'Update the software (firmware) of the device to the newest version.',
        RECHECK_EN,
      ],
      cannot: `${ASK_EN} The shop that sold it, or whoever installed it, can also do this for you.`,
    },
  },
};
