/** The search of a new job: which figure is to get better, what may be tried for it, and how. */

import { AutoComplete, Button, Form, Input, InputNumber, Radio, Select, Switch, type FormInstance } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CloseOutlined, PlusOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { count } from "../../kit/size";
import type { Wanted } from "./form";
import type { Declared } from "./parameters";
import {
  endsProblem, figureIn, GOAL, MOST_TRIALS, MOST_VALUES, regexProblem, SEARCHES, SEPARATORS, settingsOf, sizeOf, skipProblem, SOUGHT, SOUGHT_NAME, spaceOf, usualRegex, valuesProblem,
  type Goal, type SearchName, type Setting, type Sought,
} from "./search";
import { rule } from "./validators";

export function SearchFields({ form, declared }: { form: FormInstance<Wanted>; declared: Declared[] }) {
  const { t } = useTranslation();
  const on = Form.useWatch("searching", form) ?? false;
  const turn = <Form.Item name="searching" valuePropName="checked" noStyle><Switch aria-label={t("search.title")} /></Form.Item>;
  return (
    <Card title={t("search.title")} about={t("search.about")} tools={turn}>
      {on && (
        <div className="parts">
          <Goals form={form} />
          <Space form={form} declared={declared} />
          <How form={form} />
        </div>
      )}
    </Card>
  );
}

// ── what is to get better ───────────────────────────────────────────────────────────────────────────

function Goals({ form }: { form: FormInstance<Wanted> }) {
  const { t } = useTranslation();
  return (
    <Form.List name={["search", "goals"]}>
      {(rows, change) => (
        <fieldset className="rows">
          <legend>{t("search.goal")} <span className="quiet small">{t("search.goalAbout")}</span></legend>
          {rows.map((row) => <OneGoal key={row.key} at={row.name} form={form} {...(rows.length > 1 && { onRemove: () => change.remove(row.name) })} />)}
          <p className="quiet small">{t("search.checked")}</p>
          <div><Button type="dashed" size="small" icon={<PlusOutlined />} onClick={() => change.add(GOAL)}>{t("search.noted")}</Button></div>
        </fieldset>
      )}
    </Form.List>
  );
}

function OneGoal({ at, form, onRemove }: { at: number; form: FormInstance<Wanted>; onRemove?: () => void }) {
  const { t } = useTranslation();
  const goal = Form.useWatch(["search", "goals", at], { form, preserve: true }) as Goal | undefined;
  const [line, setLine] = useState("");
  const found = goal?.regex ? figureIn(line, goal.regex) : null;
  const regex = rule((value: string | undefined) => (value ? regexProblem(value) : "needed"), (problem) => t(problem === "needed" ? "kit.needed" : `search.regex.${problem}`));
  const twice = rule((value: string | undefined) => {
    const names = (form.getFieldValue(["search", "goals"]) as Goal[]).map((one) => one?.name);
    return !value ? "needed" : names.filter((name) => name === value).length > 1 ? "twice" : null;
  }, (problem) => t(problem === "needed" ? "kit.needed" : "create.twice"));
  // The expression goes with the name, as long as nobody has written another one.
  const named = (name: string) => {
    const [before = "", regex = ""] = [goal?.name, goal?.regex];
    if (!regex || regex === usualRegex(before)) form.setFieldValue(["search", "goals", at, "regex"], name && usualRegex(name));
  };
  return (
    <div className="sought">
      <Form.Item name={[at, "name"]} rules={[twice]}>
        <Input aria-label={`${t("search.goal")} ${at + 1}: ${t("kit.name")}`} placeholder="acc" maxLength={64} autoComplete="off" spellCheck={false} onChange={(event) => named(event.target.value)} />
      </Form.Item>
      <Form.Item name={[at, "mode"]}><Select aria-label={`${t("search.goal")} ${at + 1}: ${t("search.mode")}`} options={(["max", "min"] as const).map((one) => ({ value: one, label: t(`search.modes.${one}`) }))} /></Form.Item>
      <Form.Item name={[at, "regex"]} rules={[regex]} className="grows"><Input aria-label={`${t("search.goal")} ${at + 1}: ${t("search.expression")}`} className="mono" placeholder="acc: ([0-9.]+)" maxLength={1024} autoComplete="off" spellCheck={false} /></Form.Item>
      {onRemove ? <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: goal?.name || t("search.goal") })} onClick={onRemove} /> : <span />}
      <label className="tried">
        <span className="quiet small">{t("search.try")}</span>
        <Input size="small" value={line} onChange={(event) => setLine(event.target.value)} className="mono" placeholder="epoch 3 loss: 0.41 acc: 0.87" autoComplete="off" spellCheck={false} />
        <span className="small" role="status">{line && (found === null ? <span className="problem">{t("search.foundNone")}</span> : <>{t("search.found")} <b>{found}</b></>)}</span>
      </label>
    </div>
  );
}

// ── what may be tried ───────────────────────────────────────────────────────────────────────────────

function Space({ form, declared }: { form: FormInstance<Wanted>; declared: Declared[] }) {
  const { t } = useTranslation();
  const sought = (Form.useWatch(["search", "sought"], { form, preserve: true }) ?? []) as (Sought | undefined)[];
  const size = sizeOf(sought.filter((one): one is Sought => Boolean(one)));
  return (
    <Form.List name={["search", "sought"]}>
      {(rows, change) => (
        <fieldset className="rows">
          <legend>{t("search.space")} <span className="quiet small">{t("search.spaceAbout")}</span></legend>
          {rows.map((row) => <OneSought key={row.key} at={row.name} form={form} declared={declared} {...(rows.length > 1 && { onRemove: () => change.remove(row.name) })} />)}
          <div className="chosen-jobs">
            <Button type="dashed" size="small" icon={<PlusOutlined />} onClick={() => change.add(SOUGHT)}>{t("create.add", { what: t("search.parameter") })}</Button>
            {size !== null && <span className="quiet small">{t("search.size", { count: size, told: count(size) })}</span>}
          </div>
        </fieldset>
      )}
    </Form.List>
  );
}

function OneSought({ at, form, declared, onRemove }: { at: number; form: FormInstance<Wanted>; declared: Declared[]; onRemove?: () => void }) {
  const { t } = useTranslation();
  const here = (name: keyof Sought) => ["search", "sought", at, name];
  const name = (Form.useWatch(here("name"), form) ?? "") as string;
  const kind = (Form.useWatch(here("kind"), form) ?? "continuous") as Sought["kind"];
  const whole = declared.find((one) => one.name === name)?.constraint.type === "Integer";
  const given = ((Form.useWatch("parameters", form) ?? []) as Wanted["parameters"]).map((one) => one?.name).filter(Boolean);
  const label = `${t("search.parameter")} ${at + 1}`;
  const pick = (chosen: string) => {
    const known = declared.find((one) => one.name === chosen);
    if (known) form.setFieldValue(["search", "sought", at], spaceOf(known));
  };
  const named = rule((value: string | undefined) => nameProblem(form, value ?? ""), (problem) => t(problem === "needed" ? "kit.needed" : problem === "rule" ? "search.nameRule" : problem === "twice" ? "create.twice" : "search.isPlace"));
  const ends = rule(() => endsProblem(form.getFieldValue(["search", "sought", at]) as Sought, whole), (problem) => t(`search.ends.${problem}`));
  const values = rule((value: string[] | undefined) => valuesProblem(value ?? []), (problem) => t(`search.values.${problem}`, { most: count(MOST_VALUES) }));
  return (
    <div className="sought">
      <Form.Item name={[at, "name"]} rules={[named]} dependencies={["inputs", "outputs"]}>
        <AutoComplete
          aria-label={`${label}: ${t("kit.name")}`} placeholder="lr" onSelect={pick}
          options={[...new Set([...declared.map((one) => one.name), ...given])].map((one) => ({ value: one }))} showSearch={{ filterOption: (text, option) => String(option?.value ?? "").includes(text) }}
        />
      </Form.Item>
      <Form.Item name={[at, "kind"]}><Select aria-label={`${label}: ${t("algorithms.kind")}`} options={(["continuous", "discrete"] as const).map((one) => ({ value: one, label: t(`search.kinds.${one}`) }))} /></Form.Item>
      {kind === "discrete"
        ? <Form.Item name={[at, "values"]} rules={[values]} className="grows"><Select mode="tags" open={false} suffixIcon={null} aria-label={`${label}: ${t("search.choices")}`} placeholder={t("search.valuesAbout")} tokenSeparators={SEPARATORS} /></Form.Item>
        : (
          <div className="ends grows">
            <Form.Item name={[at, "low"]} rules={[ends]} dependencies={[here("high")]}><Input aria-label={`${label}: ${t("search.low")}`} placeholder="0.001" inputMode="decimal" autoComplete="off" /></Form.Item>
            <span aria-hidden>–</span>
            <Form.Item name={[at, "high"]}><Input aria-label={`${label}: ${t("search.high")}`} placeholder="0.1" inputMode="decimal" autoComplete="off" /></Form.Item>
            <Form.Item name={[at, "points"]}><InputNumber aria-label={`${label}: ${t("search.points")}`} placeholder={t("search.points")} min={2} max={MOST_VALUES} precision={0} /></Form.Item>
          </div>
        )}
      {onRemove ? <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: name || label })} onClick={onRemove} /> : <span />}
      {whole && kind === "continuous" && <span className="tried quiet small">{t("search.whole")}</span>}
    </div>
  );
}

function nameProblem(form: FormInstance<Wanted>, name: string): "needed" | "rule" | "twice" | "place" | null {
  if (!name) return "needed";
  if (!SOUGHT_NAME.test(name)) return "rule";
  const all = form.getFieldsValue(true) as Wanted;
  if (all.search.sought.filter((one) => one?.name === name).length > 1) return "twice";
  return [...all.inputs, ...all.outputs].some((one) => one?.name === name) ? "place" : null;
}

// ── how ─────────────────────────────────────────────────────────────────────────────────────────────

function How({ form }: { form: FormInstance<Wanted> }) {
  const { t } = useTranslation();
  const algorithm = (Form.useWatch(["search", "algorithm"], form) ?? SEARCHES[0]) as SearchName;
  const early = (Form.useWatch(["search", "early"], form) ?? false) as boolean;
  const skip = rule((value: string | undefined) => {
    const all = form.getFieldValue(["search", "sought"]) as Sought[];
    return skipProblem(value ?? "", all.map((one) => one?.name ?? ""));
  }, (problem) => t(`search.skips.${problem}`));
  return (
    <>
      <Form.Item name={["search", "algorithm"]} label={t("search.algorithm")} extra={t(`search.algorithmsAbout.${algorithm}`)}>
        <Radio.Group className="wraps" options={SEARCHES.map((one) => ({ value: one, label: t(`search.algorithms.${one}`) }))} />
      </Form.Item>
      <div className="three">
        <Form.Item name={["search", "trials"]} label={t("search.trials")} rules={[{ required: true, message: t("kit.needed") }]}><InputNumber min={1} max={MOST_TRIALS} precision={0} /></Form.Item>
        {settingsOf(algorithm, false).slice(0, 1).map((one) => <OneSetting key={one.key} setting={one} />)}
        <Form.Item name={["search", "early"]} label={t("search.early")} valuePropName="checked" extra={t("search.earlyAbout")}><Switch /></Form.Item>
      </div>
      <details className="further">
        <summary>{t("search.further")}</summary>
        <div className="three">{settingsOf(algorithm, early).slice(1).map((one) => <OneSetting key={one.key} setting={one} />)}</div>
        <Form.Item name={["search", "skip"]} label={t("search.skip")} rules={[skip]} dependencies={[["search", "sought"]]}><Input className="mono" placeholder={'[{"lr": 0.1, "batch_size": 64}]'} autoComplete="off" spellCheck={false} /></Form.Item>
      </details>
    </>
  );
}

function OneSetting({ setting }: { setting: Setting }) {
  const { t } = useTranslation();
  const { key, type, usual, least, most, words } = setting;
  return (
    <Form.Item name={["search", "settings", key]} label={t(`search.settings.${key}`)}>
      {words
        ? <Select allowClear placeholder={usual} options={words.map((one) => ({ value: one, label: one }))} />
        : <InputNumber placeholder={usual} {...(type === "Integer" ? { precision: 0 } : { step: 0.1 })} {...(least !== undefined && { min: least })} {...(most !== undefined && { max: most })} />}
    </Form.Item>
  );
}
