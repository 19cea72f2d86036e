/** The code box: three groups as printed, one field for the server, which forgives how people type. */

import type { FC } from 'hono/jsx';
import type { CodeReading } from '../record/alert-code.ts';
import { type Language, pathIn } from './language.ts';

export type CodeFault = Extract<CodeReading, { ok: false }>['why'];

export const CODE_WORDS = {
  ja: {
    legend: 'お知らせ番号',
    hint: '手紙やメールにある13けたの番号です。',
    example: '例：1234-5678-90123',
    part: (n: number) => `お知らせ番号の${n}番目の組`,
    button: '番号を確かめる',
    faults: {
      length: '番号は全部で13けたです。抜けや余分がないか、もう一度ご覧ください。',
      digit: '番号は数字だけです。ほかの文字が入っていないか、ご覧ください。',
      check: 'どこか1か所が違うか、隣どうしが入れ替わっているようです。一組ずつ見比べてください。',
    },
  },
  en: {
    legend: 'Your code',
    hint: 'The 13 digits in the letter or e-mail,',
    example: 'for example 1234-5678-90123',
    part: (n: number) => `Code, group ${n} of 3`,
    button: 'Look up the code',
    faults: {
      length: 'A code has 13 digits in all. Please check whether some are missing or too many.',
      digit: 'A code has digits only. Please check whether another character slipped in.',
      check: 'One digit seems to be different, or two neighbours are swapped. Compare it group by group.',
    },
  },
} as const;

/** What was typed, as three groups again: split where it was split, or 4-4-5 when it came in one piece. */
export function groupsOf(typed: string): readonly [string, string, string] {
  const parts = typed.split('-');
  if (parts.length === 3) return parts as [string, string, string];
  return [typed.slice(0, 4), typed.slice(4, 8), typed.slice(8)];
}

export const CodeForm: FC<{ language: Language; typed?: string; fault?: CodeFault; main?: boolean }> = props => {
  const { language, typed = '', fault } = props;
  const words = CODE_WORDS[language];
  const groups = groupsOf(typed);
  return (
    <form class={`codebox${fault ? ' in-error' : ''}`} method="post" action={pathIn(language, '/code')}>
      <fieldset aria-describedby={fault ? 'code-hint code-fault' : 'code-hint'}>
        <legend>{words.legend}</legend>
        <p class="hint" id="code-hint">
          {words.hint} <span class="nowrap">{words.example}</span>
        </p>
        {fault ? (
          <p class="fault" id="code-fault" role="alert">
            {words.faults[fault]}
          </p>
        ) : null}
        <div class="groups" data-groups="">
          {groups.map((value, i) => (
            <>
              {i > 0 ? <span aria-hidden="true">-</span> : null}
              <input
                class={i === 2 ? 'five' : 'four'}
                type="text"
                inputmode="numeric"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                name={`code${i + 1}`}
                id={`code${i + 1}`}
                value={value}
                aria-label={words.part(i + 1)}
                aria-invalid={fault ? 'true' : undefined}
                autofocus={fault !== undefined && i === 0}
              />
            </>
          ))}
        </div>
      </fieldset>
      <button type="submit" class={props.main === false ? 'quiet' : undefined}>
        {words.button}
      </button>
    </form>
  );
};
