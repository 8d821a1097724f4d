/** The fields of a service: which versions, how much of the calls each takes, what an instance may use. */

import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Slider } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { CloseOutlined, PlusOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { absolute } from "../../kit/time";
import type { ListedModel } from "../../models/calls";
import { readFlavours } from "../../training/create/choices";
import { spoken } from "../../words";
import type { Service } from "../calls";
import { chosen, differs, evenly, rebalance, SERVICE_NAME, VARIABLE, WHOLE, type Wanted, type WantedVersion } from "./form";

const MOST_INSTANCES = 64;

export function Fields({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="parts">
      <Card>
        <div className="three">
          <Form.Item name="name" label={t("kit.name")} extra={service ? undefined : t("create.nameRule")} rules={[{ required: true, message: t("kit.needed") }, { pattern: SERVICE_NAME, message: t("create.nameRule") }]}>
            <Input disabled={service !== undefined} autoFocus={!service} autoComplete="off" spellCheck={false} maxLength={64} />
          </Form.Item>
          <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={100} /></Form.Item>
        </div>
      </Card>
      <Versions models={models} service={service} />
      <Machine service={service} />
      <Card title={t("jobs.environment")} about={t("deploy.variablesAbout")}><Variables /></Card>
    </div>
  );
}

function Versions({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const model = (Form.useWatch("model", form) ?? form.getFieldValue("model")) as string;
  const names = [...new Set([...models.map((one) => one.model_name), ...(service ? service.config.map((one) => one.model_name) : [])])];
  const change = (name: string) => {
    const newest = models.find((one) => one.model_name === name);
    form.setFieldValue("versions", newest ? [{ id: newest.model_id, version: newest.model_version, weight: WHOLE, instances: 1 }] : []);
    if (!service && !form.getFieldValue("name")) form.setFieldValue("name", name);
  };
  const needed = (_: unknown, rows: WantedVersion[]) => (rows.length > 0 ? Promise.resolve() : Promise.reject(new Error(t("deploy.needVersion"))));
  return (
    <Card title={t("deploy.what")}>
      <Form.Item name="model" label={t("deploy.model")} rules={[{ required: true, message: t("kit.needed") }]}>
        <Select showSearch options={names.map((name) => ({ value: name, label: name }))} onChange={change} />
      </Form.Item>
      <Form.Item name="versions" rules={[{ validator: needed }]} className="plain-item"><Weights models={models.filter((one) => one.model_name === model)} /></Form.Item>
    </Card>
  );
}

/** The versions that are chosen, each with its weight: whoever moves one moves the others, so that all are a hundred. */
function Weights({ models, value = [], onChange }: { models: ListedModel[]; value?: WantedVersion[]; onChange?: (rows: WantedVersion[]) => void }) {
  const { t } = useTranslation();
  const options = models.map((one) => ({ value: one.model_id, label: one.model_version, at: one.create_at / 1000 }));
  // A version that is gone meanwhile, and still runs, stays in the list.
  for (const one of value) if (!options.some((other) => other.value === one.id)) options.push({ value: one.id, label: one.version, at: 0 });
  const choose = (ids: string[]) => onChange?.(chosen(value, ids.map((id) => ({ id, version: options.find((one) => one.value === id)?.label ?? "" }))));
  const weigh = (weights: number[]) => onChange?.(value.map((one, at) => ({ ...one, weight: weights[at] ?? 0 })));
  const set = (at: number, weight: number | null) => { if (weight !== null) weigh(rebalance(value.map((one) => one.weight), at, weight)); };
  const count = (at: number, instances: number | null) => { if (instances) onChange?.(value.map((one, place) => (place === at ? { ...one, instances } : one))); };
  return (
    <div className="stack">
      <label className="field">
        <span>{t("services.versions")}</span>
        <Select
          mode="multiple" value={value.map((one) => one.id)} options={options} onChange={choose} optionFilterProp="label" placeholder={t("deploy.chooseVersions")}
          optionRender={(one) => <span>{one.data.label} {one.data.at > 0 && <span className="quiet">· {absolute(one.data.at, spoken())}</span>}</span>}
        />
      </label>
      {value.length > 0 && (
        <div role="group" aria-label={t("services.weight")}>
          <div className="weight-row quiet small" aria-hidden><span>{t("services.version")}</span><span>{t("deploy.share")}</span><span>{t("services.instances")}</span></div>
          {value.map((one, at) => (
            <div className="weight-row" key={one.id}>
              <b>{one.version}</b>
              {value.length > 1
                ? (
                  <span className="weight-tools">
                    <Slider min={0} max={WHOLE} value={one.weight} onChange={(weight) => set(at, weight)} ariaLabelForHandle={t("deploy.weightOf", { version: one.version })} />
                    <InputNumber min={0} max={WHOLE} precision={0} suffix="%" value={one.weight} onChange={(weight) => set(at, weight)} aria-label={t("deploy.weightOf", { version: one.version })} />
                  </span>
                ) : <span>{WHOLE} %</span>}
              <InputNumber min={1} max={MOST_INSTANCES} precision={0} value={one.instances} onChange={(instances) => count(at, instances)} aria-label={t("deploy.instancesOf", { version: one.version })} />
            </div>
          ))}
          {value.length > 1 && <p className="quiet small">{t("deploy.together")} <Button size="small" type="link" onClick={() => weigh(evenly(value.length))}>{t("deploy.evenly")}</Button></p>}
        </div>
      )}
    </div>
  );
}

function Machine({ service }: { service: Service | undefined }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const flavours = useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });
  const flavour = Form.useWatch("flavour", form) as string | undefined;
  useEffect(() => {
    const usual = flavours.data?.[0];
    if (usual && !form.getFieldValue("flavour")) form.setFieldValue("flavour", usual.id);
  }, [flavours.data, form]);
  const known = flavours.data ?? [];
  const options = known.map((one) => ({ value: one.id, label: `${t("create.cores", { count: one.cores })} · ${one.memory} GB${one.gpus ? ` · ${one.gpus} GPU` : ""}` }));
  if (flavour && !known.some((one) => one.id === flavour)) options.push({ value: flavour, label: flavour });
  return (
    <Card title={t("create.machine")}>
      {service && differs(service.config) && <p className="problem">{t("deploy.differs")}</p>}
      <div className="three">
        <Form.Item name="flavour" label={t("jobs.flavour")} extra={t("deploy.flavourAbout")}><Select options={options} loading={flavours.isLoading} /></Form.Item>
        <Form.Item name="hours" label={t("create.hours")} extra={t("create.hoursAbout")}><InputNumber min={0.1} max={10_000} step={1} /></Form.Item>
      </div>
    </Card>
  );
}

function Variables() {
  const { t } = useTranslation();
  const label = t("jobs.environment");
  return (
    <Form.List name="variables">
      {(rows, { add, remove }) => (
        <div className="rows">
          {rows.map(({ key, name: at }) => (
            <div className="row" key={key}>
              <Form.Item name={[at, "name"]} rules={[{ required: true, message: t("kit.needed") }, { pattern: VARIABLE, message: t("create.variableRule") }]}>
                <Input aria-label={`${t("kit.name")} ${at + 1}`} placeholder={t("kit.name")} autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item name={[at, "value"]}><Input aria-label={`${t("create.value")} ${at + 1}`} placeholder={t("create.value")} autoComplete="off" spellCheck={false} /></Form.Item>
              <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: `${label} ${at + 1}` })} onClick={() => remove(at)} />
            </div>
          ))}
          <div><Button icon={<PlusOutlined />} onClick={() => add({ name: "", value: "" })}>{t("deploy.addVariable")}</Button></div>
        </div>
      )}
    </Form.List>
  );
}
