/** Every support line with what it costs, where it works from and its hours, and whether somebody answers now. */
import type { FC } from 'hono/jsx';
import { deskState } from '../desk/hours-words.ts';
import type { PageDeps } from './deps.ts';

const HEADING = { ja: '電話の窓口', en: 'Support by telephone' } as const;

/** What a telephone dials: digits, and a plus in front. */
const dial = (number: string) => number.normalize('NFKC').replace(/(?!^\+)[^\d]/g, '');

export const TelephoneStrip: FC<{ deps: PageDeps }> = ({ deps }) => {
  const { language, issuer } = deps;
  const state = deskState(deps.hours, deps.clocks.calendar(), language);
  return (
    <aside class="telephone" aria-label={HEADING[language]}>
      <div class="column">
        <p class={`desk-state ${state.open ? 'is-open' : 'is-shut'}`}>
          <span class="dot" aria-hidden="true"></span>
          {state.words}
        </p>
        <ul class="lines">
          {issuer.supportLines.map(line => (
            <li>
              <span class="name">{line.name}</span>
              <a href={`tel:${dial(line.number)}`}>{line.number}</a>{' '}
              <span class="facts">
                <span>{line.cost[language]}</span>
                <span>{line.reach[language]}</span>
                <span>{line.hours[language]}</span>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </aside>
  );
};
