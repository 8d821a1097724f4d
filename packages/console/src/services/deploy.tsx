/** A new service, or a change of one that answers meanwhile: filled in, looked at once more, sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import { readAnew } from "../api/anew";
import { caller } from "../api/call";
import { useMay } from "../api/session";
import { duration } from "../kit/duration";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { Elsewhere } from "../kit/snippets";
import { TwoSteps } from "../kit/two-steps";
import { listPublished, type ListedModel } from "../models/calls";
import { changeService, makeService, readService, type Service } from "./calls";
import { Fields } from "./deploy/fields";
import { BLANK, changeBody, cliOf, restOf, sdkOf, serviceBody, wantedOf, WHOLE, type Wanted } from "./deploy/form";
import { useSizeOf } from "../training/create/choices";
import "../training/training.css";
import "./services.css";

export function Component() {
  const { t } = useTranslation();
  const { service: id = "" } = useParams();
  const may = useMay("member");
  const models = useQuery({ queryKey: ["models", "published"], queryFn: ({ signal }) => listPublished(signal) });
  const service = useQuery({ queryKey: ["service", id, "origin"], enabled: id !== "", staleTime: Infinity, gcTime: 0, queryFn: ({ signal }) => readService(id, signal) });
  const found = [models, ...(id ? [service] : [])];
  const failed = found.find((one) => one.error && !one.data);
  const crumbs = [
    { label: t("menu.services"), to: "/console/services" },
    ...(service.data ? [{ label: service.data.service_name, to: `/console/services/${id}` }] : []),
  ];
  return (
    <Page title={id ? t("services.change") : t("services.new")} crumbs={crumbs} about={id ? t("deploy.changeAbout") : undefined}>
      {!may ? <Card><Empty icon={<LockOutlined />} title={t("kit.notAllowed")} about={t("errors.refused.role")} /></Card>
        : failed ? <Card><Failure error={failed.error} again={() => void failed.refetch()} /></Card>
        : !models.data || (id && !service.data) ? <Card><Loading /></Card>
        : models.data.length === 0 && !service.data ? <Card><Empty title={t("deploy.noModels")} about={t("deploy.noModelsAbout")} command="maquette models import obs://BUCKET/model/" /></Card>
        : <Make key={id} models={models.data} service={service.data} />}
    </Page>
  );
}

/** What stands in the form at first: the service as it is, or a version that the address names. */
function firstWanted(models: ListedModel[], service: Service | undefined, model: string): Wanted {
  if (service) return wantedOf(service);
  const named = models.find((one) => one.model_id === model) ?? (models.length === 1 ? models[0] : undefined);
  if (!named) return BLANK;
  return { ...BLANK, name: named.model_name, model: named.model_name, versions: [{ id: named.model_id, version: named.model_version, weight: WHOLE, instances: 1 }] };
}

function Make({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [told] = useSearchParams();
  const asked = told.get("model") ?? "";
  const blank = useMemo(() => firstWanted(models, service, asked), [models, service, asked]);
  const send = async (wanted: Wanted) => {
    const id = service ? service.service_id : await makeService(serviceBody(wanted));
    if (service) await changeService(id, changeBody(wanted, service));
    await readAnew(queries, ["service", id]);
    return `/console/services/${id}`;
  };
  return (
    <TwoSteps
      // A change is not kept: what the service is may have become another before one comes back.
      keptAs={service ? null : `service${asked && ` ${asked}`}`} blank={blank} send={send}
      fields={() => <Fields models={models} service={service} />} confirm={(wanted) => <Confirm wanted={wanted} service={service} />}
      words={{ confirm: t("deploy.confirm"), send: t(service ? "deploy.changeIt" : "deploy.deployIt") }}
    />
  );
}

function Confirm({ wanted, service }: { wanted: Wanted; service: Service | undefined }) {
  const { t } = useTranslation();
  const size = useSizeOf(wanted.flavour);
  const variables = wanted.variables.filter((one) => one?.name);
  const facts: [string, ReactNode][] = [
    [t("kit.name"), wanted.name], [t("kit.description"), wanted.description], [t("deploy.model"), wanted.model],
    [t("services.versions"), wanted.versions.map((one) => <div key={one.id}><b>{one.version}</b> · {one.weight} % · {t("deploy.instances", { count: one.instances })}</div>)],
    [t("jobs.flavour"), size], [t("jobs.environment"), variables.length > 0 && variables.map((one) => <div key={one.name}><code>{one.name}={one.value}</code></div>)],
    [t("jobs.autoStop"), wanted.hours ? duration(wanted.hours * 3600) : t("jobs.never")],
  ];
  return (
    <div className="parts">
      <Card title={t(service ? "deploy.lookChange" : "deploy.look")} about={service ? t("deploy.rolling") : undefined}>
        <dl className="facts">{facts.filter(([, one]) => one).map(([name, one]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{one}</dd></div>)}</dl>
      </Card>
      <Elsewhere ways={{ cli: cliOf(wanted, service) || null, sdk: sdkOf(wanted, service), rest: restOf(wanted, location.origin, caller.projectId, service) }} />
    </div>
  );
}
