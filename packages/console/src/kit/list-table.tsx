/** A list: pages, order and search by the server and in the address; it follows what happens without jumping. In a
 * narrow window each row is a card. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Input, Table, type TableColumnsType } from "antd";
import { useEffect, useRef, useState, type Key, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Failure, Loading } from "./faces";
import { SearchOutlined } from "./icons";
import { Cards, Order, Pages, useNarrow } from "./list-cards";
import { SIZES, useListState, type ListState, type Part } from "./list-state";
import { count } from "./size";

export interface Column<T> {
  /** `more` for what one may do with a row: it stays in sight where the list is wider than the window. */
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  /** Whether `load` can order by this key. */
  sort?: boolean;
  width?: number;
  align?: "right";
  /** Left out where the window is narrower than a small laptop, or than a large screen; there is a card for each row where it is narrower still. */
  wide?: boolean | "very";
}

export function ListTable<T extends object>({
  name, columns, load, rowKey, empty, search = true, live = 5000, first, tools, chosen, onChoose, nameOf, label,
}: {
  /** The key of the query; `useQueryClient().invalidateQueries({ queryKey: name })` loads it again. */
  name: readonly unknown[];
  columns: Column<T>[];
  load: (state: ListState, signal: AbortSignal) => Promise<Part<T>>;
  rowKey: (row: T) => string;
  label: string;
  empty: ReactNode;
  search?: boolean;
  /** Milliseconds between two looks; 0 for a list that changes by us alone. */
  live?: number;
  first?: Partial<ListState>;
  tools?: ReactNode;
  chosen?: string[];
  onChoose?: (keys: string[]) => void;
  /** As the box that chooses it is read out. */
  nameOf?: (row: T) => string;
}) {
  const [state, change] = useListState(first);
  const narrow = useNarrow();
  const found = useQuery({
    queryKey: [...name, state],
    queryFn: ({ signal }) => load(state, signal),
    placeholderData: keepPreviousData,
    refetchInterval: live || false,
  });
  const last = found.data && !found.isPlaceholderData ? Math.max(1, Math.ceil(found.data.total / state.size)) : Infinity;
  useEffect(() => {
    // The only row of the last page was deleted, or the address is an old one.
    if (state.page > last) change({ page: last });
  });
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.total === 0 && !state.text && !found.isPlaceholderData) return <>{empty}</>;
  return (
    <>
      {(search || tools) && (
        <div className="list-tools">
          {search && <Search text={state.text} onSearch={(text) => change({ text })} label={label} />}
          <span className="spring" />
          {narrow && <Order columns={columns} state={state} change={change} />}
          {tools}
        </div>
      )}
      {narrow ? (
        <>
          <Cards rows={found.data.rows} columns={columns} rowKey={rowKey} label={label} chosen={chosen} onChoose={onChoose} />
          <Pages state={state} total={found.data.total} change={change} />
        </>
      ) : <Wide rows={found.data.rows} total={found.data.total} state={state} change={change} {...{ columns, rowKey, label, chosen, onChoose, nameOf }} />}
    </>
  );
}

function Wide<T extends object>({ rows, total, state, change, columns, rowKey, label, chosen, onChoose, nameOf }: {
  rows: T[]; total: number; state: ListState; change: (wanted: Partial<ListState>) => void; columns: Column<T>[]; rowKey: (row: T) => string; label: string;
  chosen: string[] | undefined; onChoose: ((keys: string[]) => void) | undefined; nameOf: ((row: T) => string) | undefined;
}) {
  const { t } = useTranslation();
  return (
    <Table<T>
      aria-label={label}
      rowKey={rowKey}
      dataSource={rows}
      columns={columns.map((column) => columnOf(column, state))}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: t("kit.nothingFound") }}
      {...(onChoose && {
        rowSelection: {
          selectedRowKeys: chosen ?? [], onChange: (keys: Key[]) => onChoose(keys.map(String)), getTitleCheckboxProps: () => ({ "aria-label": t("kit.chooseAll") }),
          getCheckboxProps: (row: T) => ({ "aria-label": t("kit.choose", { name: nameOf?.(row) ?? rowKey(row) }) }),
        },
      })}
      pagination={
        total > (SIZES[0] ?? 20) && {
          current: state.page, pageSize: state.size, total, pageSizeOptions: SIZES,
          showSizeChanger: true, showTotal: (all) => t("kit.total", { count: all, told: count(all) }),
        }
      }
      onChange={(pages, _, order) => {
        const sorter = Array.isArray(order) ? order[0] : order;
        const sort = sorter?.order ? String(sorter.columnKey) : "";
        const turned = sort !== state.sort || (sorter?.order === "descend") !== state.descending;
        const page = turned ? 1 : (pages.current ?? 1);
        change({ page, size: pages.pageSize ?? state.size, sort, descending: sorter?.order === "descend" });
      }}
    />
  );
}

function columnOf<T>(column: Column<T>, state: ListState): TableColumnsType<T>[number] {
  return {
    key: column.key,
    title: column.title,
    render: (_: unknown, row: T) => column.render(row),
    ...(column.width && { width: column.width }),
    ...(column.align && { align: column.align }),
    ...(column.key === "more" && { fixed: "end" as const }),
    ...(column.wide && { responsive: [column.wide === "very" ? "xxl" as const : "lg" as const] }),
    ...(column.sort && {
      sorter: true,
      sortOrder: state.sort === column.key ? (state.descending ? ("descend" as const) : ("ascend" as const)) : null,
    }),
  };
}

/** Asks a moment after the last letter. */
export function Search({ text, onSearch, label }: { text: string; onSearch: (text: string) => void; label: string }) {
  const { t } = useTranslation();
  const [written, setWritten] = useState(text);
  // What was asked for by this field comes back as `text` a moment later: what has been written since then stays.
  const asked = useRef(text);
  useEffect(() => {
    if (text === asked.current) return;
    asked.current = text;
    setWritten(text);
  }, [text]);
  useEffect(() => {
    if (written === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = written;
      onSearch(written);
    }, 250);
    return () => clearTimeout(timer);
  }, [written, onSearch]);
  return (
    <Input
      className="search" allowClear prefix={<SearchOutlined />} value={written} placeholder={t("kit.search")}
      aria-label={`${t("kit.search")}: ${label}`} onChange={(event) => setWritten(event.target.value)}
    />
  );
}
