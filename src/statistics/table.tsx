/** A month's figures as tables: the form of 2019 to 2024, the dashboard since 2024, and the funnel neither has. */
import type { FC } from 'hono/jsx';
import type { Cell, MonthFigures } from '../record/statistics.ts';
import { DEFINITIONS, type FigureName, SUPPRESSED } from './definitions.ts';
import { reasonWords } from './refusal-words.ts';
import { OTHERS } from './suppress.ts';

type Language = 'ja' | 'en';

export const cellWords = (value: Cell, language: Language): string =>
  value === null ? SUPPRESSED[language] : value.toLocaleString('en');

const HEADINGS = {
  ja: {
    dashboard: '検出した機器',
    first: '2019年からの形式',
    funnel: '検出から改善まで',
    figure: '項目',
    value: '数',
    unit: '単位',
    what: '数え方',
    models: '機種の内訳（推測されるID・パスワード）',
    model: '機種',
    otherModels: 'その他の機種',
    refused: '特定できなかった理由',
    reason: '理由',
    cases: '件数',
  },
  en: {
    dashboard: 'What was found',
    first: 'In the form used since 2019',
    funnel: 'From detection to repair',
    figure: 'Figure',
    value: 'Number',
    unit: 'Unit',
    what: 'How it is counted',
    models: 'Models with a guessable password',
    model: 'Model',
    otherModels: 'other models',
    refused: 'Why a line was not identified',
    reason: 'Reason',
    cases: 'Cases',
  },
} as const;

const FigureRows: FC<{ rows: readonly (readonly [FigureName, Cell])[]; caption: string; language: Language }> = ({
  rows,
  caption,
  language,
}) => (
  <section class="scroll" tabindex={0} aria-label={caption}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{HEADINGS[language].figure}</th>
          <th scope="col" class="n">
            {HEADINGS[language].value}
          </th>
          <th scope="col">{HEADINGS[language].unit}</th>
          <th scope="col">{HEADINGS[language].what}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value]) => (
          <tr>
            <th scope="row">{DEFINITIONS[name][language].label}</th>
            <td class="n">{cellWords(value, language)}</td>
            <td>{DEFINITIONS[name][language].unit}</td>
            <td>{DEFINITIONS[name][language].what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const Parts: FC<{
  caption: string;
  head: readonly [string, string];
  rows: readonly (readonly [string, Cell])[];
  language: Language;
}> = props =>
  props.rows.length === 0 ? null : (
    <section class="scroll" tabindex={0} aria-label={props.caption}>
      <table>
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{props.head[0]}</th>
            <th scope="col" class="n">
              {props.head[1]}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map(([label, value]) => (
            <tr>
              <th scope="row">{label}</th>
              <td class="n">{cellWords(value, props.language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );

export const MonthTables: FC<{ figures: MonthFigures; language: Language }> = ({ figures: f, language }) => {
  const h = HEADINGS[language];
  return (
    <>
      <FigureRows
        language={language}
        caption={h.dashboard}
        rows={[
          ['guessable', f.detected.guessable],
          ['no-login', f.detected['no-login']],
          ['firmware', f.detected.firmware],
        ]}
      />
      <FigureRows
        language={language}
        caption={h.first}
        rows={[
          ['isps', f.isps],
          ['addresses', f.addresses],
          ['prompts', f.prompts],
          ['handedOver', f.handedOver],
        ]}
      />
      <FigureRows
        language={language}
        caption={h.funnel}
        rows={[
          ['handedOver', f.handedOver],
          ['identified', f.identified],
          ['alertedMail', f.alertedMail],
          ['alertedLetter', f.alertedLetter],
          ['rechecked', f.rechecked],
          ['fixed', f.fixed],
          ['notSeen', f.notSeen],
          ['stillOpen', f.stillOpen],
          ['returned', f.returned],
        ]}
      />
      <Parts
        language={language}
        caption={h.refused}
        head={[h.reason, h.cases]}
        rows={f.refused.map(r => [reasonWords(r.reason, language), r.cases])}
      />
      <Parts
        language={language}
        caption={h.models}
        head={[h.model, h.cases]}
        rows={f.models.map(m => [m.label === OTHERS ? h.otherModels : m.label, m.cases])}
      />
    </>
  );
};
