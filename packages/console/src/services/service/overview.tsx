/** What a service runs and how it is called: versions, instances, counts, latencies. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { FiguresBody } from "../../api/calls";
import { useMay } from "../../api/session";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
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
  return (
    <div className="scrolls wide">
      <table className="plain">
        <thead>
          <tr>
            <th>{t("services.version")}</th><th>{t("services.weight")}</th><th className="number">{t("services.ready")}</th><th className="number">{t("services.calls")}</th>
            <th className="number">{t("services.failures")}</th><th className="number">p50</th><th className="number">p95</th><th className="number">p99</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one) => {
            const target = service.config.find((other) => other.model_id === one.model_id);
            return (
              <tr key={one.model_id} className={target ? undefined : "quiet"}>
                <th scope="row">{target ? <Link to={`/console/models/${one.model_id}`}>{one.model_name} {one.model_version}</Link> : `${one.model_name} ${one.model_version}`}</th>
                <td>
                  {target
                    ? <span className="weight"><span className="weight-bar" aria-hidden><span style={{ width: `${one.weight}%` }} /></span>{one.weight} %</span>
                    : t("services.gone")}
                </td>
                <td className="number">{target ? `${count(one.instances)} / ${count(target.instance_count)}` : "–"}</td>
                <td className="number">{count(one.calls)}</td>
                <td className={one.failures > 0 ? "number problem" : "number"}>{count(one.failures)}</td>
                <td className="number">{milliseconds(one.p50_ms)}</td><td className="number">{milliseconds(one.p95_ms)}</td><td className="number">{milliseconds(one.p99_ms)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
