/** The parts of the support centre's screen: the case card, the inquiry at hand, the words to say. No identity in any. */
import type { FC } from 'hono/jsx';
import type { DeskCase, DeskRecheck } from '../desk/desk-store.ts';
import { timeWords } from '../desk/hours-words.ts';
import { TOPICS } from '../desk/inquiry.ts';
import { FINDING_KINDS, type FindingKind } from '../record/glossary.ts';
import { GUIDANCE } from '../record/guidance.ts';
import { INQUIRY_OUTCOMES, type Inquiry } from '../record/inquiry.ts';
import { dateWords, type Instant, monthWords } from '../record/instant.ts';

export const whenWords = (at: Instant): string => `${dateWords(at, 'en')} ${timeWords(at)} JST`;

export const CaseCard: FC<{ found: DeskCase; rechecks: readonly DeskRecheck[] }> = ({ found, rechecks }) => (
  <section class="card" aria-labelledby="case">
    <h2 id="case">The caller’s case</h2>
    <table>
      <tbody>
        {(
          [
            ['State', found.state],
            ['What was found', GUIDANCE[found.kind].en.short],
            ['Provider', `${found.isp.en} (${found.isp.ja})`],
            ['Month', monthWords(found.month, 'en')],
            ['Which box (probably)', [found.vendor, found.model].filter(Boolean).join(' ') || 'unknown'],
            ['Entrance', found.protocol],
          ] as const
        ).map(([name, value]) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <h3>Checks the owner asked for</h3>
    {rechecks.length === 0 ? (
      <p class="soft">None yet. Only the owner can ask, from the line itself, with “Check again” on the code page.</p>
    ) : (
      <ul class="plain">
        {rechecks.map(recheck => (
          <li>
            {whenWords(recheck.askedAt)}: {recheck.result ?? recheck.state}
          </li>
        ))}
      </ul>
    )}
  </section>
);

export const OpenInquiry: FC<{ caseId: string | null; faults: readonly string[]; question: string }> = props => (
  <section class="card" aria-labelledby="open-inquiry">
    <h2 id="open-inquiry">Open an inquiry {props.caseId ? 'about this case' : 'without a case'}</h2>
    {props.faults.length > 0 ? <p role="alert">Look again at: {props.faults.join(', ')}. Nothing was saved.</p> : null}
    <form method="post" action="/inquiries">
      <input type="hidden" name="case" value={props.caseId ?? ''} />
      <p>
        <label for="topic">Topic</label>
        <select id="topic" name="topic">
          {TOPICS.map(topic => (
            <option value={topic}>{topic}</option>
          ))}
        </select>
      </p>
      <p>
        <label for="question">What the caller asks (no names, kept 30 days)</label>
        <textarea id="question" name="question" rows={4} cols={48}>
          {props.question}
        </textarea>
      </p>
      <p>
        <label for="callback">Call back at (erased when closed)</label>
        <input id="callback" name="callback" type="tel" autocomplete="off" />
      </p>
      <button type="submit">Open inquiry</button>
    </form>
  </section>
);

const Choice: FC<{
  inquiry: Inquiry;
  act: 'answer' | 'close';
  label: string;
  button: string;
  options: readonly string[];
  chosen?: string;
}> = props => (
  <form class="filter" method="post" action={`/inquiries/${props.inquiry.id}/${props.act}`}>
    <div>
      <label for={props.act}>{props.label}</label>
      <select id={props.act} name={props.act}>
        {props.options.map(option => (
          <option value={option} selected={option === props.chosen}>
            {option}
          </option>
        ))}
      </select>
    </div>
    <button type="submit" class={props.act === 'answer' ? 'quiet' : undefined}>
      {props.button}
    </button>
  </form>
);

export const InquiryCard: FC<{ inquiry: Inquiry; kind: FindingKind }> = ({ inquiry, kind }) => (
  <section class="card" aria-labelledby="inquiry">
    <h2 id="inquiry">Inquiry {inquiry.id}</h2>
    <p>
      {inquiry.channel}, {whenWords(inquiry.openedAt)}, {inquiry.topic}
      {inquiry.callback ? `, call back at ${inquiry.callback}` : ''}
    </p>
    <blockquote>{inquiry.question || 'The words were erased after 30 days.'}</blockquote>
    <p class="soft">
      {inquiry.answeredFrom ? `Answered from ${inquiry.answeredFrom}.` : 'Not answered yet.'}
      {inquiry.closedAt === null ? '' : ` Closed ${whenWords(inquiry.closedAt)}: ${inquiry.outcome}.`}
    </p>
    {inquiry.closedAt === null ? (
      <>
        <Choice
          inquiry={inquiry}
          act="answer"
          label="Answered from"
          button="Note the answer"
          options={FINDING_KINDS}
          chosen={kind}
        />
        <Choice inquiry={inquiry} act="close" label="Outcome" button="Close the inquiry" options={INQUIRY_OUTCOMES} />
      </>
    ) : null}
  </section>
);

/** What to say, in the owner's language, word for word as it stands on the site and in the letter. */
export const Words: FC<{ kind: FindingKind; here: (kind: FindingKind) => string }> = ({ kind, here }) => (
  <aside class="card" aria-labelledby="words">
    <h2 id="words">Words to say</h2>
    <p>
      {FINDING_KINDS.map((other, i) => (
        <>
          {i > 0 ? ' · ' : ''}
          {other === kind ? <strong>{other}</strong> : <a href={here(other)}>{other}</a>}
        </>
      ))}
    </p>
    {(['ja', 'en'] as const).map(language => {
      const words = GUIDANCE[kind][language];
      return (
        <div lang={language}>
          <h3>{words.title}</h3>
          <p>{words.found}</p>
          <ol>
            {words.steps.map(step => (
              <li>{step}</li>
            ))}
          </ol>
          <p>{words.cannot}</p>
        </div>
      );
    })}
  </aside>
);
