/** A service: how it stands, where it answers, and tab by tab what one does with it. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Tabs } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { useMay } from "../api/session";
import { CopyButton } from "../kit/copy";
import { Failure, Loading } from "../kit/faces";
import { DeleteOutlined, MoreOutlined, StopOutlined, SyncOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { tell } from "../words/told";
import { isUp, readService, startService, stopService, type Service } from "./calls";
import { CaretIcon } from "./icons";
import { RemoveService } from "./remove";
import { Batch } from "./service/batch";
import { Calling } from "./service/calling";
import { Events } from "./service/events";
import { Logs } from "./service/logs";
import { Overview } from "./service/overview";
import { Predict } from "./service/predict";
import { TimeLeft } from "./service/time-left";
import { Updates } from "./service/updates";
import { Standing } from "./standing";
import "../training/training.css";
import "./services.css";

const LIVE = 2000;

export function Component() {
  const { t } = useTranslation();
  const { service: id = "" } = useParams();
  const crumbs = [{ label: t("menu.services"), to: "/console/services" }];
  const found = useQuery({ queryKey: ["service", id], queryFn: ({ signal }) => readService(id, signal), placeholderData: keepPreviousData, refetchInterval: LIVE });
  if (!found.data) {
    return (
      <Page title={t("menu.services")} crumbs={crumbs}>
        <Card>{found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <Loading />}</Card>
      </Page>
    );
  }
  const service = found.data;
  return (
    <Page title={service.service_name} crumbs={crumbs} about={service.description || undefined} tools={<Tools service={service} />}>
      <Head service={service} />
      {service.error_msg && <div className="advice" role="alert">{tell(service.error_told, service.error_msg)}</div>}
      <Parts service={service} />
    </Page>
  );
}

function Head({ service }: { service: Service }) {
  const { t } = useTranslation();
  return (
    <Card>
      <div className="service-head">
        <Standing service={service} />
        {service.status === "deploying" && <span className="quiet">{service.progress} %</span>}
        <span className="quiet">{t("services.changed")} <Time at={service.publish_at / 1000} /></span>
        <TimeLeft service={service} />
        {service.access_address && (
          <span className="service-address"><span className="unseen">{t("services.address")}</span><code>{service.access_address}</code><CopyButton text={service.access_address} /></span>
        )}
      </div>
    </Card>
  );
}

function Tools({ service }: { service: Service }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const go = useNavigate();
  const may = useMay("member");
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  if (!may) return null;
  const { service_id: id } = service;
  const up = isUp(service);
  const turn = async () => {
    setBusy(true);
    try {
      await (up ? stopService(id) : startService(id));
      await queries.invalidateQueries({ queryKey: ["service", id] });
    } catch (error) {
      void message.error(tellError(error, t));
    }
    setBusy(false);
  };
  const items = [{ key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => setRemoving(true) }];
  return (
    <>
      <Button danger={up} type={up ? "default" : "primary"} icon={up ? <StopOutlined /> : <CaretIcon />} loading={busy} onClick={() => void turn()}>{t(up ? "services.stop" : "services.start")}</Button>
      {service.infer_type !== "batch" && <Button icon={<SyncOutlined />} onClick={() => void go(`/console/services/${id}/change`)}>{t("services.change")}</Button>}
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: service.service_name })} /></Dropdown>
      {removing && <RemoveService service={service} onClose={() => setRemoving(false)} onGone={() => void go("/console/services")} />}
    </>
  );
}

type Tab = "overview" | "predict" | "calling" | "batch" | "events" | "updates" | "logs";

function Parts({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [told, tell] = useSearchParams();
  const live = service.infer_type !== "batch";
  const answers: [Tab, ReactNode][] = live
    ? [["overview", <Overview service={service} />], ["predict", <Predict service={service} />], ["calling", <Calling service={service} />]]
    : [["batch", <Batch service={service} />], ["overview", <Overview service={service} />]];
  const parts: [Tab, ReactNode][] = [
    ...answers, ["events", <Events id={service.service_id} />],
    ...(live ? [["updates", <Updates service={service} />] as [Tab, ReactNode]] : []), ["logs", <Logs id={service.service_id} />],
  ];
  const first = parts[0]?.[0] ?? "overview";
  const here = parts.find(([word]) => word === told.get("tab"))?.[0] ?? first;
  const choose = (tab: string) => tell((now) => {
    const next = new URLSearchParams(now);
    if (tab === first) next.delete("tab");
    else next.set("tab", tab);
    next.delete("run");
    return next;
  }, { replace: true });
  return (
    <Tabs
      className="job-tabs" activeKey={here} onChange={choose} destroyOnHidden
      items={parts.map(([word, part]) => ({ key: word, label: t(`services.tabs.${word}`), children: part }))}
    />
  );
}
