/** The fields of a call, as the model declares them. */

import { Button, Input, InputNumber, Segmented, Select, Slider } from "antd";
import { useTranslation } from "react-i18next";

import type { Values } from "./ask";
import { Drop } from "./drop";
import type { Input as Declared } from "./inputs";
import { mistakeIn } from "./json";

/** So many choices stand beside each other. */
const FEW = 4;
const SHORT = 12;

export function Fields({ inputs, values, missing, onValue }: {
  inputs: Declared[]; values: Values; missing: string[]; onValue: (name: string, value: File[] | string) => void;
}) {
  const { t } = useTranslation();
  const first = inputs.find((one) => one.kind === "file")?.name;
  return (
    <>
      {inputs.map((one) => {
        const head = <><b>{one.name}</b>{one.needed && <span className="needed" title={t("kit.needed")}> *</span>} <Range input={one} /></>;
        return (
          <div key={one.name} className="field predict-field">
            {isGroup(one) ? <span>{head}</span> : <label htmlFor={`input-${one.name}`}>{head}</label>}
            <One input={one} value={values[one.name]} onValue={(value) => onValue(one.name, value)} pastes={one.name === first} />
            {missing.includes(one.name) && <span className="problem" role="alert">{t("kit.needed")}</span>}
            {one.about && <span className="quiet small">{one.about}</span>}
          </div>
        );
      })}
    </>
  );
}

const choicesOf = (input: Declared) => input.choices ?? (input.kind === "boolean" ? ["true", "false"] : []);
const isShort = (choices: string[]) => choices.length > 0 && choices.length <= FEW && choices.every((one) => one.length <= SHORT);
const isGroup = (input: Declared) => input.kind === "file" || isShort(choicesOf(input));

function Range({ input: { kind, least, most } }: { input: Declared }) {
  const { t } = useTranslation();
  if (least !== undefined && most !== undefined) return <span className="quiet">{t("predict.between", { least, most })}</span>;
  if (least !== undefined) return <span className="quiet">{t("predict.atLeast", { least })}</span>;
  if (most !== undefined) return <span className="quiet">{t("predict.atMost", { most })}</span>;
  return kind === "json" ? <span className="quiet">JSON</span> : null;
}

function One({ input, value, onValue, pastes }: { input: Declared; value: File[] | string | undefined; onValue: (value: File[] | string) => void; pastes: boolean }) {
  const { t } = useTranslation();
  const id = `input-${input.name}`;
  if (input.kind === "file") return <Drop label={input.name} files={Array.isArray(value) ? value : []} onFiles={onValue} pastes={pastes} />;
  const text = typeof value === "string" ? value : "";
  const choices = choicesOf(input);
  if (isShort(choices)) {
    const options = [...choices.map((one) => ({ value: one, label: one })), ...(input.needed ? [] : [{ value: "", label: <span className="quiet">{t("predict.unset")}</span> }])];
    return <Segmented className="predict-choice" aria-label={input.name} value={text} onChange={onValue} options={options} />;
  }
  if (choices.length > 0) return <Select id={id} showSearch value={text || null} options={choices.map((one) => ({ value: one, label: one }))} allowClear onChange={(chosen: string | undefined) => onValue(chosen ?? "")} />;
  if (input.kind === "json") return <JsonField id={id} text={text} onValue={onValue} />;
  if (input.kind === "text") return <Input.TextArea id={id} className="predict-text" rows={1} value={text} autoComplete="off" onChange={(event) => onValue(event.target.value)} />;
  return <NumberField id={id} input={input} text={text} onValue={onValue} />;
}

function JsonField({ id, text, onValue }: { id: string; text: string; onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const mistake = text === "" ? null : mistakeIn(text);
  return (
    <>
      <Input.TextArea id={id} className="code" rows={3} spellCheck={false} value={text} onChange={(event) => onValue(event.target.value)} />
      {mistake && <span className="quiet small" role="status">{t("predict.noJson", { ...mistake })}</span>}
    </>
  );
}

function NumberField({ id, input, text, onValue }: { id: string; input: Declared; text: string; onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const { least, most, kind, usual } = input;
  const whole = kind === "integer";
  const value = text === "" ? null : Number(text);
  const limits = { ...(least !== undefined && { min: least }), ...(most !== undefined && { max: most }) };
  const ranged = least !== undefined && most !== undefined && most > least;
  const step = whole || !ranged ? 1 : stepOf(most - least);
  return (
    <span className="box-tools predict-number">
      {ranged && <Slider {...limits} step={step} value={value ?? least} onChange={(next) => onValue(String(next))} ariaLabelForHandle={input.name} />}
      <InputNumber id={id} {...limits} step={step} {...(whole && { precision: 0 })} value={value} onChange={(next) => onValue(next === null ? "" : String(next))} />
      {usual !== undefined && text !== usual && <Button type="link" size="small" onClick={() => onValue(usual)}>{t("predict.usual", { value: usual })}</Button>}
    </span>
  );
}

/** A hundredth of the range, as a number that is easily read. */
function stepOf(range: number): number {
  return 10 ** Math.floor(Math.log10(range / 50));
}
