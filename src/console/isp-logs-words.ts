/** What the page about an ISP's logs says, in Japanese and English. */
import type { IdentificationVerdict } from '../record/assignment.ts';
import { HOUR } from '../record/instant.ts';

export type Language = 'ja' | 'en';
interface Both {
  readonly ja: string;
  readonly en: string;
}

/** What an ISP can do about a verdict. Those that nothing can be done about say so. */
export const REMEDIES: Readonly<Record<IdentificationVerdict, Both>> = {
  unique: { en: 'Nothing to do.', ja: '何もする必要はありません。' },
  none_gap: {
    en: 'Import the log of every server that hands out these addresses.',
    ja: 'これらのアドレスを割り当てるサーバーすべての記録を取り込んでください。',
  },
  none_unassigned: {
    en: 'Check that the pool is listed with the kind it has, and that its log is imported.',
    ja: 'プールの種類が正しく書かれているか、その記録が取り込まれているかを確かめてください。',
  },
  ambiguous_overlap: {
    en: 'Look for a server whose releases are not logged; import releases as well as leases.',
    ja: '解放を記録していないサーバーを探し、割り当てとともに解放も取り込んでください。',
  },
  ambiguous_edge: {
    en: 'Log to the second, and keep the clocks together (NTP). Some cases stay undecided, and rightly.',
    ja: '秒単位で記録し、時計をNTPで合わせてください。決められないまま残るものもあり、それで正しいのです。',
  },
  ambiguous_soft_end: {
    en: 'Stop records are lost: have the access servers send them again (RADIUS retry), and interim updates every 10 minutes or less.',
    ja: '終了（Stop）の記録が失われています。接続サーバーに再送させ、中間更新（Interim）を10分以下の間隔で送らせてください。',
  },
  shared_no_port: {
    en: 'Log ports or port blocks on the translator (RFC 6302, RFC 7422), then import that log.',
    ja: '変換装置でポートかポート範囲を記録し（RFC 6302、RFC 7422）、その記録を取り込んでください。',
  },
  shared_port_impossible: {
    en: 'Check the port sets of the translator or of MAP-E against its configuration.',
    ja: '変換装置やMAP-Eのポートの割り当てが、設定と合っているかを確かめてください。',
  },
  log_gap: {
    en: 'Find and import the missing hours; they are named below.',
    ja: '下に示した、欠けている時間の記録を探して取り込んでください。',
  },
  log_pending: {
    en: 'Import newer logs. These cases are looked up again by themselves.',
    ja: '新しい記録を取り込んでください。これらの件は自動で調べ直されます。',
  },
  stale_log: {
    en: 'The finding is older than the logs that are kept. Import sooner, or keep them longer if you may.',
    ja: '残っている記録より前のものです。早く取り込むか、許される範囲で長く保存してください。',
  },
  conflict_sources: {
    en: 'Two logs disagree: find the one whose clock or address plan is wrong.',
    ja: '二つの記録が食い違っています。時計かアドレスの計画が誤っているほうを探してください。',
  },
  clock_untrusted: {
    en: 'Set the clocks of the logging servers by NTP, and say how far they may be off.',
    ja: '記録するサーバーの時計をNTPで合わせ、許される誤差を設定に書いてください。',
  },
  not_mine: {
    en: 'Take the prefix out of the consent, or add its pool.',
    ja: '同意書からそのプレフィックスを外すか、プールを書き加えてください。',
  },
  infrastructure: { en: 'Fix the device: it is your own.', ja: '自社の設備です。機器を直してください。' },
  expired: {
    en: 'Nothing: the logs of that time had to be erased.',
    ja: 'できることはありません。その時期の記録は消すことになっています。',
  },
  revoked: { en: 'Nothing: the centre took the case back.', ja: 'できることはありません。センターが取り消しました。' },
  malformed: {
    en: 'Tell the operator which bundle it came in.',
    ja: 'どの束で届いたかを運営者に知らせてください。',
  },
};

/** `3 h 20 min`, `2 days`: as short as it can be said and still found again. */
export function spanWords(ms: number, language: Language): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const hours = Math.floor(ms / HOUR);
  if (hours >= 48) return language === 'ja' ? `${Math.round(hours / 24)}日` : `${Math.round(hours / 24)} days`;
  if (hours === 0) return language === 'ja' ? `${minutes}分` : `${minutes} min`;
  const rest = minutes - hours * 60;
  if (language === 'ja') return rest > 0 ? `${hours}時間${rest}分` : `${hours}時間`;
  return rest > 0 ? `${hours} h ${rest} min` : `${hours} h`;
}

const EN = {
  title: 'Logs',
  other: '日本語で表示',
  identified: 'Identified, last 30 days',
  ofCases: (unique: string, all: string) => `${unique} of ${all} cases asked about`,
  logs: 'Logs imported',
  boxes: (n: string) => (n === '1' ? 'one box heard' : `${n} boxes heard`),
  rejected: 'Records rejected',
  undecided: 'Incidents to decide',
  halted: 'Alerts are halted',
  haltedSince: (since: string, reason: string, by: string) =>
    `Since ${since} JST: ${reason}. Released so far by ${by || 'nobody'}.`,
  haltedUntil: 'Nothing is sent until two different people have released it:',
  incidents: 'Somebody says “this is not mine”',
  incident: (at: string, by: string) => `${at} JST, told by the ${by}:`,
  asideWords: (names: string) => `Set aside until you decide: ${names}. Nothing is identified by it.`,
  lookAndDecide: 'Look, then decide:',
  teller: { owner: 'owner', desk: 'support centre', isp: 'ISP’s own people' },
  theCase: 'case',
  stop: '. ',
  coverage: 'When each log speaks',
  days: (n: number) => `last ${n} days`,
  window: 'time shown',
  key: 'A filled bar: complete. An empty box: records are missing. A dotted line: not imported yet.',
  picture: (name: string, gaps: number, through: string) =>
    `${name}: ${gaps === 0 ? 'no gap' : gaps === 1 ? 'one gap' : `${gaps} gaps`}, complete through ${through}`,
  noGap: 'no gap',
  gapsOf: (n: number) => (n === 1 ? '1 gap' : `${n} gaps`),
  table: 'Each box of each log in the time shown; times in JST',
  columns: ['log', 'box', 'gaps', 'missing', 'through', 'first', 'format'],
  gapTable: 'Hours without records, the ones with most refused cases first; times in JST',
  gapColumns: ['log', 'box', 'from', 'to', 'missing', 'cases refused in it'],
  imports: 'Imports',
  importTable: 'Every log of the index',
  importColumns: ['log', 'format', 'boxes', 'holds', 'records rejected', 'complete through (JST)'],
  mix: 'Verdicts of the last 30 days',
  mixTable: 'Cases asked about, most frequent verdict first',
  mixColumns: ['verdict', 'in words', 'cases', 'of all, %', 'share'],
  raise: 'What would let more be identified',
  raiseTable: 'Refusals, the most frequent first; each could raise the share by so many points',
  raiseColumns: ['verdict', 'what to do', 'cases', 'points'],
  missingAt: (from: string, to: string, box: string) => `${box}: ${from} to ${to}`,
  behindAt: (through: string, box: string) => `${box} ends ${through}`,
  none: {
    logs: {
      why: 'No log has been imported, so no case can be identified.',
      next: 'Import one with: notice isp import --format kea --dir DIR FILE',
    },
    mix: {
      why: 'No case has been looked up in the last 30 days.',
      next: 'Pull bundles first: notice isp pull --config isp.json',
    },
    raise: { why: 'Every case was identified.', next: 'There is nothing to do here.' },
    gaps: { why: 'No hour is missing in the time shown.', next: 'Widen the time above to look further back.' },
  },
};

const JA: typeof EN = {
  title: '記録',
  other: 'English',
  identified: '特定できた割合（過去30日）',
  ofCases: (unique, all) => `調べた${all}件のうち${unique}件`,
  logs: '取り込んだ記録',
  boxes: n => `装置${n}台`,
  rejected: '使えなかった行',
  undecided: '判断を待つ申し出',
  halted: 'お知らせは止まっています',
  haltedSince: (since, reason, by) => `${since}（JST）から：${reason}。解除した人：${by || 'まだいません'}。`,
  haltedUntil: '別の二人が解除するまで、何も送られません：',
  incidents: '「自分のものではない」という申し出があります',
  incident: (at, by) => `${at}（JST）、${by}から：`,
  asideWords: names => `判断がつくまで使わない記録：${names}。この記録では誰も特定されません。`,
  lookAndDecide: '内容を見て、判断してください：',
  teller: { owner: '持ち主', desk: 'サポートセンター', isp: '自社の担当者' },
  theCase: '該当の件',
  stop: '。',
  coverage: '記録がある時間',
  days: n => `過去${n}日`,
  window: '表示する期間',
  key: '塗った帯：すべて揃っている。中が空の箱：記録が欠けている。点線：まだ取り込まれていない。',
  picture: (name, gaps, through) =>
    `${name}：${gaps === 0 ? '欠けはありません' : `欠け${gaps}か所`}、${through}まで揃っています`,
  noGap: '欠けなし',
  gapsOf: n => `欠け${n}か所`,
  table: '表示期間の、記録と装置ごとの状況（時刻はJST）',
  columns: ['記録', '装置', '欠け', '欠けた時間', '最後', '最初', '形式'],
  gapTable: '記録のない時間。その間に特定できなかった件が多い順（時刻はJST）',
  gapColumns: ['記録', '装置', 'から', 'まで', '長さ', '特定できなかった件'],
  imports: '取り込み',
  importTable: '索引にあるすべての記録',
  importColumns: ['記録', '形式', '装置', '割り当て', '使えなかった行', '揃っている時刻（JST）'],
  mix: '過去30日の判定',
  mixTable: '調べた件の判定、多い順',
  mixColumns: ['判定', '意味', '件数', '割合 %', '図'],
  raise: '特定できる件を増やすには',
  raiseTable: '特定できなかった理由、多い順。それぞれ割合をこれだけ上げられます（ポイント）',
  raiseColumns: ['判定', 'すること', '件数', 'ポイント'],
  missingAt: (from, to, box) => `${box}：${from} から ${to}`,
  behindAt: (through, box) => `${box}は${through}まで`,
  none: {
    logs: {
      why: '記録がまだ取り込まれていないため、どの件も特定できません。',
      next: '次のように取り込みます：notice isp import --format kea --dir DIR FILE',
    },
    mix: {
      why: '過去30日に調べた件はありません。',
      next: '先に束を受け取ってください：notice isp pull --config isp.json',
    },
    raise: { why: 'すべての件が特定できました。', next: 'ここですることはありません。' },
    gaps: { why: '表示期間に欠けた時間はありません。', next: 'さらに前を見るには、上で期間を広げてください。' },
  },
};

export const LOG_WORDS: Readonly<Record<Language, typeof EN>> = { en: EN, ja: JA };
export type LogWords = typeof EN;
