/** What a code says: genuine and where it stands, withdrawn, or not found. Never an address, never a name. */
import type { FC } from 'hono/jsx';
import { printAlertCode } from '../record/alert-code.ts';
import { GUIDANCE } from '../record/guidance.ts';
import { monthWords } from '../record/instant.ts';
import { CodeForm } from './code-form.tsx';
import { CODE_PAGE, NOT_FOUND_CODE, STATES, WAYS } from './code-words.ts';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';
import { State } from './state-mark.tsx';
import type { CodeRecord } from './store.ts';

/** The page of the steps for this case, with the model so that the update page can be named. */
export function stepsPath(found: Pick<CodeRecord, 'kind' | 'vendor' | 'model'>): string {
  if (found.kind !== 'firmware' || !found.vendor || !found.model) return `/fix/${found.kind}`;
  return `/fix/${found.kind}?${new URLSearchParams({ maker: found.vendor, model: found.model })}`;
}

const Facts: FC<{ found: CodeRecord; deps: PageDeps }> = ({ found, deps: { language } }) => {
  const words = CODE_PAGE[language];
  const model = [found.vendor, found.model].filter(Boolean).join(' ');
  const facts = [
    [words.isp, found.isp[language]],
    [words.month, monthWords(found.month, language)],
    [words.kind, GUIDANCE[found.kind][language].short],
    [words.model, model || words.noModel],
    ...(found.kind === 'infected' ? [] : [[words.way, WAYS[found.protocol][language]] as const]),
  ] as const;
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
};

const Steps: FC<{ found: CodeRecord; code: string; deps: PageDeps }> = ({ found, code, deps: { language } }) => {
  const words = CODE_PAGE[language];
  return (
    <>
      <h2>{words.steps}</h2>
      <ol class="steps">
        <li>
          <div>
            <p>
              <a href={pathIn(language, stepsPath(found))}>{words.read}</a>
            </p>
            <p class="soft">{words.readMore}</p>
          </div>
        </li>
        <li>
          <div>
            <p>{words.do}</p>
            <p class="soft">{words.doMore}</p>
          </div>
        </li>
        <li>
          <div>
            <p>{words.check}</p>
            {found.kind === 'infected' ? (
              <p class="soft">{words.noCheck}</p>
            ) : (
              <>
                <p class="soft">{words.checkMore}</p>
                <form method="post" action={pathIn(language, `/c/${code}/recheck`)}>
                  <button type="submit">{words.button}</button>
                </form>
              </>
            )}
          </div>
        </li>
      </ol>
      <div class="next">
        <h2>{words.after}</h2>
        <ul>
          {words.afterWords.map(text => (
            <li>{text}</li>
          ))}
        </ul>
      </div>
    </>
  );
};

export const CodePage: FC<{ deps: PageDeps; code: string; found: CodeRecord }> = ({ deps, code, found }) => {
  const { language } = deps;
  const words = CODE_PAGE[language];
  const state = STATES[found.state];
  const withdrawn = found.state === 'withdrawn';
  const title = withdrawn ? state.word[language] : words.genuine;
  return (
    <Frame deps={deps} title={title} path={`/c/${code}`} secret>
      <h1>{title}</h1>
      <p class="mono code">{printAlertCode(code)}</p>
      {withdrawn ? null : <p class="lead">{words.lead}</p>}
      <h2>{words.state}</h2>
      <State look={state.look} word={state.word[language]}>
        <p>{state.more[language]}</p>
      </State>
      <h2>{words.compare}</h2>
      <Facts found={found} deps={deps} />
      {withdrawn ? null : <p>{words.differs}</p>}
      {found.state === 'open' || found.state === 'not-seen' ? <Steps found={found} code={code} deps={deps} /> : null}
      <p class="soft">{words.never}</p>
    </Frame>
  );
};

export const UnknownCodePage: FC<{ deps: PageDeps; code: string }> = ({ deps, code }) => {
  const { language } = deps;
  const words = NOT_FOUND_CODE[language];
  return (
    <Frame deps={deps} title={words.title} path={`/c/${code}`} secret>
      <h1>{words.title}</h1>
      <p class="mono code">{printAlertCode(code)}</p>
      <State look="unknown" word={words.word}>
        <p>{words.more}</p>
      </State>
      <h2>{words.why}</h2>
      <ul>
        {words.reasons.map(reason => (
          <li>{reason}</li>
        ))}
      </ul>
      <CodeForm language={language} typed={printAlertCode(code)} />
      <p>
        <a href={pathIn(language, '/contact?topic=is-it-real')}>{words.report}</a>
      </p>
    </Frame>
  );
};
