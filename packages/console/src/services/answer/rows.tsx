/** Objects that are alike, as a table; in a narrow window as cards. */

import { useTranslation } from "react-i18next";

import { Cards, useNarrow } from "../../kit/list-cards";
import { count } from "../../kit/size";
import type { Rows } from "./parts";

const MOST = 200;

interface Row {
  row: Rows["rows"][number];
  number: number;
}

/** What names a card: none of the columns has to. */
const NUMBER = { key: "", title: "", render: ({ number }: Row) => <span className="quiet">{number}</span> };

export function Table({ table: { name, columns, rows }, label }: { table: Rows; label: string }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const numeric = new Set(columns.filter((one) => rows.every((row) => row[one] === undefined || typeof row[one] === "number")));
  const shares = new Set([...numeric].filter((one) => rows.some((row) => !Number.isInteger(row[one])) && rows.every((row) => Number(row[one] ?? 0) >= 0 && Number(row[one] ?? 0) <= 1)));
  const shown = rows.slice(0, MOST).map((row, at) => ({ row, number: at + 1 }));
  return (
    <div>
      {name && <p className="quiet small">{name}</p>}
      <div className="scrolls answer-rows" tabIndex={0} role="group" aria-label={label}>
        {narrow ? <Cards rows={shown} columns={[NUMBER, ...columns.map((one) => ({ key: one, title: one, render: ({ row }: Row) => told(row[one]) }))]} rowKey={({ number }) => String(number)} label={label} /> : (
          <table className="plain">
            <thead><tr>{columns.map((one) => <th key={one} className={numeric.has(one) ? "number" : undefined}>{one}</th>)}</tr></thead>
            <tbody>
              {shown.map(({ row, number }) => (
                <tr key={number}>{columns.map((one) => (
                  <td key={one} className={numeric.has(one) ? "number" : undefined}>
                    {shares.has(one) && <span className="cell-bar" aria-hidden><i style={{ width: `${100 * Number(row[one] ?? 0)}%` }} /></span>}{told(row[one])}
                  </td>
                ))}</tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {rows.length > MOST && <p className="quiet small">{t("predict.moreRows", { count: rows.length - MOST, told: count(rows.length - MOST) })}</p>}
    </div>
  );
}

function told(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}
