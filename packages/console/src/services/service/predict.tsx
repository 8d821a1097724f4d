/** Asks the service from the page: a form as the model declares it, the answer drawn, the last calls. */

import { useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { leadToSignIn } from "../../api/session";
import { Refusal } from "../../api/call";
import { Mark } from "../../kit/chip";
import { Empty, Failure, Loading } from "../../kit/faces";
import { RocketOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { Time } from "../../kit/time";
import { readModel } from "../../models/calls";
import { tellError } from "../../words/errors";
import type { Service } from "../calls";
import { Answer } from "../predict/answer";
import { inShort } from "../predict/answers";
import { ask, formOf, pictureIn, type Asked, type Values } from "../predict/ask";
import { Fields } from "../predict/fields";
import { readDeclared, type Declared } from "../predict/inputs";
import { milliseconds } from "./milliseconds";

const MOST_KEPT = 20;
const GOOD = 200;
/** By service, for as long as the page is open; the newest first. */
const HISTORY = new Map<string, Asked[]>();

export function Predict({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const target = service.config.find((one) => one.model_id === chosen) ?? service.config[0];
  const model = target?.model_id ?? "";
  const found = useQuery({ queryKey: ["model", model], queryFn: ({ signal }) => readModel(model, signal), staleTime: Infinity });
  if (service.status === "stopped" || service.status === "failed") return <Card><Empty title={t("predict.stopped")} about={t("predict.stoppedAbout")} command={`maquette services start ${service.service_name}`} /></Card>;
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const choice = service.config.length > 1 && (
    <Select
      size="small" aria-label={t("predict.asDeclaredBy")} value={model} onChange={setChosen} popupMatchSelectWidth={false}
      options={service.config.map((one) => ({ value: one.model_id, label: t("predict.asIn", { version: one.model_version }) }))}
    />
  );
  return <Call key={model} service={service} declared={readDeclared(found.data.config)} choice={choice} />;
}

function Call({ service, declared, choice }: { service: Service; declared: Declared; choice: React.ReactNode }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const [way, setWay] = useState<"form" | "json">(declared.form ? "form" : "json");
  const [values, setValues] = useState<Values>(() => Object.fromEntries(declared.inputs.map((one) => [one.name, one.kind === "file" ? [] : (one.usual ?? "")])));
  const [json, setJson] = useState(() => JSON.stringify(declared.sample, null, 2));
  const [history, setHistory] = useState<Asked[]>(() => HISTORY.get(id) ?? []);
  const [shown, setShown] = useState<Asked | undefined>(history[0]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const wrong = way === "json" ? problemOf(json) : "";
  const send = async () => {
    setBusy(true);
    setProblem("");
    try {
      const path = `/v1/infers/${encodeURIComponent(id)}${declared.url === "/" ? "" : declared.url}`;
      const got = await ask(path, way === "form" ? formOf(values) : json, way === "form" ? pictureIn(values) : null);
      const next = [got, ...(HISTORY.get(id) ?? [])].slice(0, MOST_KEPT);
      HISTORY.set(id, next);
      setHistory(next);
      setShown(got);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) leadToSignIn();
      setProblem(tellError(error, t));
    }
    setBusy(false);
  };
  return (
    <div className="predict">
      <Card title={t("predict.ask")} tools={<>{choice}{declared.form && <Segmented size="small" value={way} onChange={setWay} options={[{ value: "form", label: t("predict.form") }, { value: "json", label: "JSON" }]} />}</>}>
        <form className="stack" onSubmit={(event) => { event.preventDefault(); if (!busy && !wrong) void send(); }}>
          {way === "form"
            ? <Fields inputs={declared.inputs} values={values} onValue={(name, value) => setValues((now) => ({ ...now, [name]: value }))} />
            : (
              <label className="field">
                <span>{t("predict.body")}</span>
                <Input.TextArea
                  className="code" rows={10} spellCheck={false} value={json} onChange={(event) => setJson(event.target.value)}
                  onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !busy && !wrong) void send(); }}
                />
                {wrong && <span className="problem" role="alert">{t("predict.noJson", { reason: wrong })}</span>}
              </label>
            )}
          <div className="buttons"><Button type="primary" htmlType="submit" icon={<RocketOutlined />} loading={busy} disabled={wrong !== ""}>{t("predict.send")}</Button></div>
          {problem && <p className="problem" role="alert">{problem}</p>}
        </form>
      </Card>
      <Card title={t("predict.answer")}>{shown ? <Answer key={shown.number} asked={shown} /> : <Empty icon={<RocketOutlined />} title={t("predict.noneYet")} about={t("predict.noneYetAbout")} />}</Card>
      {history.length > 0 && <History history={history} shown={shown} onShow={setShown} />}
    </div>
  );
}

function problemOf(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function History({ history, shown, onShow }: { history: Asked[]; shown: Asked | undefined; onShow: (asked: Asked) => void }) {
  const { t } = useTranslation();
  return (
    <Card className="predict-history" title={t("predict.history")} about={t("predict.historyAbout")} flush>
      <ul className="history">
        {history.map((one) => (
          <li key={one.number}>
            <button type="button" aria-pressed={one === shown} onClick={() => onShow(one)}>
              <Mark tone={one.status === GOOD ? "good" : "bad"}>{one.status}</Mark>
              <span className="history-told">{inShort(one.answer)}{one.picture && <span className="quiet"> · {one.picture.name}</span>}</span>
              <span className="quiet">{milliseconds(one.milliseconds)}</span>
              <span className="quiet"><Time at={one.at / 1000} /></span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
