/** A new service, or a change of one that answers meanwhile: filled in, looked at once more, sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Steps, Tabs } from "antd";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { caller, Refusal } from "../api/call";
import { useMay } from "../api/session";
import { CopyButton } from "../kit/copy";
import { duration } from "../kit/duration";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { listPublished, type ListedModel } from "../models/calls";
import { tellError } from "../words/errors";
import { changeService, makeService, readService, type Service } from "./calls";
import { Fields } from "./deploy/fields";
import { BLANK, changeBody, cliOf, restOf, serviceBody, wantedOf, WHOLE, type Wanted } from "./deploy/form";
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
  const go = useNavigate();
  const queries = useQueryClient();
  const [told] = useSearchParams();
  const [form] = Form.useForm<Wanted>();
  const asked = told.get("model") ?? "";
  const first = useMemo(() => firstWanted(models, service, asked), [models, service, asked]);
  const [step, setStep] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const values = (): Wanted => ({ ...first, ...(form.getFieldsValue(true) as Partial<Wanted>) });
  const room = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: the keyboard goes on from here.
    if (step > 0) room.current?.focus();
    document.querySelector(".beside")?.scrollTo(0, 0);
  }, [step]);
  const next = async () => {
    setProblem(undefined);
    try {
      await form.validateFields();
      setStep(1);
    } catch (error) {
      const field = (error as { errorFields?: { name: (string | number)[] }[] }).errorFields?.[0]?.name ?? "name";
      setTimeout(() => form.scrollToField(field, { focus: true, block: "center" }));
    }
  };
  const send = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const id = service ? service.service_id : await makeService(serviceBody(values()));
      if (service) await changeService(id, changeBody(values(), service));
      await queries.invalidateQueries({ queryKey: ["service", id] });
      void go(`/console/services/${id}`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <div ref={room} className="make" tabIndex={-1}>
      <Steps size="small" current={step} items={[{ title: t("create.fill") }, { title: t("deploy.confirm") }]} />
      <div hidden={step === 1}>
        <Form form={form} layout="vertical" requiredMark={false} initialValues={first} validateTrigger={["onChange", "onBlur"]} scrollToFirstError={false}>
          <Fields models={models} service={service} />
        </Form>
      </div>
      {step === 1 && <Confirm wanted={values()} service={service} />}
      {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}{problem instanceof Refusal && problem.parameters.field ? ` (${String(problem.parameters.field)})` : ""}</p>}
      <div className="make-foot">
        {step === 0 ? <Button type="primary" onClick={() => void next()}>{t("create.next")}</Button> : (
          <>
            <Button onClick={() => setStep(0)}>{t("create.back")}</Button>
            <Button type="primary" loading={busy} onClick={() => void send()}>{t(service ? "deploy.changeIt" : "deploy.deployIt")}</Button>
          </>
        )}
      </div>
    </div>
  );
}

function Confirm({ wanted, service }: { wanted: Wanted; service: Service | undefined }) {
  const { t } = useTranslation();
  const variables = wanted.variables.filter((one) => one?.name);
  const facts: [string, ReactNode][] = [
    [t("kit.name"), wanted.name], [t("kit.description"), wanted.description], [t("deploy.model"), wanted.model],
    [t("services.versions"), wanted.versions.map((one) => <div key={one.id}><b>{one.version}</b> · {one.weight} % · {t("deploy.instances", { count: one.instances })}</div>)],
    [t("jobs.flavour"), wanted.flavour], [t("jobs.environment"), variables.length > 0 && variables.map((one) => <div key={one.name}><code>{one.name}={one.value}</code></div>)],
    [t("jobs.autoStop"), wanted.hours ? duration(wanted.hours * 3600) : t("jobs.never")],
  ];
  const cli = cliOf(wanted, service);
  const rest = restOf(wanted, location.origin, caller.projectId, service);
  const snippets = [...(cli ? [["cli", t("create.cli"), cli] as const] : []), ["rest", "REST", rest] as const];
  const items = snippets.map(([key, label, text]) => ({
    key, label, children: <div className="snippet-box"><pre className="snippet" tabIndex={0} aria-label={label}>{text}</pre><CopyButton text={text} label={t("kit.copy")} /></div>,
  }));
  return (
    <div className="parts">
      <Card title={t(service ? "deploy.lookChange" : "deploy.look")} about={service ? t("deploy.rolling") : undefined}>
        <dl className="facts">{facts.filter(([, one]) => one).map(([name, one]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{one}</dd></div>)}</dl>
      </Card>
      <Card title={t("create.elsewhere")} about={t("create.elsewhereAbout")}><Tabs items={items} size="small" /></Card>
    </div>
  );
}
