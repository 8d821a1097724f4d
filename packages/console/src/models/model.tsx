/** A version of a model: what it is and takes, what the check has found, where it came from, where it runs. */

import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { useMay } from "../api/session";
import { useAddress } from "../kit/address";
import { Chip, Mark } from "../kit/chip";
import { described } from "../kit/described";
import { Failure, Loading } from "../kit/faces";
import { CheckCircleOutlined, CloudServerOutlined, DeleteOutlined, DownloadOutlined, EditOutlined, MoreOutlined, PlusOutlined, SyncOutlined } from "../kit/icons";
import { Lineage } from "../kit/lineage";
import { Card, Page } from "../kit/page";
import { Sentence } from "../kit/sentence";
import { count } from "../kit/size";
import { TabParts } from "../kit/tabs";
import { Time } from "../kit/time";
import { tell } from "../words/told";
import { packageAddress, readModel, readVersions, type Model } from "./calls";
import { Config } from "./model/config";
import { Describe } from "./model/describe";
import { Overview } from "./model/overview";
import { Versions } from "./model/versions";
import { RemoveModel } from "./remove";
import "../training/training.css";
import "../services/services.css";
import "./models.css";

const IMPORTING_LIVE = 700;
const LIVE = 10_000;

export function Component() {
  const { t } = useTranslation();
  const { model: id = "" } = useParams();
  const crumbs = [{ label: t("menu.models"), to: "/console/models" }];
  const found = useQuery({
    queryKey: ["model", id, "page"], queryFn: ({ signal }) => readModel(id, signal),
    refetchInterval: (query) => (query.state.data?.model_status === "publishing" ? IMPORTING_LIVE : LIVE),
  });
  if (!found.data) {
    return (
      <Page title={t("menu.models")} crumbs={crumbs}>
        <Card>{found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <Loading />}</Card>
      </Page>
    );
  }
  const model = found.data;
  return (
    <Page title={model.model_name} crumbs={crumbs} about={described(model.description, t) || undefined} tools={<Tools model={model} />}>
      <Head model={model} />
      {model.error && <Failed model={model} />}
      <Parts model={model} />
    </Page>
  );
}

function Head({ model }: { model: Model }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [told] = useSearchParams();
  const versions = useQuery({ queryKey: ["model", model.model_name, "versions"], queryFn: ({ signal }) => readVersions(model.model_name, signal) });
  const options = (versions.data ?? [model]).map((one) => ({ value: one.model_id, label: one.model_version }));
  const tab = told.get("tab");
  return (
    <Card>
      <div className="service-head">
        <Select aria-label={t("services.version")} value={model.model_id} options={options} onChange={(id: string) => void go(`/console/models/${id}${tab ? `?tab=${tab}` : ""}`)} popupMatchSelectWidth={false} />
        <Chip state={model.model_status} />
        {model.model_status === "publishing" && <span className="importing quiet" role="status"><SyncOutlined spin />{model.progress ? tell(model.progress_told, model.progress) : t("models.waiting")}</span>}
        {model.check.sound && (model.check.findings ?? []).length === 0 && <Mark tone="good" icon={<CheckCircleOutlined />}>{t("models.sound")}</Mark>}
        <span className="quiet"><Time at={model.create_at / 1000} /></span>
      </div>
    </Card>
  );
}

/** Why it was not imported; what was found says it better, with its place. */
function Failed({ model }: { model: Model }) {
  const { t } = useTranslation();
  const may = useMay("member");
  const errors = (model.check.findings ?? []).filter((one) => one.level === "error").length;
  const from: Record<string, string> = model.source_job_id ? { from_job: model.source_job_id, version: model.source_job_version } : { path: model.source_location };
  return (
    <div className="advice" role="alert">
      <span>{errors > 0 ? t("models.refused", { count: errors, told: count(errors) }) : <Sentence text={tell(model.error_told, model.error)} />}</span>
      {may && <span><Link to={`/console/models/import?${new URLSearchParams({ ...from, name: model.model_name })}`}>{t("models.importAgain")}</Link></span>}
    </div>
  );
}

function Tools({ model }: { model: Model }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const may = useMay("member");
  const [open, setOpen] = useState<"delete" | "describe">();
  const ready = model.model_status === "published";
  const items = [
    { key: "describe", icon: <EditOutlined />, label: t("models.describe"), onClick: () => setOpen("describe") },
    { key: "new", icon: <PlusOutlined />, label: t("models.newVersion"), onClick: () => void go(`/console/models/import?${new URLSearchParams({ name: model.model_name })}`) },
    { type: "divider" as const },
    { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("models.removeVersion", { version: model.model_version }), onClick: () => setOpen("delete") },
  ];
  return (
    <>
      {ready && <Button icon={<DownloadOutlined />} href={packageAddress(model.model_id)} download>{t("models.download")}</Button>}
      {may && (
        <>
          <Button type="primary" icon={<CloudServerOutlined />} disabled={!ready} onClick={() => void go(`/console/services/new?model=${model.model_id}`)}>{t("models.deploy")}</Button>
          <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: model.model_name })} /></Dropdown>
        </>
      )}
      {open === "delete" && <RemoveModel model={model} onClose={() => setOpen(undefined)} onGone={() => void go("/console/models")} />}
      {open === "describe" && <Describe model={model} onClose={() => setOpen(undefined)} />}
    </>
  );
}

type Tab = "overview" | "config" | "lineage" | "versions";

function Parts({ model }: { model: Model }) {
  const { t } = useTranslation();
  const [told, tell] = useAddress();
  const parts: [Tab, ReactNode][] = [
    ["overview", <Overview key="overview" model={model} />],
    ...(model.config !== "{}" ? [["config", <Config key="config" model={model} />] as [Tab, ReactNode]] : []),
    ["lineage", <Lineage key="lineage" of={{ model_id: model.model_id }} />],
    ["versions", <Versions key="versions" name={model.model_name} here={model.model_id} />],
  ];
  const here = parts.find(([word]) => word === told.get("tab"))?.[0] ?? "overview";
  const choose = (tab: Tab) => tell({ tab: tab === "overview" ? "" : tab });
  return <TabParts<Tab> here={here} onHere={choose} label={model.model_name} tabs={parts.map(([word, part]) => ({ key: word, label: t(`models.tabs.${word}`), part }))} />;
}
