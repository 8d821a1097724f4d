/** How far a batch is, and where its time goes. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ProgressBody } from "../api/calls";
import { duration } from "../kit/duration";
import { Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import { count } from "../kit/size";
import { isUp, readEvents, readProgress, type Service } from "../services/calls";
import { Address } from "../training/job/configuration";
import { Bar } from "./bar";
import { Failures } from "./failures";
import { FirstResults } from "./results";
import { splitOf } from "./split";

const LIVE = 1000;
const AT_REST = 10_000;

export function Progress({ service }: { service: Service }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const live = isUp(service) ? LIVE : AT_REST;
  // Asked anew when its state changes, so that its end is told at once.
  const found = useQuery({ queryKey: ["service", id, "progress", service.status], queryFn: ({ signal }) => readProgress(id, signal), refetchInterval: live, placeholderData: (before) => before });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const one = found.data;
  return (
    <div className="parts">
      <Card title={t("batches.progress")} tools={<span className="batch-percent">{one.percent} %</span>}>
        <div className="stack">
          <Bar total={one.total} done={one.done} failed={one.failed} label={t("batches.progress")} />
          <Figures service={service} one={one} />
          <Split service={service} began={one.began_at} live={live} />
          <dl className="facts">
            <div className="facts-pair"><dt>{t("services.from")}</dt><dd><Address address={service.config[0]?.src_path ?? ""} /></dd></div>
            <div className="facts-pair"><dt>{t("services.to")}</dt><dd><Address address={service.config[0]?.dest_path ?? ""} /></dd></div>
          </dl>
        </div>
      </Card>
      <FirstResults service={service} done={one.done} live={live} />
      <Failures service={service} one={one} live={live} />
    </div>
  );
}

function Figures({ service, one }: { service: Service; one: ProgressBody }) {
  const { t } = useTranslation();
  const up = isUp(service);
  const left = Math.max(0, one.total - one.done - one.failed);
  // Every figure has its place from the beginning: nothing moves when one is known.
  const facts: [string, string, string?][] = [
    [t("services.inputs"), one.phase === "listing" ? t("batches.listing") : count(one.total)], [t("services.done"), count(one.done)],
    [t("batches.failed"), count(one.failed), one.failed > 0 ? "problem" : undefined], [t("batches.left"), count(left)],
    [t("services.rate"), up ? count(Math.round(one.rate * 10) / 10) : "–"], [t("services.left"), up && one.seconds_left !== null ? duration(one.seconds_left) : "–"],
    ...(service.config[0]?.mapping_type === "csv" ? rows(one, t("batches.rows"), t("batches.failedRows")) : []),
  ];
  return <dl className="figures batch-figures">{facts.map(([name, told, tone]) => <div key={name}><dt>{name}</dt><dd className={tone}>{told}</dd></div>)}</dl>;
}

const rows = (one: ProgressBody, all: string, failed: string): [string, string, string?][] => [
  [all, count(one.requests)], [failed, count(one.failed_requests), one.failed_requests > 0 ? "problem" : undefined],
];

function Split({ service, began, live }: { service: Service; began: number | null; live: number }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const found = useQuery({ queryKey: ["service", id, "split", service.status], queryFn: ({ signal }) => readEvents(id, signal), refetchInterval: live * 3, placeholderData: (before) => before });
  const split = found.data && splitOf(found.data, began, Date.now());
  if (!split) return null;
  const stages = [["ready", split.ready, "stage-environment"], ["work", split.work, "stage-run"]] as const;
  return (
    <div className="split">
      <div className="split-bar" aria-hidden>{stages.map(([name, seconds, colour]) => seconds > 0 && <span key={name} className={colour} style={{ flexGrow: seconds }} />)}</div>
      <ul className="split-names">
        {stages.map(([name, seconds, colour]) => <li key={name}><i className={colour} aria-hidden />{t(`batches.stages.${name}`)} <b>{duration(seconds)}</b></li>)}
        <li>{t("batches.inAll")} <b>{duration(split.ready + split.work)}</b></li>
      </ul>
    </div>
  );
}
