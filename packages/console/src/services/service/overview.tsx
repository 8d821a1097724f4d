/** What a service runs and how it is called: versions, instances, counts, latencies. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { FiguresBody } from "../../api/calls";
import { useMay } from "../../api/session";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { count } from "../../kit/size";
import { readStatistics, type Service } from "../calls";
import { Charts } from "./charts";
import { Histogram } from "./histogram";
import { Instances } from "./instances";
import { note } from "./live";
import { milliseconds } from "./milliseconds";
import { Weigh } from "./weigh";

const LIVE = 2000;

export function Overview({ service }: { service: Service }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const may = useMay("member");
  const found = useQuery({ queryKey: ["service", id, "statistics"], queryFn: ({ signal }) => readStatistics(id, signal), refetchInterval: LIVE });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const { total, versions } = found.data;
  const samples = note(id, { at: found.dataUpdatedAt / 1000, versions: versions.map((one) => ({ id: one.model_id, calls: one.calls, bins: one.histogram })) });
  return (
    <div className="parts">
      <div className="pair">
        <Card title={t("services.counts")} about={t("services.countsAbout")}><Figures total={total} /></Card>
        <Card title={t("services.latency")}>
          {total.histogram.length > 0 ? <Histogram bins={total.histogram} /> : <Empty title={t("services.noCalls")} about={t("services.noCallsAbout")} command={`maquette predict ${service.service_name}`} />}
        </Card>
      </div>
      {total.calls > 0 && <Charts samples={samples} versions={versions.filter((one) => one.calls > 0 || service.config.some((other) => other.model_id === one.model_id))} />}
      <Card title={t("services.versions")} flush><Versions service={service} versions={versions} /></Card>
      {may && service.config.length > 1 && <Weigh key={service.revision} service={service} />}
      <Instances id={id} />
    </div>
  );
}

function Figures({ total }: { total: FiguresBody }) {
  const { t } = useTranslation();
  const facts: [string, string, boolean?][] = [
    [t("services.calls"), count(total.calls)], [t("services.failures"), count(total.failures), total.failures > 0], [t("services.inFlight"), count(total.in_flight)],
    ["p50", milliseconds(total.p50_ms)], ["p95", milliseconds(total.p95_ms)], ["p99", milliseconds(total.p99_ms)],
  ];
  return <dl className="figures six">{facts.map(([name, told, bad]) => <div key={name}><dt>{name}</dt><dd className={bad ? "problem" : undefined}>{told}</dd></div>)}</dl>;
}

function Versions({ service, versions }: { service: Service; versions: FiguresBody[] }) {
  const { t } = useTranslation();
  const targetOf = (one: FiguresBody) => service.config.find((other) => other.model_id === one.model_id);
  const columns: PlainColumn<FiguresBody>[] = [
    { key: "version", title: t("services.version"), render: (one) => (targetOf(one) ? <Link to={`/console/models/${one.model_id}`}>{one.model_name} {one.model_version}</Link> : <span className="quiet">{one.model_name} {one.model_version}</span>) },
    {
      key: "weight", title: t("services.weight"),
      render: (one) => (targetOf(one)
        ? <span className="weight"><span className="weight-bar" aria-hidden><span style={{ width: `${one.weight}%` }} /></span>{one.weight} %</span>
        : <span className="quiet">{t("services.gone")}</span>),
    },
    { key: "ready", title: t("services.ready"), align: "right", render: (one) => (targetOf(one) ? `${count(one.instances)} / ${count(targetOf(one)?.instance_count ?? 0)}` : "–") },
    { key: "calls", title: t("services.calls"), align: "right", render: (one) => count(one.calls) },
    { key: "failures", title: t("services.failures"), align: "right", render: (one) => <span className={one.failures > 0 ? "problem" : undefined}>{count(one.failures)}</span> },
    ...(["p50", "p95", "p99"] as const).map((name): PlainColumn<FiguresBody> => ({ key: name, title: name, align: "right", render: (one) => milliseconds(one[`${name}_ms`]) })),
  ];
  return <PlainTable rows={versions} columns={columns} rowKey={(one) => one.model_id} label={t("services.versions")} />;
}
