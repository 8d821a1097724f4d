/** An algorithm, new or known: where its code lies, and what a job may and must give it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import { readAnew } from "../../api/anew";
import { useMay } from "../../api/session";
import { PlaceField } from "../../kit/bucket-picker";
import { Empty, Failure, Loading } from "../../kit/faces";
import { CloseOutlined, LockOutlined, PlusOutlined } from "../../kit/icons";
import { Card, Page } from "../../kit/page";
import { tellError } from "../../words/errors";
import { readEngines } from "../create/choices";
import { placeRule, rule } from "../create/validators";
import { asFolder, CHANNEL, JOB_NAME } from "../create/form";
import { descriptionsOf, FREE, NAME, problemOf, rangeProblem, type Declared, type Described } from "../create/parameters";
import { SEPARATORS } from "../create/search";
import { keepAlgorithm, readAlgorithm, type Algorithm, type Channel } from "./calls";
import { Ends } from "./ends";
import "../training.css";

interface Wanted {
  name: string;
  description: string;
  code: string;
  boot_file: string;
  engine: string;
  inputs: Channel[];
  outputs: Channel[];
  parameters: Written[];
  free: boolean;
}

interface Written extends Declared {
  descriptions: Described;
}

const BLANK: Wanted = {
  name: "", description: "", code: "", boot_file: "", engine: "", inputs: [{ name: "data_url", description: "" }], outputs: [{ name: "train_url", description: "" }], parameters: [], free: true,
};

export function Component() {
  const { t } = useTranslation();
  const { algorithm: id = "" } = useParams();
  const may = useMay("member");
  const found = useQuery({ queryKey: ["algorithm", id], enabled: id !== "", queryFn: ({ signal }) => readAlgorithm(id, signal) });
  const crumbs = [{ label: t("menu.algorithms"), to: "/console/algorithms" }];
  return (
    <Page title={found.data?.metadata.name ?? t("algorithms.new")} crumbs={crumbs}>
      {!id && !may ? <Card><Empty icon={<LockOutlined />} title={t("kit.notAllowed")} about={t("errors.refused.role")} /></Card>
        : found.error ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>
        : id && !found.data ? <Card><Loading /></Card>
        : <Edit key={id} id={id} known={found.data} />}
    </Page>
  );
}

function wantedOf({ metadata, job_config: config }: Algorithm): Wanted {
  const code = asFolder(config.code_dir);
  return {
    name: metadata.name, description: metadata.description, code, boot_file: config.boot_file.startsWith(code) ? config.boot_file.slice(code.length) : config.boot_file,
    engine: config.engine.engine_id, inputs: config.inputs, outputs: config.outputs, parameters: config.parameters.map((one) => ({ ...one, descriptions: descriptionsOf(one) })), free: config.parameters_customization,
  };
}

/** One description where there is one only, else that of each language. */
function declaredOf({ descriptions, ...one }: Written) {
  const given = Object.fromEntries(Object.entries(descriptions).filter(([, text]) => text));
  return { name: one.name, value: one.value, constraint: one.constraint, description: descriptions["en-us"] || descriptions["zh-cn"], ...(Object.keys(given).length > 1 && { i18n_description: given }) };
}

function Edit({ id, known }: { id: string; known: Algorithm | undefined }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const queries = useQueryClient();
  const may = useMay("member");
  const [form] = Form.useForm<Wanted>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const code = Form.useWatch("code", form) ?? "";
  const engines = useQuery({ queryKey: ["job-engines"], staleTime: 60_000, queryFn: ({ signal }) => readEngines(signal) });
  const keep = async () => {
    // All of it, also what no field shows: that stays as it was.
    const wanted = form.getFieldsValue(true) as Wanted;
    setBusy(true);
    setProblem("");
    try {
      await keepAlgorithm(id, {
        metadata: { name: wanted.name, description: wanted.description ?? "" },
        job_config: {
          code_dir: asFolder(wanted.code), boot_file: wanted.boot_file, engine: { engine_id: wanted.engine },
          parameters: wanted.parameters.map(declaredOf), parameters_customization: wanted.free, inputs: wanted.inputs, outputs: wanted.outputs, ...(known && { command: known.job_config.command }),
        },
        ...(known && { resource_requirements: known.resource_requirements.map(({ key, values }) => ({ key, values, operator: "in" as const })), advanced_config: known.advanced_config }),
      });
      await readAnew(queries, ["algorithms"], ["algorithm", id]);
      void go("/console/algorithms");
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} disabled={!may} className="make" initialValues={known ? wantedOf(known) : BLANK} scrollToFirstError={{ focus: true, block: "center" }} onFinish={() => void keep()}>
      <Card>
        <div className="three">
          <Form.Item name="name" label={t("kit.name")} extra={t("create.nameRule")} rules={[{ required: true, message: t("kit.needed") }, { pattern: JOB_NAME, message: t("create.nameRule") }]}><Input autoComplete="off" spellCheck={false} maxLength={64} /></Form.Item>
          <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={256} /></Form.Item>
        </div>
      </Card>
      <Card title={t("create.code")}>
        <div className="three">
          <Form.Item name="code" label={t("jobs.code")} extra={t("create.codeAbout")} rules={[placeRule(t, true)]}><PlaceField kind="folder" label={t("jobs.code")} placeholder="obs://my-data/code/" disabled={!may} /></Form.Item>
          <Form.Item name="boot_file" label={t("jobs.bootFile")} extra={t("create.bootAbout")} rules={[{ required: true, message: t("kit.needed") }, { pattern: /^(?!\/).*\.pyc?$/, message: t("create.bootRule") }]}>
            <PlaceField kind="object" label={t("jobs.bootFile")} placeholder="train.py" within={asFolder(code)} ending=".py" disabled={!may} short={(address) => (address.startsWith(asFolder(code)) ? address.slice(asFolder(code).length) : address)} />
          </Form.Item>
          <Form.Item name="engine" label={t("jobs.engine")} rules={[{ required: true, message: t("kit.needed") }]}>
            <Select showSearch loading={engines.isLoading} popupMatchSelectWidth={false} options={(engines.data ?? []).map((group) => ({ label: group.name, options: group.engines.map((one) => ({ value: one, label: one })) }))} />
          </Form.Item>
        </div>
      </Card>
      <Card title={t("create.data")} about={t("algorithms.placesAbout")}><div className="parts"><Channels part="inputs" /><Channels part="outputs" /></div></Card>
      <Card title={t("jobs.parameters")}>
        <Declarations />
        <Form.Item name="free" valuePropName="checked" className="free"><Checkbox>{t("algorithms.free")}</Checkbox></Form.Item>
      </Card>
      {problem && <p className="problem" role="alert">{problem}</p>}
      {may && <div className="make-foot"><Button onClick={() => void go("/console/algorithms")}>{t("kit.keep")}</Button><Button type="primary" htmlType="submit" loading={busy}>{t(id ? "algorithms.keep" : "kit.make")}</Button></div>}
    </Form>
  );
}

function Channels({ part }: { part: "inputs" | "outputs" }) {
  const { t } = useTranslation();
  const label = t(`jobs.${part}`);
  return (
    <Form.List name={part}>
      {(rows, change) => (
        <fieldset className="rows">
          <legend>{label}</legend>
          {rows.map((row) => (
            <div key={row.key} className="row">
              <Form.Item name={[row.name, "name"]} rules={[{ required: true, message: t("kit.needed") }, { pattern: CHANNEL, message: t("create.channelRule") }]}><Input aria-label={`${label}: ${t("kit.name")} ${row.name + 1}`} placeholder={t("kit.name")} autoComplete="off" spellCheck={false} /></Form.Item>
              <Form.Item name={[row.name, "description"]}><Input aria-label={`${label}: ${t("kit.description")} ${row.name + 1}`} placeholder={t("kit.description")} autoComplete="off" /></Form.Item>
              <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: `${label} ${row.name + 1}` })} onClick={() => change.remove(row.name)} />
            </div>
          ))}
          <div><Button type="dashed" size="small" icon={<PlusOutlined />} onClick={() => change.add({ name: "", description: "" })}>{t("create.add", { what: label })}</Button></div>
        </fieldset>
      )}
    </Form.List>
  );
}

/** What decides whether a value is allowed. */
const LIMITS = ["type", "valid_type", "valid_range"];
const KINDS = ["String", "Integer", "Float", "Boolean"] as const;
const VALIDS = ["None", "Range", "Choice"] as const;

function Declarations() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  return (
    <Form.List name="parameters">
      {(rows, change) => (
        <fieldset className="rows" aria-label={t("jobs.parameters")}>
          {rows.map((row) => <Declaration key={row.key} at={row.name} onRemove={() => change.remove(row.name)} form={form} />)}
          <div><Button type="dashed" size="small" icon={<PlusOutlined />} onClick={() => change.add({ name: "", value: "", description: "", descriptions: { "zh-cn": "", "en-us": "" }, constraint: FREE })}>{t("create.add", { what: t("jobs.parameters") })}</Button></div>
        </fieldset>
      )}
    </Form.List>
  );
}

function Declaration({ at, onRemove, form }: { at: number; onRemove: () => void; form: ReturnType<typeof Form.useFormInstance<Wanted>> }) {
  const { t } = useTranslation();
  const valid = Form.useWatch(["parameters", at, "constraint", "valid_type"], form) as string | undefined;
  const told = () => form.getFieldValue(["parameters", at]) as Declared;
  const fits = rule((value: string | undefined) => {
    const { constraint } = told();
    // Of a range without its ends the field of the ends tells.
    if (value && rangeProblem(constraint)) return problemOf(value, { ...constraint, valid_type: "None" });
    return value ? problemOf(value, constraint) : constraint.required && !constraint.editable ? "needed" : null;
  }, (problem) => {
    const [low = "", high = ""] = told().constraint.valid_range;
    return t(`create.values.${problem}`, { low, high });
  });
  const isRange = rule(() => rangeProblem(told().constraint), (problem) => t(`algorithms.ranges.${problem}`));
  const number = at + 1;
  return (
    <div className="declared">
      <Form.Item name={[at, "name"]} rules={[{ required: true, message: t("kit.needed") }, { pattern: NAME, message: t("create.parameterRule") }]}><Input aria-label={`${t("kit.name")} ${number}`} placeholder={t("kit.name")} autoComplete="off" spellCheck={false} /></Form.Item>
      <Form.Item name={[at, "value"]} dependencies={LIMITS.map((one) => ["parameters", at, "constraint", one])} rules={[fits]}><Input aria-label={`${t("create.value")} ${number}`} placeholder={t("algorithms.usual")} autoComplete="off" spellCheck={false} /></Form.Item>
      <Form.Item name={[at, "constraint", "type"]}><Select aria-label={`${t("algorithms.kind")} ${number}`} options={KINDS.map((one) => ({ value: one, label: t(`algorithms.kinds.${one}`) }))} /></Form.Item>
      <Form.Item name={[at, "constraint", "valid_type"]}><Select aria-label={`${t("algorithms.limits")} ${number}`} options={VALIDS.map((one) => ({ value: one, label: t(`algorithms.valids.${one}`) }))} /></Form.Item>
      <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: `${t("jobs.parameters")} ${number}` })} onClick={onRemove} />
      <div className="more">
        {valid !== "None" && (
          <Form.Item name={[at, "constraint", "valid_range"]} className="range" rules={[isRange]}>
            {valid === "Range" ? <Ends number={number} /> : <Select mode="tags" open={false} suffixIcon={null} aria-label={`${t("algorithms.limits")} ${number}: ${t("create.value")}`} placeholder={t("algorithms.ranges.choices")} tokenSeparators={SEPARATORS} />}
          </Form.Item>
        )}
        {(["zh-cn", "en-us"] as const).map((language) => (
          <Form.Item key={language} name={[at, "descriptions", language]} className="range"><Input aria-label={`${t(`algorithms.described.${language}`)} ${number}`} placeholder={t(`algorithms.described.${language}`)} autoComplete="off" /></Form.Item>
        ))}
        <Form.Item name={[at, "constraint", "required"]} valuePropName="checked"><Checkbox>{t("algorithms.required")}</Checkbox></Form.Item>
        <Form.Item name={[at, "constraint", "editable"]} valuePropName="checked"><Checkbox>{t("algorithms.editable")}</Checkbox></Form.Item>
      </div>
    </div>
  );
}
