/** The form of a call: its fields or its body, its size, and the button. */

import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { RocketOutlined } from "../../kit/icons";
import { bytes } from "../../kit/size";
import { tellError } from "../../words/errors";
import { milliseconds } from "../service/milliseconds";
import { filesIn } from "./ask";
import { Body } from "./body";
import type { Draft } from "./draft";
import { Fields } from "./fields";
import type { Declared } from "./inputs";
import { mistakeIn } from "./json";
import { madeToFit, MOST_BYTES, sizeOf } from "./limits";
import { isShown } from "./picture";
import { wasCancelled, type Running } from "./running";

/** From here on the size is told. */
const LARGE = MOST_BYTES / 2;
/** After so long one may wonder. */
const LONG = 5000;

export function Asking({ declared, draft, onDraft, call }: { declared: Declared; draft: Draft; onDraft: (draft: Draft) => void; call: Running }) {
  const { t } = useTranslation();
  const [missing, setMissing] = useState<string[]>([]);
  const size = sizeOf(draft);
  const tooLarge = size > MOST_BYTES;
  const wrong = draft.way === "json" && mistakeIn(draft.json) !== null;
  const send = () => {
    if (call.began !== null || wrong || tooLarge) return;
    const lacks = draft.way === "form" ? lacking(declared, draft) : [];
    setMissing(lacks);
    if (lacks.length === 0) void call.send({ ...draft, url: declared.url, declares: declared.answer });
  };
  const change = (name: string, value: File[] | string) => {
    setMissing((now) => now.filter((one) => one !== name));
    onDraft({ ...draft, values: { ...draft.values, [name]: value } });
  };
  return (
    <form
      className="stack" onSubmit={(event) => { event.preventDefault(); send(); }}
      onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } }}
    >
      {draft.way === "form"
        ? <Fields inputs={declared.inputs} values={draft.values} missing={missing} onValue={change} />
        : <Body text={draft.json} onText={(json) => onDraft({ ...draft, json })} sample={declared.sample} schema={declared.schema} />}
      {tooLarge && <TooLarge draft={draft} size={size} onDraft={onDraft} />}
      <div className="buttons predict-send">
        {size > LARGE && !tooLarge && <span className="quiet small">{t("predict.sizeOf", { size: bytes(size), most: bytes(MOST_BYTES) })}</span>}
        {call.began !== null && <><Waiting began={call.began} /><Button onClick={call.cancel}>{t("predict.cancel")}</Button></>}
        <Button type="primary" htmlType="submit" icon={<RocketOutlined />} loading={call.began !== null} disabled={wrong || tooLarge} title="Ctrl+Enter">{t("predict.send")}</Button>
      </div>
      {call.problem !== null && (wasCancelled(call.problem) ? <p className="quiet" role="status">{t("predict.cancelled")}</p> : <p className="problem" role="alert">{tellError(call.problem, t)}</p>)}
    </form>
  );
}

/** What a call needs and has not; a form in which nothing is filled in lacks its first field. */
function lacking(declared: Declared, draft: Draft): string[] {
  const empty = (name: string) => (draft.values[name]?.length ?? 0) === 0;
  const needed = declared.inputs.filter((one) => one.needed && empty(one.name)).map((one) => one.name);
  const first = declared.inputs[0];
  return needed.length === 0 && first && declared.inputs.every((one) => empty(one.name)) ? [first.name] : needed;
}

function Waiting({ began }: { began: number }) {
  const { t } = useTranslation();
  const [spent, setSpent] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSpent(performance.now() - began), 100);
    return () => clearInterval(timer);
  }, [began]);
  return <span className="quiet small predict-waiting" role="status">{spent > LONG ? t("predict.waitingLong", { time: milliseconds(spent) }) : milliseconds(spent)}</span>;
}

function TooLarge({ draft, size, onDraft }: { draft: Draft; size: number; onDraft: (draft: Draft) => void }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const files = draft.way === "form" ? filesIn(draft.values) : [];
  const shrink = async () => {
    setBusy(true);
    const made = await madeToFit(files, MOST_BYTES - (size - files.reduce((sum, file) => sum + file.size, 0))).catch(() => null);
    setBusy(false);
    setFailed(made === null);
    if (made) onDraft({ ...draft, values: Object.fromEntries(Object.entries(draft.values).map(([name, value]) => [name, typeof value === "string" ? value : value.map((file) => made[files.indexOf(file)] ?? file)])) });
  };
  return (
    <div className="advice" role="alert">
      <p>{t("predict.tooLarge", { size: bytes(size), most: bytes(MOST_BYTES) })}</p>
      {failed ? <p className="quiet">{t("predict.noSmaller")}</p> : files.some(isShown) && <p><Button size="small" loading={busy} onClick={() => void shrink()}>{t("predict.shrink")}</Button></p>}
    </div>
  );
}
