/** The fields of a service: which versions, how much of the calls each takes, what an instance may use. */

import { Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";

import { Card } from "../../kit/page";
import { absolute } from "../../kit/time";
import type { ListedModel } from "../../models/calls";
import { spoken } from "../../words";
import type { Service } from "../calls";
import { FlavourItem } from "./flavour";
import { chosen, differs, WHOLE, type Wanted, type WantedVersion } from "./form";
import { Naming } from "./naming";
import { Variables } from "./variables";
import { Weights } from "./weights";

const MOST_HOURS = 24 * 365;

export function Fields({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="parts">
      <Naming fixed={service !== undefined} />
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
      <Form.Item name="versions" rules={[{ validator: needed }]} className="plain-item"><Chosen models={models.filter((one) => one.model_name === model)} /></Form.Item>
    </Card>
  );
}

/** The versions that are chosen, each with its weight. */
function Chosen({ models, value = [], onChange }: { models: ListedModel[]; value?: WantedVersion[]; onChange?: (rows: WantedVersion[]) => void }) {
  const { t } = useTranslation();
  const options = models.map((one) => ({ value: one.model_id, label: one.model_version, at: one.create_at / 1000 }));
  // A version that is gone meanwhile, and still runs, stays in the list.
  for (const one of value) if (!options.some((other) => other.value === one.id)) options.push({ value: one.id, label: one.version, at: 0 });
  const choose = (ids: string[]) => onChange?.(chosen(value, ids.map((id) => ({ id, version: options.find((one) => one.value === id)?.label ?? "" }))));
  return (
    <div className="stack">
      <label className="field">
        <span>{t("services.versions")}</span>
        <Select
          mode="multiple" value={value.map((one) => one.id)} options={options} onChange={choose} optionFilterProp="label" placeholder={t("deploy.chooseVersions")}
          optionRender={(one) => <span>{one.data.label} {one.data.at > 0 && <span className="quiet">· {absolute(one.data.at, spoken())}</span>}</span>}
        />
      </label>
      {value.length > 0 && <Weights value={value} onChange={(rows) => onChange?.(rows)} />}
    </div>
  );
}

function Machine({ service }: { service: Service | undefined }) {
  const { t } = useTranslation();
  return (
    <Card title={t("create.machine")}>
      {service && differs(service.config) && <p className="problem">{t("deploy.differs")}</p>}
      <div className="three">
        <FlavourItem />
        <Form.Item name="hours" label={t("create.hours")} extra={t("create.hoursAbout")}><InputNumber min={0.1} max={MOST_HOURS} step={1} /></Form.Item>
      </div>
    </Card>
  );
}
