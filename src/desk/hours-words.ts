/** Opening hours as a person says them: "open now until 18:00", "closed, opens Monday 10:00". Times are JST, said so. */
import { DAY, dateWords, type Instant, jstMidnight, jstOf } from '../record/instant.ts';
import { nextChange, type OpeningHours, openAt } from './hours.ts';

type Language = 'ja' | 'en';

const WEEKDAYS = {
  ja: ['日曜日', '月曜日', '火曜日', '水曜日', '木曜日', '金曜日', '土曜日'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
} as const;

/** `18:00` on the JST clock. */
export function timeWords(at: Instant): string {
  const t = jstOf(at);
  return `${String(t.hour).padStart(2, '0')}:${String(t.minute).padStart(2, '0')}`;
}

/** The day of `at` as seen from `now`: today, tomorrow, a weekday within six days, else the date. */
function dayWords(at: Instant, now: Instant, language: Language): string {
  const days = Math.round((jstMidnight(at) - jstMidnight(now)) / DAY);
  if (days === 0) return language === 'ja' ? '本日' : 'today';
  if (days === 1) return language === 'ja' ? '明日' : 'tomorrow';
  if (days < 7) return WEEKDAYS[language][jstOf(at).weekday] as string;
  return dateWords(at, language);
}

export interface DeskState {
  readonly open: boolean;
  readonly words: string;
}

/** Whether the centre answers at `now`, and until or from when. */
export function deskState(hours: OpeningHours, now: Instant, language: Language): DeskState {
  const open = openAt(hours, now);
  const change = nextChange(hours, now);
  if (change === undefined) {
    const words = { ja: open ? '受付中（24時間）' : '受付を休止しています', en: open ? 'Open at all hours' : 'Closed' };
    return { open, words: words[language] };
  }
  const time = timeWords(change);
  const day = dayWords(change, now, language);
  const until = day === '本日' || day === 'today' ? time : `${day} ${time}`;
  if (language === 'ja') return { open, words: open ? `受付中（${until}まで）` : `時間外（${day}${time}から受付）` };
  return { open, words: open ? `Open now until ${until} JST` : `Closed, opens ${day} ${time} JST` };
}
