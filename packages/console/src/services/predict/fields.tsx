/** The fields of a call, as the model declares them. */

import { Input, InputNumber, Select, Slider } from "antd";
import { useTranslation } from "react-i18next";

import type { Values } from "./ask";
import { Drop } from "./drop";
import type { Input as Declared } from "./inputs";

export function Fields({ inputs, values, onValue }: { inputs: Declared[]; values: Values; onValue: (name: string, value: File[] | string) => void }) {
  const first = inputs.find((one) => one.kind === "file")?.name;
  return (
    <>
      {inputs.map((one) => (
        <div key={one.name} className="field predict-field">
          {one.kind === "file" ? <b>{one.name}</b> : <label htmlFor={`input-${one.name}`}><b>{one.name}</b> <Range input={one} /></label>}
          <One input={one} value={values[one.name]} onValue={(value) => onValue(one.name, value)} pastes={one.name === first} />
          {one.about && <span className="quiet small">{one.about}</span>}
        </div>
      ))}
    </>
  );
}

function Range({ input: { least, most } }: { input: Declared }) {
  const { t } = useTranslation();
  if (least !== undefined && most !== undefined) return <span className="quiet">{t("predict.between", { least, most })}</span>;
  if (least !== undefined) return <span className="quiet">{t("predict.atLeast", { least })}</span>;
  return most === undefined ? null : <span className="quiet">{t("predict.atMost", { most })}</span>;
}

function One({ input, value, onValue, pastes }: { input: Declared; value: File[] | string | undefined; onValue: (value: File[] | string) => void; pastes: boolean }) {
  const id = `input-${input.name}`;
  if (input.kind === "file") return <Drop label={input.name} files={Array.isArray(value) ? value : []} onFiles={onValue} pastes={pastes} />;
  const text = typeof value === "string" ? value : "";
  if (input.kind === "boolean" || input.kind === "choice") {
    const options = (input.choices ?? ["true", "false"]).map((one) => ({ value: one, label: one }));
    return <Select id={id} value={text || null} options={options} allowClear onChange={(chosen: string | undefined) => onValue(chosen ?? "")} />;
  }
  if (input.kind === "json") return <Input.TextArea id={id} className="code" rows={3} spellCheck={false} value={text} onChange={(event) => onValue(event.target.value)} />;
  if (input.kind === "text") return <Input id={id} value={text} autoComplete="off" onChange={(event) => onValue(event.target.value)} />;
  return <NumberField id={id} input={input} text={text} onValue={onValue} />;
}

function NumberField({ id, input, text, onValue }: { id: string; input: Declared; text: string; onValue: (value: string) => void }) {
  const { least, most, kind } = input;
  const whole = kind === "integer";
  const value = text === "" ? null : Number(text);
  const limits = { ...(least !== undefined && { min: least }), ...(most !== undefined && { max: most }) };
  const step = whole ? 1 : least !== undefined && most !== undefined ? (most - least) / 100 : 1;
  return (
    <span className="weight-tools">
      {least !== undefined && most !== undefined && most > least && (
        <Slider {...limits} step={step} value={value ?? least} onChange={(next) => onValue(String(next))} ariaLabelForHandle={input.name} />
      )}
      <InputNumber id={id} {...limits} step={step} {...(whole && { precision: 0 })} value={value} onChange={(next) => onValue(next === null ? "" : String(next))} />
    </span>
  );
}
