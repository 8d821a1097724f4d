/** A new batch service, or other inputs for one that rests: filled in, looked at once more, sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import { readAnew } from "../api/anew";
import { caller } from "../api/call";
import { useMay } from "../api/session";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { Elsewhere } from "../kit/snippets";
import { TwoSteps } from "../kit/two-steps";
import { listPublished, readModel, type ListedModel } from "../models/calls";
import { changeService, isUp, makeService, readService, type Service } from "../services/calls";
import { readApis } from "./apis";
import { Fields } from "./fields";
import { batchBody, BLANK, configOf, snippetsOf, sourceOf, wantedOf, type Wanted } from "./form";
import { useSizeOf } from "../training/create/choices";
import "../training/training.css";
import "../services/services.css";
import "./batches.css";

export function Component() {
  const { t } = useTranslation();
  const { service: id = "" } = useParams();
  const may = useMay("member");
  const models = useQuery({ queryKey: ["models", "published"], queryFn: ({ signal }) => listPublished(signal) });
  const service = useQuery({ queryKey: ["service", id, "origin"], enabled: id !== "", staleTime: Infinity, gcTime: 0, queryFn: ({ signal }) => readService(id, signal) });
  const failed = [models, ...(id ? [service] : [])].find((one) => one.error && !one.data);
  const crumbs = [
    { label: t("menu.batches"), to: "/console/batches" },
    ...(service.data ? [{ label: service.data.service_name, to: `/console/batches/${id}` }] : []),
  ];
  return (
    <Page title={id ? t("batches.change") : t("batches.new")} crumbs={crumbs} about={t(id ? "batches.changeAbout" : "batches.newAbout")}>
      {!may ? <Card><Empty icon={<LockOutlined />} title={t("kit.notAllowed")} about={t("errors.refused.role")} /></Card>
        : failed ? <Card><Failure error={failed.error} again={() => void failed.refetch()} /></Card>
        : !models.data || (id && !service.data) ? <Card><Loading /></Card>
        : models.data.length === 0 && !service.data ? <Card><Empty title={t("deploy.noModels")} about={t("deploy.noModelsAbout")} command="maquette models import obs://BUCKET/model/" /></Card>
        : service.data && isUp(service.data) ? <Card><Empty title={t("batches.stopFirst")} about={t("batches.stopFirstAbout")} command={`maquette batch stop ${service.data.service_name}`} /></Card>
        : <Make key={id} models={models.data} service={service.data} />}
    </Page>
  );
}

function firstWanted(models: ListedModel[], service: Service | undefined, model: string): Wanted {
  if (service) return wantedOf(service);
  const named = models.find((one) => one.model_id === model) ?? (models.length === 1 ? models[0] : undefined);
  return named ? { ...BLANK, model: named.model_name, version: named.model_id } : BLANK;
}

function Make({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [told] = useSearchParams();
  const asked = told.get("model") ?? "";
  const blank = useMemo(() => firstWanted(models, service, asked), [models, service, asked]);
  const send = async (wanted: Wanted) => {
    const api = await apiOf(wanted);
    const id = service ? service.service_id : await makeService(batchBody(wanted, api));
    if (service) await changeService(id, { description: wanted.description, config: [configOf(wanted, api, service.config[0]?.custom_spec)] });
    await readAnew(queries, ["service", id]);
    return `/console/batches/${id}`;
  };
  return (
    <TwoSteps
      keptAs={`batch${service ? ` ${service.service_id}` : asked && ` ${asked}`}`} blank={blank} send={send}
      fields={() => <Fields models={models} service={service} />} confirm={(wanted) => <Confirm wanted={wanted} models={models} service={service} />}
      words={{ confirm: t(service ? "deploy.changeIt" : "create.confirm"), send: t(service ? "deploy.changeIt" : "create.start") }}
    />
  );
}

async function apiOf(wanted: Wanted) {
  const apis = readApis((await readModel(wanted.version)).config);
  return apis.find((one) => one.url === wanted.path) ?? apis[0];
}

function Confirm({ wanted, models, service }: { wanted: Wanted; models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  const size = useSizeOf(wanted.flavour);
  const found = useQuery({ queryKey: ["model", wanted.version], staleTime: Infinity, queryFn: ({ signal }) => readModel(wanted.version, signal) });
  if (!found.data) return found.error ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card> : <Card><Loading /></Card>;
  const apis = readApis(found.data.config);
  const api = apis.find((one) => one.url === wanted.path) ?? apis[0];
  const version = models.find((one) => one.model_id === wanted.version)?.model_version ?? found.data.model_version;
  const variables = wanted.variables.filter((one) => one?.name);
  const facts: [string, ReactNode][] = [
    [t("kit.name"), wanted.name], [t("kit.description"), wanted.description], [t("deploy.model"), `${wanted.model} ${version}`],
    [t(wanted.by === "manifest" ? "batches.manifest" : "batches.folder"), <code key="source">{sourceOf(wanted)}</code>],
    [t("batches.sent"), api?.files.length === 1 ? t("batches.byFile", { name: api.files[0] }) : t("batches.byRow")],
    [t("batches.target"), <code key="target">{wanted.target}</code>],
    [t("jobs.flavour"), size], [t("services.instances"), wanted.instances],
    [t("jobs.environment"), variables.length > 0 && variables.map((one) => <div key={one.name}><code>{one.name}={one.value}</code></div>)],
  ];
  return (
    <div className="parts">
      <Card title={t(service ? "deploy.lookChange" : "create.look")} about={service ? t("batches.changeLook") : undefined}>
        <dl className="facts">{facts.filter(([, one]) => one).map(([name, one]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{one}</dd></div>)}</dl>
      </Card>
      {!service && <Elsewhere ways={snippetsOf(wanted, version, api, location.origin, caller.projectId)} />}
    </div>
  );
}
