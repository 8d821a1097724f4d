/** What was done in the workspace, by whom, and how it ended; for owners. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { AuditBody } from "../api/calls";
import { useSession } from "../api/session";
import { Mark } from "../kit/chip";
import { Empty, Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import { Time } from "../kit/time";

const AT_ONCE = 50;

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
  return (
    <Card title={t("settings.parts.audit")} about={t("audit.about")} flush>
      {found.error ? <Failure error={found.error} /> : !found.data ? <Loading /> : rows.length === 0 ? <Empty title={t("audit.none")} /> : (
        <>
          <Table<AuditBody>
            rowKey="number" dataSource={rows} pagination={false} size="middle" scroll={{ x: "max-content" }} aria-label={t("settings.parts.audit")}
            columns={[
              { title: t("audit.when"), dataIndex: "at", render: (at: number) => <Time at={at} /> },
              { title: t("audit.who"), dataIndex: "user_name", render: (name: string) => name || "–" },
              { title: t("audit.what"), dataIndex: "subject", render: (subject: string, row) => <code>{row.action.split(" ")[0]} {subject.replace(project, "")}</code> },
              { title: t("audit.how"), dataIndex: "status", render: (status: number) => <Mark tone={status < 400 ? "good" : "bad"}>{status}</Mark> },
              { title: t("audit.from"), dataIndex: "address", render: (address: string, row) => <span className="quiet">{[row.proof, address].filter(Boolean).join(" · ")}</span> },
            ]}
          />
          {found.hasNextPage && <div className="list-tools"><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("kit.older")}</Button></div>}
        </>
      )}
    </Card>
  );
}
