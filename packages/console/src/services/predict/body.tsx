/** The body of a call in JSON: written, checked while one writes, and put in order. */

import { Button, Input } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import type { Schema } from "./inputs";
import { misfits, mistakeIn, parsed } from "./json";

export function Body({ text, onText, sample, schema }: { text: string; onText: (text: string) => void; sample: unknown; schema: Schema }) {
  const { t } = useTranslation();
  const id = useId();
  const mistake = mistakeIn(text);
  const odd = mistake ? [] : misfits(schema, parsed(text));
  const first = JSON.stringify(sample, null, 2);
  return (
    <div className="field">
      <span className="predict-body-head">
        <label htmlFor={id}>{t("predict.body")}</label>
        <span className="spring" />
        <Button type="text" size="small" disabled={mistake !== null} onClick={() => onText(JSON.stringify(parsed(text), null, 2))}>{t("predict.tidy")}</Button>
        <Button type="text" size="small" disabled={text === first} onClick={() => onText(first)}>{t("predict.reset")}</Button>
      </span>
      <Input.TextArea id={id} className="code" rows={10} spellCheck={false} value={text} status={mistake ? "error" : ""} onChange={(event) => onText(event.target.value)} />
      {mistake && <span className="problem" role="alert">{t("predict.noJson", { ...mistake })}</span>}
      {odd.length > 0 && (
        <div className="quiet small" role="status">
          {t("predict.odd")}
          <ul className="odd">{odd.map(({ way, wanted }) => <li key={way}>{wanted ? t("predict.oddType", { way: way || t("predict.whole"), wanted }) : t("predict.oddMissing", { way })}</li>)}</ul>
        </div>
      )}
    </div>
  );
}
