/** The rows of a list where the window is too narrow for columns: a card for each, its cells below one another. */

import { Pagination, Select } from "antd";
import { useId, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { SIZES, type ListState } from "./list-state";
import type { Column } from "./list-table";
import "./list-cards.css";

const NARROW = matchMedia("(max-width: 720px)");
/** Where two columns of a form are below one another. */
export const HALF = matchMedia("(max-width: 1000px)");

export function useNarrow(window = NARROW): boolean {
  return useSyncExternalStore((listener) => {
    window.addEventListener("change", listener);
    return () => window.removeEventListener("change", listener);
  }, () => window.matches);
}

export function Cards<T>({ rows, columns, rowKey, label, chosen, onChoose }: {
  rows: readonly T[]; columns: Column<T>[]; rowKey: (row: T, at: number) => string; label: string;
  chosen?: string[] | undefined; onChoose?: ((keys: string[]) => void) | undefined;
}) {
  const { t } = useTranslation();
  const id = useId();
  const [first, ...others] = columns.filter((column) => column.key !== "more" && !column.wide);
  const more = columns.find((column) => column.key === "more");
  const choose = (key: string, on: boolean) => onChoose?.(on ? [...(chosen ?? []), key] : (chosen ?? []).filter((one) => one !== key));
  if (rows.length === 0) return <p className="list-none quiet">{t("kit.nothingFound")}</p>;
  return (
    <ul className="list-cards" aria-label={label}>
      {rows.map((row, at) => {
        const key = rowKey(row, at);
        return (
          <li key={key}>
            <div className="list-card-head">
              {onChoose && <input type="checkbox" aria-labelledby={`${id}-${key}`} checked={chosen?.includes(key) ?? false} onChange={(event) => choose(key, event.target.checked)} />}
              <div className="list-card-name" id={`${id}-${key}`}>{first?.render(row)}</div>
              {more?.render(row)}
            </div>
            <dl>
              {others.map((column) => <div key={column.key}><dt>{column.title}</dt><dd>{column.render(row)}</dd></div>)}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}

/** What the heads of columns do elsewhere. */
export function Order<T>({ columns, state, change }: { columns: Column<T>[]; state: ListState; change: (wanted: Partial<ListState>) => void }) {
  const { t } = useTranslation();
  const options = columns.filter((column) => column.sort && typeof column.title === "string").flatMap((column) =>
    [false, true].map((descending) => ({ value: `${column.key} ${descending}`, label: `${String(column.title)} ${descending ? "↓" : "↑"}` })));
  if (options.length === 0) return null;
  return (
    <Select
      aria-label={t("kit.order")} value={state.sort ? `${state.sort} ${state.descending}` : null} placeholder={t("kit.order")} popupMatchSelectWidth={false} options={options}
      onChange={(told: string) => {
        const [sort = "", descending] = told.split(" ");
        change({ sort, descending: descending === "true" });
      }}
    />
  );
}

export function Pages({ state, total, change }: { state: ListState; total: number; change: (wanted: Partial<ListState>) => void }) {
  if (total <= (SIZES[0] ?? 20)) return null;
  return <Pagination simple align="center" current={state.page} pageSize={state.size} total={total} showSizeChanger={false} onChange={(page) => change({ page })} />;
}
