/** A version of a model: what it takes, what the check has found, its config.json, where it came from. */

import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";

import { call } from "../api/call";
import { useMay } from "../api/session";
import { Chip, Mark, type Tone } from "../kit/chip";
import { CopyButton } from "../kit/copy";
import { Empty, Failure, Loading } from "../kit/faces";
import { CheckCircleOutlined, CloseCircleOutlined, CloudServerOutlined, DeleteOutlined, MoreOutlined, WarningOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { bytes, count } from "../kit/size";
import { Time } from "../kit/time";
import { Standing } from "../services/standing";
import type { ListedService } from "../services/calls";
import { readDeclared } from "../services/predict/inputs";
import { Address } from "../training/job/configuration";
import { tell } from "../words/told";
import { readModel, readVersions, tellFinding, type Finding, type Model } from "./calls";
import { RemoveModel } from "./remove";
import "../training/training.css";
import "../services/services.css";

export function Component() {
  const { t } = useTranslation();
  const { model: id = "" } = useParams();
  const crumbs = [{ label: t("menu.models"), to: "/console/models" }];
  const found = useQuery({
    queryKey: ["model", id, "page"], queryFn: ({ signal }) => readModel(id, signal), refetchInterval: (query) => (query.state.data?.model_status === "publishing" ? 700 : false),
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
    <Page title={model.model_name} crumbs={crumbs} about={model.description || undefined} tools={<Tools model={model} />}>
      <Head model={model} />
      {model.error && <div className="advice" role="alert"><Refused model={model} /></div>}
      <div className="parts">
        {(model.check.findings ?? []).length > 0 && <Findings findings={model.check.findings ?? []} />}
        <div className="pair">
          <Facts model={model} />
          <div className="parts"><Origin model={model} /><Services id={id} /></div>
        </div>
        {model.model_status === "published" && <Inputs model={model} />}
        {model.config !== "{}" && <Config text={model.config} />}
      </div>
    </Page>
  );
}

/** Why it was not imported; what is wrong with the package is told one by one below. */
function Refused({ model }: { model: Model }) {
  const { t } = useTranslation();
  const errors = (model.check.findings ?? []).filter((one) => one.level === "error").length;
  return errors > 0 ? t("models.refused", { count: errors, told: count(errors) }) : tell(model.error_told, model.error);
}

function Head({ model }: { model: Model }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const versions = useQuery({ queryKey: ["model", model.model_name, "versions"], queryFn: ({ signal }) => readVersions(model.model_name, signal) });
  const options = (versions.data ?? [model]).map((one) => ({ value: one.model_id, label: one.model_version }));
  return (
    <Card>
      <div className="service-head">
        <Select aria-label={t("services.version")} value={model.model_id} options={options} onChange={(id: string) => void go(`/console/models/${id}`)} popupMatchSelectWidth={false} />
        <Chip state={model.model_status} />
        {model.progress && <span className="quiet" role="status">{tell(model.progress_told, model.progress)}</span>}
        {model.check.sound && (model.check.findings ?? []).length === 0 && <Mark tone="good" icon={<CheckCircleOutlined />}>{t("models.sound")}</Mark>}
        <span className="quiet"><Time at={model.create_at / 1000} /></span>
      </div>
    </Card>
  );
}

function Tools({ model }: { model: Model }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const may = useMay("member");
  const [removing, setRemoving] = useState(false);
  if (!may) return null;
  const items = [{ key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => setRemoving(true) }];
  return (
    <>
      <Button type="primary" icon={<CloudServerOutlined />} disabled={model.model_status !== "published"} onClick={() => void go(`/console/services/new?model=${model.model_id}`)}>{t("models.deploy")}</Button>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: model.model_name })} /></Dropdown>
      {removing && <RemoveModel model={model} onClose={() => setRemoving(false)} onGone={() => void go("/console/models")} />}
    </>
  );
}

const LEVELS: Record<Finding["level"], [Tone, ReactNode]> = {
  error: ["bad", <CloseCircleOutlined key="error" />], warning: ["wait", <WarningOutlined key="warning" />], hint: ["off", null],
};

/** Each stands with the place where it is to be mended. */
function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("models.findings")} about={t("models.findingsAbout")}>
      <ul className="findings">
        {findings.map((one, at) => {
          const [tone, icon] = LEVELS[one.level];
          const place = [one.file, one.line, one.column].filter(Boolean).join(":");
          return (
            <li key={`${one.code} ${at}`}>
              <Mark tone={tone} icon={icon}>{t(`models.levels.${one.level}`)}</Mark>
              <span>{tellFinding(one, "message")} {one.fix && <span className="quiet">{tellFinding(one, "fix")}</span>}{(place || one.field) && <span className="finding-place"> <code>{place}</code>{one.field && <code className="quiet"> {one.field}</code>}</span>}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Facts({ model }: { model: Model }) {
  const { t } = useTranslation();
  const metrics = metricsOf(model.model_metrics);
  const facts: [string, ReactNode][] = [
    [t("models.type"), model.model_type], [t("models.algorithm"), model.model_algorithm],
    [t("jobs.engine"), model.engine?.name && <>{model.engine.name} {model.engine.reason && <span className="quiet small">{tell(model.engine.told, model.engine.reason)}</span>}</>],
    [t("models.runtime"), model.runtime && <code>{model.runtime}</code>], [t("models.class"), model.check.service_class && <code>{model.check.service_class}</code>],
    [t("models.weights"), model.check.model_path && <code>{model.check.model_path}</code>],
    [t("models.size"), model.model_size > 0 && t("models.sizeOf", { size: bytes(model.model_size), count: model.files, told: count(model.files) })],
    ...metrics.map(([name, value]): [string, ReactNode] => [name, value]),
  ];
  return <Card title={t("models.facts")}><dl className="facts">{facts.filter(([, told]) => told).map(([name, told]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{told}</dd></div>)}</dl></Card>;
}

function metricsOf(text: string): [string, string][] {
  const told = JSON.parse(text || "{}") as Record<string, unknown>;
  return Object.entries(told).flatMap(([name, value]) => (typeof value === "number" || typeof value === "string" ? [[name, String(value)] as [string, string]] : []));
}

function Origin({ model }: { model: Model }) {
  const { t } = useTranslation();
  return (
    <Card title={t("models.origin")}>
      <p>
        {model.source_job_id
          ? <>{t("models.fromJob")}: <Link to={`/console/training/${model.source_job_id}${model.source_job_version ? `?version=${model.source_job_version}` : ""}`}>{model.source_job_version || t("models.toJob")}</Link></>
          : <Address address={model.source_location} />}
      </p>
    </Card>
  );
}

function Services({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["services", "of", id], refetchInterval: 5000,
    queryFn: async ({ signal }) => ((await call("GET /v1/{project_id}/services", { query: { model_id: id }, signal })) as unknown as { services: ListedService[] }).services,
  });
  return (
    <Card title={t("models.runsIn")}>
      {found.error && !found.data ? <Failure error={found.error} /> : !found.data ? <Loading />
        : found.data.length === 0 ? <p className="quiet">{t("models.runsNowhere")}</p>
        : <ul className="named">{found.data.map((one) => <li key={one.service_id} className="service-head"><Link to={`/console/services/${one.service_id}`}>{one.service_name}</Link> <Standing service={one} /></li>)}</ul>}
    </Card>
  );
}

function Inputs({ model }: { model: Model }) {
  const { t } = useTranslation();
  const declared = readDeclared(model.config);
  return (
    <Card title={t("models.inputs")} about={`POST ${declared.url} · ${declared.form ? "multipart/form-data" : "application/json"}`} flush={declared.form && declared.inputs.length > 0}>
      {!declared.form ? <pre className="snippet" tabIndex={0} aria-label={t("models.inputs")}>{JSON.stringify(declared.sample, null, 2)}</pre>
        : declared.inputs.length === 0 ? <Empty title={t("models.noInputs")} />
        : (
          <div className="scrolls">
            <table className="plain">
              <thead><tr><th>{t("kit.name")}</th><th>{t("models.kind")}</th><th>{t("models.limits")}</th><th>{t("kit.description")}</th></tr></thead>
              <tbody>
                {declared.inputs.map((one) => (
                  <tr key={one.name}>
                    <th scope="row"><code>{one.name}</code></th><td>{one.kind}</td>
                    <td>{one.choices?.join(", ") ?? (one.least === undefined && one.most === undefined ? "–" : `${one.least ?? "…"} – ${one.most ?? "…"}`)}</td><td>{one.about}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </Card>
  );
}

function Config({ text }: { text: string }) {
  const shown = JSON.stringify(JSON.parse(text), null, 2);
  return <Card title="config.json"><div className="snippet-box"><pre className="snippet answer-text" tabIndex={0} aria-label="config.json">{shown}</pre><CopyButton text={shown} /></div></Card>;
}
