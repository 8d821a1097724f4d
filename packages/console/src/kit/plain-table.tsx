/** A table of what is all there, without pages or order; in a narrow window each row is a card. The first column names the row. */

import { Cards, useNarrow } from "./list-cards";
import type { Column } from "./list-table";

export type PlainColumn<T> = Pick<Column<T>, "key" | "title" | "render" | "align">;

export function PlainTable<T>({ rows, columns, rowKey, label, kind = "" }: {
  rows: readonly T[]; columns: PlainColumn<T>[]; rowKey: (row: T, at: number) => string; label: string;
  /** A class of the table: tables of one kind look alike. */
  kind?: string;
}) {
  const narrow = useNarrow();
  const [first, ...others] = columns;
  if (narrow || !first) return <Cards rows={rows} columns={columns} rowKey={rowKey} label={label} />;
  const side = (column: PlainColumn<T>) => (column.align === "right" ? "number" : undefined);
  return (
    <div className="scrolls wide" tabIndex={0} role="region" aria-label={label}>
      <table className={`plain ${kind}`}>
        <thead><tr>{columns.map((column) => <th key={column.key} scope="col" className={side(column)}>{column.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={rowKey(row, at)}>
              <th scope="row">{first.render(row)}</th>
              {others.map((column) => <td key={column.key} className={side(column)}>{column.render(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
