/** The contact form: with or without a code, and a number to ring only if the visitor wants that. */
import type { Child, FC } from 'hono/jsx';
import { TOPICS } from '../desk/inquiry.ts';
import { CONTACT, CONTACT_FAULTS, type ContactFault, TOPIC_WORDS } from './contact-words.ts';
import type { PageDeps } from './deps.ts';
import { Frame } from './frame.tsx';
import { pathIn } from './language.ts';

export interface ContactTyped {
  readonly code: string;
  readonly topic: string;
  readonly question: string;
  readonly callback: string;
}

type FieldName = keyof ContactTyped;

const Field: FC<{
  deps: PageDeps;
  name: FieldName;
  label: string;
  hint?: string;
  faults: readonly ContactFault[];
  short?: boolean;
  children?: Child;
}> = props => {
  const faults = props.faults.filter(fault => CONTACT_FAULTS[fault].field === props.name);
  return (
    <div class={`field${props.short ? ' short' : ''}${faults.length ? ' in-error' : ''}`}>
      <label class="label" for={props.name}>
        {props.label}
      </label>
      {props.hint ? (
        <p class="hint" id={`${props.name}-hint`}>
          {props.hint}
        </p>
      ) : null}
      {faults.map(fault => (
        <p class="fault" id={`${props.name}-fault`}>
          {CONTACT_FAULTS[fault].words[props.deps.language]}
        </p>
      ))}
      {props.children}
    </div>
  );
};

export const ContactPage: FC<{ deps: PageDeps; typed: ContactTyped; faults: readonly ContactFault[] }> = ({
  deps,
  typed,
  faults,
}) => {
  const { language } = deps;
  const words = CONTACT[language];
  const wrong = (name: FieldName) => faults.some(fault => CONTACT_FAULTS[fault].field === name);
  const told = (name: FieldName, hint: boolean) => ({
    id: name,
    name,
    'aria-describedby': [hint ? `${name}-hint` : '', wrong(name) ? `${name}-fault` : ''].join(' ').trim() || undefined,
    'aria-invalid': wrong(name) ? ('true' as const) : undefined,
  });
  return (
    <Frame deps={deps} title={words.title} path="/contact">
      <h1>{words.title}</h1>
      <p>{words.lead}</p>
      {faults.length ? (
        <div class="summary" role="alert" tabindex={-1}>
          <h2>{words.summary}</h2>
          <ul>
            {faults.map(fault => (
              <li>
                <a href={`#${CONTACT_FAULTS[fault].field}`}>{CONTACT_FAULTS[fault].words[language]}</a>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <form method="post" action={pathIn(language, '/contact')}>
        <Field deps={deps} name="topic" label={words.topic} faults={faults} short>
          <select {...told('topic', false)}>
            <option value="">{words.choose}</option>
            {TOPICS.map(topic => (
              <option value={topic} selected={topic === typed.topic}>
                {TOPIC_WORDS[topic][language]}
              </option>
            ))}
          </select>
        </Field>
        <Field deps={deps} name="question" label={words.question} hint={words.questionHint} faults={faults}>
          <textarea {...told('question', true)} autocomplete="off">
            {typed.question}
          </textarea>
        </Field>
        <Field deps={deps} name="code" label={words.code} hint={words.codeHint} faults={faults} short>
          <input {...told('code', true)} type="text" inputmode="numeric" autocomplete="off" value={typed.code} />
        </Field>
        <Field deps={deps} name="callback" label={words.callback} hint={words.callbackHint} faults={faults} short>
          <input {...told('callback', true)} type="tel" autocomplete="tel" value={typed.callback} />
        </Field>
        <button type="submit">{words.button}</button>
      </form>
    </Frame>
  );
};

export const ContactSentPage: FC<{ deps: PageDeps; reference: string }> = ({ deps, reference }) => {
  const words = CONTACT[deps.language];
  return (
    <Frame deps={deps} title={words.sent} path={`/contact/sent/${reference}`} secret>
      <h1>{words.sent}</h1>
      <dl class="facts">
        <dt>{words.reference}</dt>
        <dd class="mono">{reference}</dd>
      </dl>
      <p>{words.sentWords}</p>
      <p>{words.sentNoCall}</p>
    </Frame>
  );
};
