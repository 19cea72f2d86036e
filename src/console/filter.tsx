/** A filter whose whole state is in the address bar, so that a view can be sent to a colleague. */
import type { FC } from 'hono/jsx';

export interface Choice {
  readonly name: string;
  /** Where the parameter's name does not serve. */
  readonly label?: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly now: string | undefined;
  /** There is no "all". */
  readonly always?: boolean;
}

export interface FilterProps {
  readonly search?: { readonly label: string; readonly now: string };
  readonly choices: readonly Choice[];
  /** Parameters of the view that the form leaves as they are. */
  readonly keep?: Readonly<Record<string, string>>;
  readonly language?: 'ja' | 'en';
}

const WORDS = { en: { all: 'all', show: 'Show', clear: 'Clear' }, ja: { all: 'すべて', show: '表示', clear: '解除' } };

export const Filter: FC<FilterProps> = ({ search, choices, keep = {}, language = 'en' }) => (
  <form class="filter" method="get">
    {Object.entries(keep).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    {search ? (
      <div>
        <label for="q">{search.label}</label>
        <input id="q" name="q" type="search" maxlength={64} value={search.now} autocomplete="off" />
      </div>
    ) : null}
    {choices.map(({ name, label, options, now, always }) => (
      <div>
        <label for={name}>{label ?? name}</label>
        <select id={name} name={name}>
          {always ? null : <option value="">{WORDS[language].all}</option>}
          {options.map(([value, words]) => (
            <option value={value} selected={value === now}>
              {words}
            </option>
          ))}
        </select>
      </div>
    ))}
    <button type="submit">{WORDS[language].show}</button>
    {search?.now || choices.some(choice => choice.now && !choice.always) ? (
      <a href="?">{WORDS[language].clear}</a>
    ) : null}
  </form>
);

/** What was typed, as a pattern for `ilike`: its own wildcards mean themselves. */
export const likePattern = (typed: string): string => `%${typed.replace(/[\\%_]/g, '\\$&')}%`;

/** The typed search, short and without control characters; empty when there is none. */
export const searchOf = (typed: string | undefined): string =>
  (typed ?? '')
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .trim()
    .slice(0, 64);

/** An address of the same view with some of its parameters changed; an empty value leaves one out. */
export function viewAt(path: string, parts: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value) query.set(name, value);
  return query.size > 0 ? `${path}?${query}` : path;
}
