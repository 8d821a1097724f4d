/** What was done in the workspace, by whom, and how it ended; for owners. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { AuditBody } from "../api/calls";
import { useSession } from "../api/session";
import { Mark } from "../kit/chip";
import { Empty, Failure, Loading } from "../kit/faces";
import { Cards, useNarrow } from "../kit/list-cards";
import type { Column } from "../kit/list-table";
import { Card } from "../kit/page";
import { Time } from "../kit/time";

const AT_ONCE = 50;
const keyOf = (row: AuditBody) => String(row.number);

export function Audit() {
  const { t } = useTranslation();
  const project = `/${useSession().project_id}`;
  const found = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => call("GET /maquette/{project_id}/audit", { query: { limit: AT_ONCE, before: pageParam }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length === AT_ONCE ? (last.at(-1)?.number ?? null) : null),
  });
  const rows = found.data?.pages.flat() ?? [];
  const narrow = useNarrow();
  const label = t("settings.parts.audit");
  const columns: Column<AuditBody>[] = [
    { key: "what", title: t("audit.what"), render: (row) => <code>{row.action.split(" ")[0]} {row.subject.replace(project, "")}</code> },
    { key: "when", title: t("audit.when"), render: (row) => <Time at={row.at} /> },
    { key: "who", title: t("audit.who"), render: (row) => row.user_name || "–" },
    { key: "how", title: t("audit.how"), render: ({ status }) => <Mark tone={status < 400 ? "good" : "bad"}>{status}</Mark> },
    { key: "from", title: t("audit.from"), render: (row) => <span className="quiet">{[row.proof, row.address].filter(Boolean).join(" · ")}</span> },
  ];
  return (
    <Card title={label} about={t("audit.about")} flush>
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading /> : rows.length === 0 ? <Empty title={t("audit.none")} /> : (
        <>
          {narrow
            ? <Cards rows={rows} columns={columns} rowKey={keyOf} label={label} />
            : <Table<AuditBody> rowKey="number" dataSource={rows} pagination={false} size="middle" scroll={{ x: "max-content" }} aria-label={label} columns={columns.map(({ key, title, render }) => ({ key, title, render: (_, row) => render(row) }))} />}
          {found.hasNextPage && <div className="list-tools"><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("kit.older")}</Button></div>}
        </>
      )}
    </Card>
  );
}
