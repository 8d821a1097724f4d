/** JSON to read: what is inside opens and shuts, short lists stand on a line, long texts are cut. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { count } from "../../kit/size";

const LONG_TEXT = 240;
const LONG_LINE = 90;
const FIRST = 100;
/** So deep it is open from the start, while it is not too long. */
const OPEN = 3;
const MOST_OPEN = 30;

export function Tree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
  const { t } = useTranslation();
  if (value === "" && depth === 0) return <span className="quiet">{t("predict.nothing")}</span>;
  const inline = lineOf(value);
  const key = name !== undefined && <span className="json-key">{JSON.stringify(name)}: </span>;
  if (inline === null) return <Branch value={value as object} name={name} depth={depth} />;
  return <div className="json-line">{key}<span className={`json-${value === null ? "null" : typeof value}`}>{depth === 0 && typeof value === "string" ? value : inline}</span></div>;
}

function Branch({ value, name, depth }: { value: object; name: string | undefined; depth: number }) {
  const { t } = useTranslation();
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  const [open, setOpen] = useState(depth < OPEN && (depth === 0 || entries.length <= MOST_OPEN));
  const [shown, setShown] = useState(FIRST);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== undefined && <span className="json-key">{JSON.stringify(name)}: </span>}
        {list ? "[" : "{"}{!open && <> … {list ? "]" : "}"}</>} <span className="quiet">{count(entries.length)}</span>
      </summary>
      {open && (
        <>
          <div className="json-inside">
            {entries.slice(0, shown).map(([key, inner]) => <Tree key={key} value={inner} depth={depth + 1} {...(!list && { name: key })} />)}
            {entries.length > shown && <Button type="link" size="small" onClick={() => setShown(shown + 10 * FIRST)}>{t("kit.more")} ({count(entries.length - shown)})</Button>}
          </div>
          <div className="json-line">{list ? "]" : "}"}</div>
        </>
      )}
    </details>
  );
}

/** On one line; null for what is too long for that. */
export function lineOf(value: unknown): string | null {
  if (typeof value === "string") return JSON.stringify(value.length > LONG_TEXT ? `${value.slice(0, LONG_TEXT)} … (${value.length})` : value);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value);
  if (entries.length === 0) return Array.isArray(value) ? "[]" : "{}";
  if (entries.length > LONG_LINE || entries.some(([, one]) => one !== null && typeof one === "object")) return null;
  const parts = entries.map(([name, one]) => (Array.isArray(value) ? "" : `${JSON.stringify(name)}: `) + lineOf(one));
  const text = Array.isArray(value) ? `[${parts.join(", ")}]` : `{${parts.join(", ")}}`;
  return text.length <= LONG_LINE ? text : null;
}
