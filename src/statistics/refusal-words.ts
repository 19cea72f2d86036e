/** Why an ISP named nobody, in plain words: for the published table and for the ISP's own console. */
import type { IdentificationVerdict } from '../record/assignment.ts';
import { OTHERS } from './suppress.ts';

interface Words {
  readonly ja: string;
  readonly en: string;
}

export const VERDICT_WORDS: Readonly<Record<IdentificationVerdict, Words>> = {
  unique: { ja: '一人に定まった', en: 'exactly one line' },
  none_gap: { ja: '記録に該当がない（前後にはある）', en: 'nobody held it then, somebody did before or after' },
  none_unassigned: { ja: 'どの回線にも割り当てられていない', en: 'no line ever held the address' },
  ambiguous_overlap: { ja: '同じ時刻に複数の回線', en: 'more than one line at the same instant' },
  ambiguous_edge: { ja: '割り当ての切り替わりの時刻', en: 'at the instant the address changed hands' },
  ambiguous_soft_end: { ja: '割り当ての終わりが確かでない', en: 'the end of the assignment is not certain' },
  shared_no_port: { ja: '共用アドレスで、ポートの記録がない', en: 'shared address, and no record of ports' },
  shared_port_impossible: {
    ja: '共用アドレスで、ポートが範囲外',
    en: 'shared address, and the port belongs to nobody',
  },
  log_gap: { ja: '記録が欠けている', en: 'the logs have a gap there' },
  log_pending: { ja: '記録がまだ届いていない', en: 'the logs of that hour are not in yet' },
  stale_log: { ja: '記録が古い', en: 'the logs are too old' },
  conflict_sources: { ja: '記録どうしが食い違う', en: 'two logs contradict each other' },
  clock_untrusted: { ja: '時計の誤差が大きい', en: 'the clocks differ too much' },
  not_mine: { ja: '当社のアドレスではない', en: 'not an address of this ISP' },
  infrastructure: { ja: 'ISP自身の設備', en: 'the ISP’s own equipment' },
  expired: { ja: '記録の保存期間が過ぎた', en: 'the logs of that time have been erased' },
  revoked: { ja: '取り消された', en: 'taken back by the centre' },
  malformed: { ja: '読み取れない', en: 'cannot be read' },
};

/** The words for a published reason; a code that is not known stays as it is. */
export function reasonWords(reason: string, language: 'ja' | 'en'): string {
  if (reason === OTHERS) return { ja: 'その他の理由', en: 'other reasons' }[language];
  return Object.hasOwn(VERDICT_WORDS, reason) ? VERDICT_WORDS[reason as IdentificationVerdict][language] : reason;
}
