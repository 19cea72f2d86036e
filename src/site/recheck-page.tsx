/** How a re-check stands: by reload without script, live with it. */
import type { FC } from 'hono/jsx';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';
import { RECHECK_PAGE, RESULTS } from './recheck-words.ts';
import { State } from './state-mark.tsx';
import type { RecheckRecord } from './store.ts';

/** Seconds after which a browser without script looks again. */
const AGAIN = 5;

/** Refused without a result is a request that may not be carried out now. */
export const resultOf = (recheck: RecheckRecord) =>
  recheck.state === 'asked' || recheck.state === 'running' ? undefined : RESULTS[recheck.result ?? 'not-allowed'];

export const RecheckPage: FC<{ deps: PageDeps; recheck: RecheckRecord }> = ({ deps, recheck }) => {
  const { language } = deps;
  const words = RECHECK_PAGE[language];
  const result = resultOf(recheck);
  const path = `/recheck/${recheck.id}`;
  if (!result)
    return (
      <Frame deps={deps} title={words.waiting} path={path} secret again={AGAIN}>
        <h1>{words.title}</h1>
        <div data-events={`/recheck/${recheck.id}/events`}>
          <State look="waiting" word={words.waiting}>
            <p>{words.waitingMore}</p>
          </State>
        </div>
        <p>
          <a class="button quiet" href={pathIn(language, path)}>
            {words.reload}
          </a>
        </p>
      </Frame>
    );
  return (
    <Frame deps={deps} title={result.word[language]} path={path} secret>
      <h1>{words.title}</h1>
      {/* For whoever reads the page by program: an accessibility aid, a test, the owner's own script. */}
      <div data-result={recheck.result ?? 'not-allowed'}></div>
      <State look={result.look} word={result.word[language]}>
        <p>{result.more[language]}</p>
      </State>
      <div class="next">
        <h2>{words.next}</h2>
        <p>{result.next[language]}</p>
      </div>
      {result.steps && recheck.kind ? (
        <p>
          <a href={pathIn(language, `/fix/${recheck.kind}`)}>{words.steps}</a>
        </p>
      ) : null}
      <p>
        <a href={pathIn(language, '/code')}>{words.enter}</a>
      </p>
    </Frame>
  );
};

export const NoRecheckPage: FC<{ deps: PageDeps; id: string }> = ({ deps, id }) => {
  const words = RECHECK_PAGE[deps.language];
  return (
    <Frame deps={deps} title={words.missing} path={`/recheck/${encodeURIComponent(id)}`} secret>
      <h1>{words.missing}</h1>
      <p>{words.missingMore}</p>
      <p>
        <a class="button" href={pathIn(deps.language, '/code')}>
          {words.enter}
        </a>
      </p>
    </Frame>
  );
};
