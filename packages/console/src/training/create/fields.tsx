/** The fields of a new job or version. What the server would refuse is told beside the field, while one types. */

import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Form, Input, InputNumber, Radio, Select, type FormInstance } from "antd";
import type { TFunction } from "i18next";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { PlaceField, readPlace } from "../../kit/bucket-picker";
import { CloseOutlined, PlusOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { SERVERS, spoken } from "../../words";
import { listAll, readAlgorithm, type Algorithm } from "../algorithms/calls";
import type { Origin } from "../create";
import { readEngines, readFlavours, useSizes } from "./choices";
import { asFolder, CHANNEL, JOB_NAME, VARIABLE, type Wanted } from "./form";
import { describedIn, FREE, NAME, problemOf, type Constraint, type Declared } from "./parameters";
import { BLANK_SEARCH, searchOf } from "./search";
import { SearchFields } from "./search-fields";
import { placeRule, rule } from "./validators";

export function Fields({ form, origin }: { form: FormInstance<Wanted>; origin: Origin | undefined }) {
  const { t } = useTranslation();
  const by = Form.useWatch("by", form) ?? form.getFieldValue("by") as Wanted["by"];
  const algorithm = useAlgorithm(form, by);
  const declared = algorithm?.job_config.parameters ?? origin?.declared ?? [];
  return (
    <div className="parts">
      {!origin && (
        <Card>
          <div className="three">
            <Form.Item name="name" label={t("kit.name")} extra={t("create.nameRule")} rules={[{ required: true, message: t("kit.needed") }, { pattern: JOB_NAME, message: t("create.nameRule") }]}>
              <Input autoFocus autoComplete="off" spellCheck={false} maxLength={64} />
            </Form.Item>
            <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={256} /></Form.Item>
          </div>
        </Card>
      )}
      <Code form={form} origin={origin} by={by} />
      <Card title={t("create.data")}>
        <div className="parts">
          <Places part="inputs" fixed={algorithm?.job_config.inputs.map((one) => one.name)} about={t("create.inputsAbout")} />
          <Places part="outputs" fixed={algorithm?.job_config.outputs.map((one) => one.name)} about={t("create.outputsAbout")} />
        </div>
      </Card>
      <Card title={t("jobs.parameters")} about={t("create.parametersAbout")}>
        <Parameters declared={declared} fixed={algorithm !== undefined} free={algorithm?.job_config.parameters_customization ?? true} form={form} />
      </Card>
      <SearchFields form={form} declared={declared} />
      <Machine />
      <Card title={t("create.more")}><More /></Card>
    </div>
  );
}

/** The algorithm that was chosen; what it declares comes into the form, what is there already stays. */
function useAlgorithm(form: FormInstance<Wanted>, by: Wanted["by"]): Algorithm | undefined {
  const id = Form.useWatch("algorithm", form) ?? "";
  const found = useQuery({ queryKey: ["algorithm", id], enabled: by === "algorithm" && id !== "", queryFn: ({ signal }) => readAlgorithm(id, signal) });
  const algorithm = by === "algorithm" ? found.data : undefined;
  useEffect(() => {
    if (!algorithm) return;
    const now = form.getFieldsValue(true) as Wanted;
    const kept = (rows: Wanted["inputs"], name: string, usual: string) => rows.find((one) => one?.name === name)?.value || usual;
    const { job_config: config } = algorithm;
    const own = config.parameters.map(({ name, value }) => ({ name, value: kept(now.parameters, name, value) }));
    const others = now.parameters.filter((one) => one?.name && !own.some((other) => other.name === one.name));
    form.setFieldsValue({
      inputs: config.inputs.map(({ name }) => ({ name, value: kept(now.inputs, name, "") })),
      outputs: config.outputs.map(({ name }) => ({ name, value: kept(now.outputs, name, "") })),
      parameters: [...own, ...(config.parameters_customization ? others : [])],
    });
    const offer = algorithm.advanced_config.auto_search;
    if (offer && JSON.stringify(now.search) === JSON.stringify(BLANK_SEARCH)) form.setFieldValue("search", searchOf(offer));
  }, [algorithm, form]);
  return algorithm;
}

// ── code and engine ─────────────────────────────────────────────────────────────────────────────────

function Code({ form, origin, by }: { form: FormInstance<Wanted>; origin: Origin | undefined; by: Wanted["by"] }) {
  const { t } = useTranslation();
  const same = Form.useWatch("same_code", form) ?? true;
  const engines = useQuery({ queryKey: ["job-engines"], staleTime: 60_000, queryFn: ({ signal }) => readEngines(signal) });
  const algorithms = useQuery({ queryKey: ["algorithms", "all"], enabled: by === "algorithm", queryFn: ({ signal }) => listAll(signal) });
  const code = Form.useWatch("code", form) ?? "";
  return (
    <Card title={t("create.code")}>
      {origin ? (
        <Form.Item name="same_code">
          <Radio.Group options={[{ value: true, label: t("create.sameCode", { version: origin.version }) }, { value: false, label: t("create.otherCode") }]} />
        </Form.Item>
      ) : (
        <Form.Item name="by">
          <Radio.Group optionType="button" options={[{ value: "code", label: t("create.ownCode") }, { value: "algorithm", label: t("create.algorithm") }]} />
        </Form.Item>
      )}
      {by === "algorithm" ? (
        <Form.Item name="algorithm" label={t("create.algorithm")} rules={[{ required: true, message: t("kit.needed") }]} extra={algorithms.data?.length === 0 && <Link to="/console/algorithms/new">{t("algorithms.new")}</Link>}>
          <Select showSearch={{ optionFilterProp: "label" }} loading={algorithms.isLoading} options={(algorithms.data ?? []).map((one) => ({ value: one.metadata.id, label: one.metadata.name }))} />
        </Form.Item>
      ) : (
        <div className="three">
          {!(origin && same) && (
            <Form.Item name="code" label={t("jobs.code")} extra={t("create.codeAbout")} rules={[placeRule(t, true)]}>
              <PlaceField kind="folder" label={t("jobs.code")} placeholder="obs://my-data/code/" />
            </Form.Item>
          )}
          <Form.Item name="boot_file" label={t("jobs.bootFile")} extra={t("create.bootAbout")} rules={[{ required: true, message: t("kit.needed") }, { pattern: /^(?!\/).*\.pyc?$/, message: t("create.bootRule") }]}>
            <PlaceField
              kind="object" label={t("jobs.bootFile")} placeholder="train.py" within={asFolder(code)} ending=".py"
              short={(address) => (code && address.startsWith(asFolder(code)) ? address.slice(asFolder(code).length) : address.split("/").pop() ?? address)}
            />
          </Form.Item>
          <Form.Item name="engine" label={t("jobs.engine")} extra={t("create.engineAbout")}>
            <Select
              showSearch loading={engines.isLoading} popupMatchSelectWidth={false}
              options={[{ value: "", label: t("jobs.byImports") }, ...(engines.data ?? []).map((group) => ({ label: group.name, options: group.engines.map((one) => ({ value: one, label: one })) }))]}
            />
          </Form.Item>
        </div>
      )}
    </Card>
  );
}

// ── rows of names and values ────────────────────────────────────────────────────────────────────────

function Places({ part, fixed, about }: { part: "inputs" | "outputs"; fixed?: string[]; about: string }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const label = t(`jobs.${part}`);
  const outside = rule((value: string | undefined) => {
    const inputs = form.getFieldValue("inputs") as Wanted["inputs"];
    return inputs.some((one) => one?.name && isInside(value ?? "", one.value)) ? "inside" : null;
  }, () => t("create.inside"));
  return (
    <Rows
      part={part} label={label} about={about} fixed={fixed} nameRule={{ pattern: CHANNEL, message: t("create.channelRule") }}
      value={(at, name) => (
        <Form.Item name={[at, "value"]} rules={[placeRule(t, Boolean(fixed)), ...(part === "outputs" ? [outside] : [])]} {...(part === "outputs" && { dependencies: ["inputs"] })}><PlaceField kind="folder" label={`${label} ${name || at + 1}`} placeholder={`obs://my-data/${part === "inputs" ? "images" : "output"}/`} /></Form.Item>
      )}
    />
  );
}

/** Results inside the data would be data of the next run. */
function isInside(output: string, input: string): boolean {
  const [one, other] = [readPlace(output), readPlace(input)];
  return one !== null && other !== null && one.bucket === other.bucket && asFolder(one.key).startsWith(asFolder(other.key));
}

function Rows({ part, label, about, fixed, nameRule, value, add = true }: {
  part: "inputs" | "outputs" | "parameters" | "environment"; label: string; about?: string; fixed?: string[] | undefined; add?: boolean;
  nameRule: { pattern: RegExp; message: string }; value: (at: number, name: string) => ReactNode;
}) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  return (
    <Form.List name={part}>
      {(rows, change) => (
        <fieldset className="rows" aria-label={label}>
          {part !== "parameters" && <legend>{label}{about && <span className="quiet small"> {about}</span>}</legend>}
          {rows.map((row) => {
            const name = (form.getFieldValue([part, row.name, "name"]) as string | undefined) ?? "";
            const own = fixed?.includes(name) ?? false;
            return (
              <div key={row.key} className="row">
                <Form.Item name={[row.name, "name"]} rules={[nameRule, twice(t, form, part)]}><Input aria-label={`${label}: ${t("kit.name")} ${row.name + 1}`} disabled={own} autoComplete="off" spellCheck={false} placeholder={t("kit.name")} /></Form.Item>
                {value(row.name, name)}
                {own ? <span /> : <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: name || label })} onClick={() => change.remove(row.name)} />}
              </div>
            );
          })}
          {add && !(fixed && part !== "parameters") && <div><Button type="dashed" size="small" icon={<PlusOutlined />} onClick={() => change.add({ name: "", value: "" })}>{t("create.add", { what: label })}</Button></div>}
        </fieldset>
      )}
    </Form.List>
  );
}

function twice(t: TFunction, form: FormInstance<Wanted>, part: "inputs" | "outputs" | "parameters" | "environment") {
  const names = () => (form.getFieldValue(part) as Wanted["inputs"]).map((one) => one?.name);
  return rule((value: string | undefined) => (value && names().filter((one) => one === value).length > 1 ? "twice" : null), () => t("create.twice"));
}

// ── parameters ──────────────────────────────────────────────────────────────────────────────────────

function Parameters({ declared, fixed, free, form }: { declared: Declared[]; fixed: boolean; free: boolean; form: FormInstance<Wanted> }) {
  const { t } = useTranslation();
  const searching = (Form.useWatch("searching", form) ?? false) as boolean;
  const sought = (Form.useWatch(["search", "sought"], form) ?? []) as ({ name?: string } | undefined)[];
  const searched = searching ? sought.flatMap((one) => one?.name ?? []) : [];
  return (
    <Rows
      part="parameters" label={t("jobs.parameters")} add={free} fixed={fixed ? declared.map((one) => one.name) : []} nameRule={{ pattern: NAME, message: t("create.parameterRule") }}
      value={(at, name) => <ParameterValue at={at} declared={declared.find((one) => one.name === name)} searched={searched.includes(name)} />}
    />
  );
}

function ParameterValue({ at, declared, searched }: { at: number; declared: Declared | undefined; searched: boolean }) {
  const { t } = useTranslation();
  const constraint = declared?.constraint ?? FREE;
  const [low = "", high = ""] = constraint.valid_range;
  const check = rule((value: string | undefined) => problemOf(String(value ?? ""), constraint), (problem) => t(`create.values.${problem}`, { low, high }));
  const told = [
    declared && describedIn(declared, SERVERS[spoken()]), constraint.valid_type === "Range" && `${low} – ${high}`, searched && t("search.perTrial"),
  ].filter(Boolean).join(" · ");
  return (
    <Form.Item name={[at, "value"]} rules={[check]} extra={told || undefined}>
      <Value constraint={constraint} label={`${t("create.value")} ${declared?.name ?? at + 1}`} />
    </Form.Item>
  );
}

function Value({ constraint, label, ...field }: { constraint: Constraint; label: string; id?: string; value?: string; onChange?: (value: string) => void }) {
  const { t } = useTranslation();
  const disabled = !constraint.editable;
  if (constraint.valid_type === "Choice") return <Select {...field} aria-label={label} disabled={disabled} allowClear={!constraint.required} options={constraint.valid_range.map((one) => ({ value: one, label: one }))} />;
  if (constraint.type === "Boolean") return <AutoComplete {...field} aria-label={label} disabled={disabled} options={["true", "false"].map((one) => ({ value: one }))} />;
  const { onChange, ...rest } = field;
  return <Input {...rest} onChange={(event) => onChange?.(event.target.value)} aria-label={label} disabled={disabled} autoComplete="off" spellCheck={false} placeholder={t("create.value")} inputMode={constraint.type === "String" ? "text" : "decimal"} />;
}

// ── the machine, and the rest ───────────────────────────────────────────────────────────────────────

function Machine() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const flavours = useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });
  const chosen = Form.useWatch("flavour", form) as string | undefined;
  useEffect(() => {
    const usual = flavours.data?.[Math.min(1, flavours.data.length - 1)];
    if (usual && !form.getFieldValue("flavour")) form.setFieldValue("flavour", usual.id);
  }, [flavours.data, form, chosen]);
  const searching = Form.useWatch("searching", form) as boolean | undefined;
  const known = flavours.data ?? [];
  const options = useSizes(flavours.data);
  if (chosen && !known.some((one) => one.id === chosen)) options.push({ value: chosen, label: chosen });
  return (
    <Card title={t("create.machine")}>
      <div className="three">
        <Form.Item name="flavour" label={t("jobs.flavour")} extra={t("create.flavourAbout")}><Select options={options} loading={flavours.isLoading} /></Form.Item>
        <Form.Item name="nodes" label={t("create.nodes")} extra={t(searching ? "search.oneNode" : "create.nodesAbout")}><InputNumber min={1} max={16} precision={0} disabled={searching ?? false} /></Form.Item>
        <Form.Item name="hours" label={t("create.hours")} extra={t("create.hoursAbout")}><InputNumber min={0.1} max={10_000} step={1} /></Form.Item>
      </div>
    </Card>
  );
}

function More() {
  const { t } = useTranslation();
  return (
    <div className="parts">
      <Rows
        part="environment" label={t("jobs.environment")} nameRule={{ pattern: VARIABLE, message: t("create.variableRule") }}
        value={(at, name) => <Form.Item name={[at, "value"]}><Input aria-label={`${t("create.value")} ${name || at + 1}`} autoComplete="off" spellCheck={false} placeholder={t("create.value")} /></Form.Item>}
      />
      <div className="three">
        <Form.Item name="log" label={t("jobs.logTo")} extra={t("create.logAbout")} rules={[placeRule(t)]}><PlaceField kind="folder" label={t("jobs.logTo")} /></Form.Item>
        <Form.Item name="restarts" label={t("jobs.restarts")}><InputNumber min={0} max={128} precision={0} /></Form.Item>
        <Form.Item name="priority" label={t("jobs.priority")}><Select options={([1, 2, 3] as const).map((one) => ({ value: one, label: t(`create.priorities.${one}`) }))} /></Form.Item>
      </div>
    </div>
  );
}
