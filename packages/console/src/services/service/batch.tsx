/** How far a batch is, where its results are, and what has failed. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Progress } from "antd";
import { useTranslation } from "react-i18next";

import { useMay } from "../../api/session";
import { duration } from "../../kit/duration";
import { Empty, Failure, Loading } from "../../kit/faces";
import { CheckCircleOutlined, RedoOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { count } from "../../kit/size";
import { Address } from "../../training/job/configuration";
import { tellError } from "../../words/errors";
import { isUp, readFailures, readProgress, retryFailed, type Service } from "../calls";

export function Batch({ service }: { service: Service }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const live = isUp(service) ? 1000 : 10_000;
  const found = useQuery({ queryKey: ["service", id, "progress"], queryFn: ({ signal }) => readProgress(id, signal), refetchInterval: live });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const one = found.data;
  const facts: [string, string][] = [
    [t("services.inputs"), count(one.total)], [t("services.done"), count(one.done)], [t("services.failures"), count(one.failed)],
    ...(isUp(service) ? [[t("services.rate"), count(Math.round(one.rate * 10) / 10)] as [string, string]] : []),
    ...(one.seconds_left === null ? [] : [[t("services.left"), duration(one.seconds_left)] as [string, string]]),
  ];
  return (
    <div className="parts">
      <Card title={t("services.tabs.batch")}>
        <div className="stack">
          <Progress percent={one.percent} {...(one.failed > 0 && { status: "exception" as const, format: () => `${one.percent} %` })} aria-label={t("services.tabs.batch")} />
          <dl className="figures">{facts.map(([name, told]) => <div key={name}><dt>{name}</dt><dd>{told}</dd></div>)}</dl>
          <dl className="facts">
            <dt>{t("services.from")}</dt><dd><Address address={service.config[0]?.src_path ?? ""} /></dd>
            <dt>{t("services.to")}</dt><dd><Address address={service.config[0]?.dest_path ?? ""} /></dd>
          </dl>
        </div>
      </Card>
      <Failed service={service} failed={one.failed} live={live} />
    </div>
  );
}

function Failed({ service, failed, live }: { service: Service; failed: number; live: number }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  const queries = useQueryClient();
  const id = service.service_id;
  const found = useQuery({ queryKey: ["service", id, "failures"], queryFn: ({ signal }) => readFailures(id, signal), refetchInterval: live });
  const again = () => void retryFailed(id).then(() => queries.invalidateQueries({ queryKey: ["service", id] }), (error) => message.error(tellError(error, t)));
  const tools = may && failed > 0 && !isUp(service) && <Button icon={<RedoOutlined />} onClick={again}>{t("services.retry")}</Button>;
  return (
    <Card title={t("services.failures")} tools={tools || undefined} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading />
        : found.data.length === 0 ? <Empty icon={<CheckCircleOutlined />} title={t("services.noneFailed")} />
        : (
          <div className="scrolls">
            <table className="plain">
              <thead><tr><th>{t("services.source")}</th><th>{t("services.answerStatus")}</th><th>{t("services.reason")}</th></tr></thead>
              <tbody>{found.data.map((one, at) => <tr key={at}><th scope="row"><code>{one.source}{one.row === null ? "" : `:${one.row}`}</code></th><td>{one.status || "–"}</td><td>{one.message}</td></tr>)}</tbody>
            </table>
          </div>
        )}
    </Card>
  );
}
