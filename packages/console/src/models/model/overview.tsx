/** What a version is, what was found in it, what is said of it, and which services run it. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { call } from "../../api/call";
import { Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { bytes, count } from "../../kit/size";
import { pageOf, type ListedService } from "../../services/calls";
import { Standing } from "../../services/standing";
import { Address } from "../../training/job/configuration";
import { tell } from "../../words/told";
import type { Model } from "../calls";
import { Findings } from "../findings";

export function Overview({ model }: { model: Model }) {
  const { t } = useTranslation();
  const findings = model.check.findings ?? [];
  return (
    <div className="parts">
      {findings.length > 0 && <Card title={t("models.findings")} about={t("models.findingsAbout")}><Findings findings={findings} /></Card>}
      <div className="pair">
        <Facts model={model} />
        <div className="parts"><Services id={model.model_id} /><Said model={model} /></div>
      </div>
    </div>
  );
}

function Facts({ model }: { model: Model }) {
  const { t } = useTranslation();
  const origin = model.source_job_id
    ? <Link to={`/console/training/${model.source_job_id}${model.source_job_version ? `?version=${model.source_job_version}` : ""}`}>{t("models.ofJob", { version: model.source_job_version })}</Link>
    : <Address address={model.source_location} />;
  const facts: [string, ReactNode][] = [
    [t("models.type"), model.model_type], [t("models.algorithm"), model.model_algorithm],
    [t("jobs.engine"), model.engine?.name && <>{model.engine.name} {model.engine.reason && <span className="quiet small">{tell(model.engine.told, model.engine.reason)}</span>}</>],
    [t("models.runtime"), model.runtime && <code>{model.runtime}</code>], [t("models.class"), model.check.service_class && <code>{model.check.service_class}</code>],
    [t("models.weights"), model.check.model_path && <code>{model.check.model_path}</code>],
    [t("models.size"), model.model_size > 0 && t("models.sizeOf", { size: bytes(model.model_size), count: model.files, told: count(model.files) })],
    ...metricsOf(model.model_metrics).map(([name, value]): [string, ReactNode] => [name, value]),
    [t("models.origin"), origin], [t("models.code"), model.execution_code && <Address address={model.execution_code} />],
  ];
  return <Card title={t("models.facts")}><dl className="facts">{facts.filter(([, told]) => told).map(([name, told]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{told}</dd></div>)}</dl></Card>;
}

function metricsOf(text: string): [string, string][] {
  const told = JSON.parse(text || "{}") as Record<string, unknown>;
  return Object.entries(told).flatMap(([name, value]) => (typeof value === "number" || typeof value === "string" ? [[name, String(value)] as [string, string]] : []));
}

function Services({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["services", "of", id], refetchInterval: 5000,
    queryFn: async ({ signal }) => ((await call("GET /v1/{project_id}/services", { query: { model_id: id }, signal })) as unknown as { services: ListedService[] }).services,
  });
  return (
    <Card title={t("models.usedBy")}>
      {found.error && !found.data ? <Failure error={found.error} /> : !found.data ? <Loading />
        : found.data.length === 0 ? <p className="quiet">{t("models.runsNowhere")}</p>
        : <ul className="named">{found.data.map((one) => <li key={one.service_id} className="service-head"><Link to={pageOf(one)}>{one.service_name}</Link> <Standing service={one} /></li>)}</ul>}
    </Card>
  );
}

/** Tags, and pages about it; nothing where nothing was said. */
function Said({ model }: { model: Model }) {
  const { t } = useTranslation();
  if (model.tags.length + model.model_docs.length === 0) return null;
  return (
    <Card title={t("models.said")}>
      <div className="stack">
        {model.tags.length > 0 && <ul className="tags" aria-label={t("models.tags")}>{model.tags.map((tag) => <li key={tag.key}>{tag.value ? `${tag.key}: ${tag.value}` : tag.key}</li>)}</ul>}
        {model.model_docs.length > 0 && <ul className="named">{model.model_docs.map((doc) => <li key={doc.doc_name}>{isWeb(doc.doc_url) ? <a href={doc.doc_url} target="_blank" rel="noreferrer">{doc.doc_name}</a> : <>{doc.doc_name} <code className="quiet">{doc.doc_url}</code></>}</li>)}</ul>}
      </div>
    </Card>
  );
}

/** Anything else is shown, and leads nowhere. */
const isWeb = (address: string) => /^https?:\/\//i.test(address);
