/**
 * When the logs speak, as one bar for each box over the time shown. In: boxes with their gaps, the window. Out: plain SVG elements; a
 * stretch is told by its shape first (filled bar, empty taller box, dotted line) and by its colour second. The numbers are in
 * the table under it.
 */
import type { FC } from 'hono/jsx';
import type { Instant } from '../record/instant.ts';
import type { LogShown } from './isp-logs-advice.ts';
import type { LogWords } from './isp-logs-words.ts';
import { dayIn, whenIn } from './words.ts';

const WIDTH = 1_000;
const HEIGHT = 20;
/** A gap of a minute in three months is still seen. */
const LEAST = 6;

export interface Span {
  readonly what: 'complete' | 'gap' | 'pending';
  readonly x: number;
  readonly width: number;
}

/** Stretches in units of the drawing, gaps last so that they lie on top. */
export function spansOf(box: LogShown['exporters'][number], from: Instant, to: Instant): Span[] {
  const scale = (at: Instant) => (WIDTH * (Math.min(Math.max(at, from), to) - from)) / (to - from);
  const span = (what: Span['what'], a: Instant, b: Instant): Span[] => {
    const [x, end] = [scale(a), scale(b)];
    return b <= from || a >= to || end <= x ? [] : [{ what, x, width: end - x }];
  };
  const gaps = box.gaps.flatMap(gap => {
    if (gap.to <= from || gap.from >= to) return [];
    const [x, end] = [scale(gap.from), scale(gap.to)];
    const width = Math.max(LEAST, end - x);
    return [{ what: 'gap' as const, x: Math.min(x, WIDTH - width), width }];
  });
  return [...span('complete', box.first, box.through), ...span('pending', box.through, to), ...gaps];
}

const Bar: FC<{ spans: readonly Span[]; label: string }> = ({ spans, label }) => (
  <svg class="logbar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
    {spans.map(({ what, x, width }) =>
      what === 'complete' ? (
        <rect class="complete" x={x.toFixed(1)} y="5" width={width.toFixed(1)} height="10" />
      ) : what === 'gap' ? (
        <rect
          class="gap"
          x={x.toFixed(1)}
          y="1"
          width={width.toFixed(1)}
          height="18"
          vector-effect="non-scaling-stroke"
        />
      ) : (
        <line
          class="pending"
          x1={x.toFixed(1)}
          y1="10"
          x2={(x + width).toFixed(1)}
          y2="10"
          vector-effect="non-scaling-stroke"
        />
      ),
    )}
  </svg>
);

const TICKS = 4;

export const Coverage: FC<{ logs: readonly LogShown[]; from: Instant; to: Instant; words: LogWords }> = props => {
  const { logs, from, to, words } = props;
  return (
    <figure class="logs">
      {logs.flatMap(log =>
        log.exporters.map(box => {
          const name = box.exporter === log.name ? log.name : `${log.name} · ${box.exporter}`;
          const gaps = box.gaps.filter(gap => gap.to > from && gap.from < to).length;
          return (
            <div class="logrow">
              <div class="logname">
                <span>{name}</span> <span class="soft">{gaps === 0 ? words.noGap : words.gapsOf(gaps)}</span>
              </div>
              <Bar spans={spansOf(box, from, to)} label={words.picture(name, gaps, whenIn(box.through))} />
            </div>
          );
        }),
      )}
      <div class="logaxis" aria-hidden="true">
        {Array.from({ length: TICKS }, (_, i) => (
          <span>{dayIn(from + ((to - from) * i) / (TICKS - 1)).slice(5)}</span>
        ))}
      </div>
      <figcaption>{words.key}</figcaption>
    </figure>
  );
};

/** A share as a bar beside its number. */
export const Share: FC<{ percent: number }> = ({ percent }) => (
  <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="complete" x="0" y="0" width={percent.toFixed(1)} height="10" />
  </svg>
);
