/** Which column of a table is which parameter, with the first row beside it and the request that becomes of it. */

import { useQuery } from "@tanstack/react-query";
import { Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";

import { Card } from "../kit/page";
import { PlainTable, type PlainColumn } from "../kit/plain-table";
import { fits, leavesOf, requestOf, ruleOf, type Api } from "./apis";
import { sourceOf, type Wanted } from "./form";
import { firstRow } from "./places";

const MOST_COLUMNS = 10_000;

export function Mapping({ api }: { api: Api }) {
  const { t } = useTranslation();
  const mapped = (_: unknown, columns: (number | null)[]) => (columns.some((one) => one !== null) ? Promise.resolve() : Promise.reject(new Error(t("batches.mapNone"))));
  return (
    <Card title={t("batches.mapping")} about={t("batches.mappingAbout")}>
      <Form.Item name="columns" rules={[{ validator: mapped }]} className="plain-item"><Columns api={api} /></Form.Item>
    </Card>
  );
}

function Columns({ api, value = [], onChange }: { api: Api; value?: (number | null)[]; onChange?: (columns: (number | null)[]) => void }) {
  const { t } = useTranslation();
  const row = useFirstRow();
  const set = (at: number, column: number | null) => onChange?.(leavesOf(api.schema).map((_, place) => (place === at ? column : (value[place] ?? null))));
  const rows = leavesOf(api.schema).map((leaf, at) => ({ ...leaf, at, column: value[at] ?? null }));
  const columns: PlainColumn<(typeof rows)[number]>[] = [
    { key: "parameter", title: t("batches.parameter"), render: ({ path, about }) => <><code>{path}</code>{about && <div className="quiet small">{about}</div>}</> },
    { key: "kind", title: t("batches.kind"), render: ({ kind }) => kind },
    {
      key: "column", title: t("batches.column"),
      render: ({ path, at, column }) => (
        <InputNumber
          min={1} max={MOST_COLUMNS} precision={0} value={column === null ? null : column + 1} placeholder={t("batches.leftOut")}
          aria-label={t("batches.columnOf", { name: path })} onChange={(told) => set(at, told === null ? null : told - 1)}
        />
      ),
    },
    { key: "first", title: t("batches.firstRow"), render: ({ kind, column }) => <Cell kind={kind} column={column} row={row} /> },
  ];
  return (
    <div className="stack">
      <PlainTable kind="mapping" rows={rows} columns={columns} rowKey={(one) => one.path} label={t("batches.mapping")} />
      {row && (
        <div className="stack">
          <p className="quiet small">{t("batches.sentAs")}</p>
          <pre className="snippet" tabIndex={0} aria-label={t("batches.sentAs")}>{JSON.stringify(requestOf(ruleOf(api.schema, value), row))}</pre>
        </div>
      )}
    </div>
  );
}

function Cell({ kind, column, row }: { kind: string; column: number | null; row: string[] | undefined }) {
  const { t } = useTranslation();
  if (!row || column === null) return <span className="quiet">–</span>;
  const cell = row[column];
  if (cell === undefined) return <span className="problem">{t("batches.tooShort", { count: row.length })}</span>;
  return <><code>{cell === "" ? "␣" : cell}</code>{!fits(kind, cell) && <div className="problem small">{t("batches.noFit", { kind })}</div>}</>;
}

/** Of what stands in the form now; undefined where there is none to read. */
function useFirstRow(): string[] | undefined {
  const form = Form.useFormInstance<Wanted>();
  const [by, folder, manifest] = [Form.useWatch("by", form), Form.useWatch("folder", form), Form.useWatch("manifest", form)] as [Wanted["by"]?, string?, string?];
  const address = by === "manifest" ? (manifest ?? "") : sourceOf({ ...form.getFieldsValue(true), by: "folder", folder: folder ?? "" } as Wanted);
  const found = useQuery({
    queryKey: ["batch-row", by, address], enabled: address !== "", retry: false, staleTime: 30_000,
    queryFn: ({ signal }) => firstRow(address, by === "manifest", signal),
  });
  return found.data?.row;
}
