/** A server-rendered table: numbers right-aligned, a caption that says what it is, an empty state that says what to do. */
import type { Child, FC } from 'hono/jsx';
import { Empty } from './layout.tsx';

export interface Column {
  readonly name: string;
  readonly numeric?: boolean;
  /** Sentences and names of any length, which may wrap; everything else stays on one line. */
  readonly long?: boolean;
}

export interface TableProps {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  /** The row that is open beside the table. */
  readonly open?: number;
  readonly empty: { readonly why: string; readonly next: string };
}

const classOf = (column: Column | undefined) => (column?.numeric ? 'n' : column?.long ? 'w' : 'k');

export const Table: FC<TableProps> = ({ caption, columns, rows, open, empty }) =>
  rows.length === 0 ? (
    <Empty why={empty.why} next={empty.next} />
  ) : (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table>
        <caption>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th scope="col" class={column.numeric ? 'n' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, which) => (
            <tr class={which === open ? 'here' : undefined}>
              {row.map((value, at) => (
                <td class={classOf(columns[at])}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
