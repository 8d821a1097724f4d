/** Asks the service from the page: a form as the model declares it, the answer drawn, the last calls. */

import { useQuery } from "@tanstack/react-query";
import { Button, Segmented, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Empty, Failure, Loading } from "../../kit/faces";
import { EditOutlined, RedoOutlined, RocketOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { readModel } from "../../models/calls";
import { Answer } from "../answer/answer";
import type { Service } from "../calls";
import type { Asked, Sent } from "../predict/ask";
import { Asking } from "../predict/asking";
import { firstOf, useDraft } from "../predict/draft";
import { History, useHistory } from "../predict/history";
import { readApis, type Declared } from "../predict/inputs";
import { Notice } from "../predict/notice";
import { useCall } from "../predict/running";
import "../predict/predict.css";

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
  return <Apis key={model} service={service} model={model} apis={readApis(found.data.config, found.data.model_type)} choice={choice} />;
}

function Apis({ service, model, apis, choice }: { service: Service; model: string; apis: Declared[]; choice: ReactNode }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState(apis[0]?.url ?? "/");
  const declared = apis.find((one) => one.url === url) ?? apis[0];
  if (!declared) return null;
  const way = apis.length > 1 && (
    <Select size="small" aria-label={t("predict.api")} value={url} onChange={setUrl} popupMatchSelectWidth={false} options={apis.map((one) => ({ value: one.url, label: `POST ${one.url}` }))} />
  );
  return <Call key={url} service={service} draftName={`${model} ${url}`} declared={declared} choice={<>{way}{choice}</>} />;
}

function Call({ service, draftName, declared, choice }: { service: Service; draftName: string; declared: Declared; choice: ReactNode }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const history = useHistory(id);
  const [draft, setDraft] = useDraft(draftName, () => firstOf(declared));
  const [picked, setPicked] = useState<Asked>();
  const call = useCall(id, () => setPicked(undefined));
  const shown = picked && history.includes(picked) ? picked : history[0];
  const edit = (sent: Sent) => setDraft({ way: sent.way, values: sent.values, json: sent.json });
  const ways = declared.form && (
    <Segmented<Sent["way"]> size="small" aria-label={t("predict.way")} value={draft.way} onChange={(way) => setDraft({ ...draft, way })} options={[{ value: "form", label: t("predict.form") }, { value: "json", label: "JSON" }]} />
  );
  const tools = shown && !call.began && (
    <>
      {shown.sent.url === declared.url && <Button size="small" icon={<EditOutlined />} onClick={() => edit(shown.sent)}>{t("predict.edit")}</Button>}
      <Button size="small" icon={<RedoOutlined />} onClick={() => void call.send(shown.sent)}>{t("predict.repeat")}</Button>
    </>
  );
  const answer = shown ? <Answer key={shown.number} asked={shown} service={id} /> : <Empty icon={<RocketOutlined />} title={t("predict.noneYet")} about={t("predict.noneYetAbout")} />;
  return (
    <div className="predict">
      <div className="predict-notice"><Notice service={service} /></div>
      <Card title={t("predict.ask")} tools={<>{choice}{ways}</>}>
        <Asking declared={declared} draft={draft} onDraft={setDraft} call={call} />
        {service.config.length > 1 && <p className="quiet small">{t("predict.byWeight")}</p>}
      </Card>
      <Card title={t("predict.answer")} tools={tools} className={call.began ? "predict-waits" : ""}>{answer}</Card>
      {history.length > 0 && <History service={id} history={history} shown={shown} onShow={setPicked} />}
    </div>
  );
}
