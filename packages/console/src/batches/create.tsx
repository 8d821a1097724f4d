/** A new batch service, or other inputs for one that rests: filled in, looked at once more, sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Steps } from "antd";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { caller, Refusal } from "../api/call";
import { useMay } from "../api/session";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { keep, kept } from "../kit/kept";
import { Card, Page } from "../kit/page";
import { listPublished, readModel, type ListedModel } from "../models/calls";
import { changeService, isUp, makeService, readService, type Service } from "../services/calls";
import { tellError } from "../words/errors";
import { readApis } from "./apis";
import { Fields } from "./fields";
import { batchBody, BLANK, configOf, snippetsOf, sourceOf, wantedOf, type Wanted } from "./form";
import { Same } from "./same";
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
  const go = useNavigate();
  const queries = useQueryClient();
  const [told] = useSearchParams();
  const [form] = Form.useForm<Wanted>();
  const asked = told.get("model") ?? "";
  const key = `maquette-new-batch${service ? ` ${service.service_id}` : asked && ` ${asked}`}`;
  const blank = useMemo(() => firstWanted(models, service, asked), [models, service, asked]);
  const first = useMemo((): Wanted => ({ ...blank, ...kept<Wanted>(key) }), [blank, key]);
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
  const attempt = async (work: () => Promise<void>) => {
    setProblem(undefined);
    setBusy(true);
    try {
      await work();
    } catch (error) {
      const wrong = (error as { errorFields?: { name: (string | number)[] }[] }).errorFields?.[0]?.name;
      if (wrong) setTimeout(() => form.scrollToField(wrong, { focus: true, block: "center" }));
      else setProblem(error);
    }
    setBusy(false);
  };
  const next = () => attempt(async () => {
    await form.validateFields();
    setStep(1);
  });
  const send = () => attempt(async () => {
    const wanted = values();
    const api = await apiOf(wanted);
    const id = service ? service.service_id : await makeService(batchBody(wanted, api));
    if (service) await changeService(id, { description: wanted.description, config: [configOf(wanted, api, service.config[0]?.custom_spec)] });
    keep(key, null);
    await queries.invalidateQueries({ queryKey: ["service", id] });
    void go(`/console/batches/${id}`);
  });
  const clear = () => {
    keep(key, null);
    form.setFieldsValue(blank);
  };
  const slow = busy && { delay: 300 };
  return (
    <div ref={room} className="make" tabIndex={-1}>
      <Steps size="small" current={step} items={[{ title: t("create.fill") }, { title: t(service ? "deploy.changeIt" : "create.confirm") }]} />
      <div hidden={step === 1}>
        <Form
          form={form} layout="vertical" requiredMark={false} initialValues={first} validateTrigger={["onChange", "onBlur"]} scrollToFirstError={false}
          onValuesChange={(_, all: Wanted) => keep(key, { ...first, ...all })}
        >
          <Fields models={models} service={service} />
        </Form>
      </div>
      {step === 1 && <Confirm wanted={values()} models={models} service={service} />}
      {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}{problem instanceof Refusal && problem.parameters.field ? ` (${String(problem.parameters.field)})` : ""}</p>}
      <div className="make-foot">
        {step === 0 ? (
          <>
            <Button type="text" onClick={clear}>{t("create.clear")}</Button>
            <Button key="next" type="primary" loading={slow} onClick={() => void next()}>{t("create.next")}</Button>
          </>
        ) : (
          <>
            <Button onClick={() => setStep(0)}>{t("create.back")}</Button>
            <Button key="send" type="primary" loading={slow} onClick={() => void send()}>{t(service ? "deploy.changeIt" : "create.start")}</Button>
          </>
        )}
      </div>
    </div>
  );
}

async function apiOf(wanted: Wanted) {
  const apis = readApis((await readModel(wanted.version)).config);
  return apis.find((one) => one.url === wanted.path) ?? apis[0];
}

function Confirm({ wanted, models, service }: { wanted: Wanted; models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
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
    [t("jobs.flavour"), wanted.flavour], [t("services.instances"), wanted.instances],
    [t("jobs.environment"), variables.length > 0 && variables.map((one) => <div key={one.name}><code>{one.name}={one.value}</code></div>)],
  ];
  return (
    <div className="parts">
      <Card title={t(service ? "deploy.lookChange" : "create.look")} about={service ? t("batches.changeLook") : undefined}>
        <dl className="facts">{facts.filter(([, one]) => one).map(([name, one]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{one}</dd></div>)}</dl>
      </Card>
      {!service && <Same snippets={snippetsOf(wanted, version, api, location.origin, caller.projectId)} />}
    </div>
  );
}
