/** A filter whose whole state is in the address bar, so that a view can be sent to a colleague. */
import type { FC } from 'hono/jsx';

export interface Choice {
  readonly name: string;
  /** Where the parameter's name does not serve. */
  readonly label?: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly now: string | undefined;
}

export interface FilterProps {
  readonly search?: { readonly label: string; readonly now: string };
  readonly choices: readonly Choice[];
}

export const Filter: FC<FilterProps> = ({ search, choices }) => (
  <form class="filter" method="get">
    {search ? (
      <div>
        <label for="q">{search.label}</label>
        <input id="q" name="q" type="search" maxlength={64} value={search.now} autocomplete="off" />
      </div>
    ) : null}
    {choices.map(({ name, label, options, now }) => (
      <div>
        <label for={name}>{label ?? name}</label>
        <select id={name} name={name}>
          <option value="">all</option>
          {options.map(([value, words]) => (
            <option value={value} selected={value === now}>
              {words}
            </option>
          ))}
        </select>
      </div>
    ))}
    <button type="submit">Show</button>
    {search?.now || choices.some(choice => choice.now) ? <a href="?">Clear</a> : null}
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
