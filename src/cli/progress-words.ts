/** A round's progress as one status line: `sweep 2026-11  63 %  18,240/s  412 open  3 refused by mandate  0:41 left`. */
import type { RoundProgress } from '../record/progress.ts';

const n = (value: number) => Math.round(value).toLocaleString('en');

export function progressWords(p: RoundProgress): string {
  const percent = p.total > 0 ? Math.floor((p.done / p.total) * 100) : 0;
  const middle =
    p.stage === 'sweep'
      ? `${n(p.answered)} open  ${n(p.refused)} refused by mandate`
      : `${n(p.checked)} checked  ${n(p.reported.positive)} positive`;
  const left =
    p.secondsLeft === null
      ? ''
      : `  ${Math.floor(p.secondsLeft / 60)}:${String(p.secondsLeft % 60).padStart(2, '0')} left`;
  return `${p.stage} ${p.month}  ${percent} %  ${n(p.perSecond)}/s  ${middle}${left}`;
}
