/** The round live, the rounds before it, and what the mandate allows. In: progress in counts; no address is in it. */
import type { FC } from 'hono/jsx';
import type { Instant } from '../record/instant.ts';
import { REPORTED } from '../record/observation.ts';
import type { RoundProgress } from '../record/progress.ts';
import { Empty, Figure } from './layout.tsx';
import { Table } from './table.tsx';
import { n, REPORTED_WORDS, whenIn } from './words.ts';

/** The figures that move, by the id of the place they stand in. */
export function liveFigures(p: RoundProgress | undefined): Record<string, string | number> {
  if (!p) return {};
  const left =
    p.secondsLeft === null ? '–' : `${Math.floor(p.secondsLeft / 60)}:${String(p.secondsLeft % 60).padStart(2, '0')}`;
  return {
    stage: p.stage,
    done: n(p.done),
    total: `of ${n(p.total)} ${p.stage === 'sweep' ? 'address and port pairs' : 'services'}`,
    bar: p.total > 0 ? p.done / p.total : 0,
    rate: n(Math.round(p.perSecond)),
    answered: n(p.answered),
    refused: n(p.refused),
    checked: n(p.checked),
    left,
    ...Object.fromEntries(Object.entries(p.reported).map(([name, count]) => [`reported-${name}`, n(count)])),
  };
}

export interface RoundRow {
  readonly id: string;
  readonly month: string;
  readonly state: string;
  readonly started_at: Instant;
  readonly finished_at: Instant | null;
}

const Live: FC<{ progress: RoundProgress }> = ({ progress: p }) => {
  const live = liveFigures(p);
  const word = (id: string) => String(live[id] ?? '–');
  return (
    <section data-events="/round/events" aria-label="The round in progress">
      <p>
        Round <b>{p.month}</b>, stage <b id="stage">{word('stage')}</b>
      </p>
      <progress class="bar" id="bar" max="1" value={String(live.bar ?? 0)} aria-label="Part done"></progress>
      <dl class="figures">
        <Figure label="Done" id="done" value={word('done')}>
          <span id="total">{word('total')}</span>
        </Figure>
        <Figure label="Rate" id="rate" value={word('rate')} note="a second" />
        <Figure label="Time left" id="left" value={word('left')} note="minutes:seconds" />
        <Figure label="Answered" id="answered" value={word('answered')} note="services" />
        <Figure label="Not sent" id="refused" value={word('refused')} note="excluded or refused" />
        <Figure label="Checked" id="checked" value={word('checked')} note="services" />
      </dl>
      <h2>What the checks report</h2>
      <dl class="figures">
        {REPORTED.map(name => (
          <Figure label={REPORTED_WORDS[name]} id={`reported-${name}`} value={word(`reported-${name}`)} />
        ))}
      </dl>
    </section>
  );
};

export const RoundPage: FC<{
  progress: RoundProgress | undefined;
  mandateWords: readonly string[];
  rounds: readonly RoundRow[];
}> = ({ progress, mandateWords, rounds }) => (
  <>
    {progress ? (
      <Live progress={progress} />
    ) : (
      // The page loads itself again when the first figures arrive.
      <div data-events="/round/events" data-waits="">
        <Empty why="No round is running." next="Start one with: notice round run --mandate FILE --state DIR" />
      </div>
    )}
    <h2>Rounds</h2>
    <Table
      caption="Newest first; times in JST"
      columns={[{ name: 'month' }, { name: 'state' }, { name: 'started' }, { name: 'finished' }]}
      rows={rounds.map(r => [r.month, r.state, whenIn(r.started_at), whenIn(r.finished_at)])}
      empty={{ why: 'No round yet.', next: 'The first one appears here when it starts.' }}
    />
    <h2>What the mandate allows</h2>
    {mandateWords.length === 0 ? (
      <Empty why="No mandate is loaded." next="Check one with: notice mandate check FILE" />
    ) : (
      <ul class="plain">
        {mandateWords.map(words => (
          <li>{words}</li>
        ))}
      </ul>
    )}
  </>
);
