/** A table of what is all there, without pages or order; in a narrow window each row is a card. The first column names the row. */

import { Cards, useNarrow } from "./list-cards";
import type { Column } from "./list-table";

export type PlainColumn<T> = Pick<Column<T>, "key" | "title" | "render" | "align">;

export function PlainTable<T>({ rows, columns, rowKey, label }: { rows: readonly T[]; columns: PlainColumn<T>[]; rowKey: (row: T) => string; label: string }) {
  const narrow = useNarrow();
  const [first, ...others] = columns;
  if (narrow || !first) return <Cards rows={rows} columns={columns} rowKey={rowKey} label={label} />;
  const kind = (column: PlainColumn<T>) => (column.align === "right" ? "number" : undefined);
  return (
    <div className="scrolls wide" tabIndex={0} role="region" aria-label={label}>
      <table className="plain">
        <thead><tr>{columns.map((column) => <th key={column.key} scope="col" className={kind(column)}>{column.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              <th scope="row">{first.render(row)}</th>
              {others.map((column) => <td key={column.key} className={kind(column)}>{column.render(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
