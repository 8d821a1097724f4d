/** A service, online or batch: how it stands, where it answers, and tab by tab what one does with it. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Popconfirm } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useNavigate, useParams } from "react-router";

import { useMay } from "../api/session";
import { Configuration } from "../batches/configuration";
import { Progress } from "../batches/progress";
import { useAddress } from "../kit/address";
import { CopyButton } from "../kit/copy";
import { described } from "../kit/described";
import { Failure, Loading } from "../kit/faces";
import { DeleteOutlined, MoreOutlined, RedoOutlined, StopOutlined, SyncOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { Sentence } from "../kit/sentence";
import { TabParts } from "../kit/tabs";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { tell } from "../words/told";
import { isUp, pageOf, readService, startService, stopService, type Service } from "./calls";
import { CaretIcon } from "./icons";
import { RemoveService } from "./remove";
import { startWord } from "./row-menu";
import { Calling } from "./service/calling";
import { Events } from "./service/events";
import { Logs } from "./service/logs";
import { Instances } from "./service/instances";
import { Overview } from "./service/overview";
import { Predict } from "./service/predict";
import { TimeLeft } from "./service/time-left";
import { Updates } from "./service/updates";
import { Standing } from "./standing";
import "../training/training.css";
import "../batches/batches.css";
import "./services.css";

const LIVE = 2000;

export function Component() {
  const { t } = useTranslation();
  const { service: id = "" } = useParams();
  const here = useLocation();
  const room = here.pathname.startsWith("/console/batches") ? "batches" : "services";
  const crumbs = [{ label: t(`menu.${room}`), to: `/console/${room}` }];
  const found = useQuery({ queryKey: ["service", id], queryFn: ({ signal }) => readService(id, signal), placeholderData: keepPreviousData, refetchInterval: LIVE });
  if (!found.data) {
    return (
      <Page title={t(`menu.${room}`)} crumbs={crumbs}>
        <Card>{found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <Loading />}</Card>
      </Page>
    );
  }
  const service = found.data;
  if (!pageOf(service).includes(`/${room}/`)) return <Navigate to={pageOf(service) + here.search} replace />;
  return (
    <Page title={service.service_name} crumbs={crumbs} about={described(service.description, t) || undefined} tools={<Tools service={service} />}>
      <Head service={service} />
      {service.error_msg && <div className="advice" role="alert"><div><Sentence text={tell(service.error_told, service.error_msg)} /></div></div>}
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
        {service.asleep && <span className="quiet">{t("services.asleepAbout")}</span>}
        {service.infer_type !== "batch" && service.status === "deploying" && <Rolling percent={service.progress} changes={service.revision > 1} />}
        <span className="quiet">{t("services.changed")} <Time at={service.publish_at / 1000} /></span>
        <TimeLeft service={service} />
        {service.access_address && (
          <span className="service-address"><span className="unseen">{t("services.address")}</span><code>{service.access_address}</code><CopyButton text={service.access_address} /></span>
        )}
      </div>
    </Card>
  );
}

/** How many of the wanted instances are ready, while a service comes up or changes. */
function Rolling({ percent, changes }: { percent: number; changes: boolean }) {
  const { t } = useTranslation();
  return (
    <span className="rolling">
      <span className="weight-bar" role="progressbar" aria-label={t("services.rolling")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}><span style={{ width: `${percent}%` }} /></span>
      <span className="quiet">{percent} %{changes && ` · ${t("services.answersOn")}`}</span>
    </span>
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
  const batch = service.infer_type === "batch";
  const items = [{ key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => setRemoving(true) }];
  return (
    <>
      {batch && !up && service.inputs?.phase === "ended"
        ? (
          <Popconfirm
            title={t("batches.anewTitle", { name: service.service_name })} description={t("batches.anewAbout", { folder: service.config[0]?.dest_path })}
            okText={t("batches.anew")} cancelText={t("kit.keep")} onConfirm={() => void turn()} placement="bottomRight"
          >
            <Button type="primary" icon={<RedoOutlined />} loading={busy}>{t("batches.anew")}</Button>
          </Popconfirm>
        ) : <Button danger={up} type={up ? "default" : "primary"} icon={up ? <StopOutlined /> : <CaretIcon />} loading={busy} onClick={() => void turn()}>{up ? t("services.stop") : startWord(service, t)}</Button>}
      <Button icon={<SyncOutlined />} disabled={batch && up} title={batch && up ? t("batches.stopFirst") : undefined} onClick={() => void go(`${pageOf(service)}/change`)}>{t("services.change")}</Button>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: service.service_name })} /></Dropdown>
      {removing && <RemoveService service={service} onClose={() => setRemoving(false)} onGone={() => void go(batch ? "/console/batches" : "/console/services")} />}
    </>
  );
}

type Tab = "overview" | "predict" | "calling" | "batch" | "configuration" | "instances" | "events" | "updates" | "logs";

function Parts({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [told, tell] = useAddress();
  const live = service.infer_type !== "batch";
  const answers: [Tab, ReactNode][] = live
    ? [["overview", <Overview service={service} />], ["predict", <Predict service={service} />], ["calling", <Calling service={service} />]]
    : [["batch", <Progress service={service} />], ["configuration", <Configuration service={service} />], ["instances", <Instances id={service.service_id} />]];
  const parts: [Tab, ReactNode][] = [
    ...answers, ["events", <Events id={service.service_id} />],
    ...(live ? [["updates", <Updates service={service} />] as [Tab, ReactNode]] : []), ["logs", <Logs id={service.service_id} />],
  ];
  const first = parts[0]?.[0] ?? "overview";
  const here = parts.find(([word]) => word === told.get("tab"))?.[0] ?? first;
  const choose = (tab: Tab) => tell({ tab: tab === first ? "" : tab, run: "" });
  const tabs = parts.map(([key, part]) => ({ key, label: t(`services.tabs.${key}`), part }));
  return <TabParts tabs={tabs} here={here} onHere={choose} label={service.service_name} />;
}
