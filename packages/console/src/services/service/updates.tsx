/** The changes of a service, the newest first; each can come back. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../../api/session";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { Sentence } from "../../kit/sentence";
import { absolute } from "../../kit/time";
import { spoken } from "../../words";
import { tellError } from "../../words/errors";
import { tell } from "../../words/told";
import { readUpdates, rollBack, type Service, type Update } from "../calls";
import { Result, Versions } from "../standing";

export function Updates({ service }: { service: Service }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const found = useQuery({ queryKey: ["service", id, "updates"], queryFn: ({ signal }) => readUpdates(id, signal), refetchInterval: 3000 });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  if (found.data.length === 0) return <Card><Empty title={t("services.noUpdates")} /></Card>;
  const columns: PlainColumn<Update>[] = [
    { key: "revision", title: t("services.revision"), render: (one) => one.revision },
    { key: "when", title: t("services.when"), render: (one) => absolute(one.update_time / 1000, spoken()) },
    { key: "result", title: t("services.result"), render: (one) => <><Result result={one.result} />{one.message && <div className="quiet small"><Sentence text={tell(one.told, one.message)} /></div>}</> },
    { key: "versions", title: t("services.versions"), render: (one) => <Versions config={one.config} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, align: "right", render: (one) => (one.revision === service.revision ? <span className="quiet">{t("services.now")}</span> : <BackTo id={id} revision={one.revision} />) },
  ];
  return (
    <Card flush about={t("services.updatesAbout")} title={t("services.tabs.updates")}>
      <PlainTable rows={found.data} columns={columns} rowKey={(one) => String(one.revision)} label={t("services.tabs.updates")} />
    </Card>
  );
}

function BackTo({ id, revision }: { id: string; revision: number }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const may = useMay("member");
  const [busy, setBusy] = useState(false);
  if (!may) return null;
  const back = async () => {
    setBusy(true);
    try {
      await rollBack(id, revision);
      await queries.invalidateQueries({ queryKey: ["service", id] });
      void message.success(t("services.rolledBack", { revision }));
    } catch (error) {
      void message.error(tellError(error, t));
    }
    setBusy(false);
  };
  return (
    <Popconfirm title={t("services.rollBackTo", { revision })} description={t("services.rollBackAbout")} okText={t("services.rollBack")} cancelText={t("kit.keep")} onConfirm={() => void back()}>
      <Button size="small" loading={busy} aria-label={t("services.rollBackTo", { revision })}>{t("services.rollBack")}</Button>
    </Popconfirm>
  );
}
