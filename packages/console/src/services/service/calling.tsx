/** How programs call this service. */

import { useQuery } from "@tanstack/react-query";
import { Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { CopyButton } from "../../kit/copy";
import { Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { TabParts } from "../../kit/tabs";
import { readModel } from "../../models/calls";
import type { Service } from "../calls";
import { readApis, type Declared, type Input } from "../predict/inputs";
import "../answer/answer.css";
import "../predict/predict.css";
import { ACCESS, KEY, SECRET } from "../proofs";
import { addressOf, commandOf, snippetsOfCall, WAYS, type Way } from "../snippets";

const SETTINGS: Record<Way, string> = { code: "/console/settings/appCodes", token: "/console/settings/keys", signed: "/console/settings/keys" };
const LANGUAGES = ["curl", "python", "javascript", "command"] as const;
type Language = (typeof LANGUAGES)[number];
const NAMES: Record<Language, string> = { curl: "curl", python: "Python", javascript: "JavaScript", command: "maquette" };

export function Calling({ service }: { service: Service }) {
  const model = service.config[0]?.model_id ?? "";
  const found = useQuery({ queryKey: ["model", model], queryFn: ({ signal }) => readModel(model, signal), staleTime: Infinity });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  return <Programs service={service} apis={readApis(found.data.config, found.data.model_type)} />;
}

function Programs({ service, apis }: { service: Service; apis: Declared[] }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const [way, setWay] = useState<Way>("code");
  const [language, setLanguage] = useState<Language>("curl");
  const declared = apis.find((one) => one.url === url) ?? apis[0];
  if (!declared) return null;
  const address = addressOf(service.access_address, declared.url);
  const texts = { ...snippetsOfCall(service.access_address, declared, way), command: commandOf(service.service_name, declared) };
  const tabs = LANGUAGES.map((one) => ({
    key: one, label: NAMES[one],
    part: <div className="snippet-box"><pre className="snippet program" tabIndex={0} aria-label={NAMES[one]}>{texts[one]}</pre><CopyButton text={texts[one]} label={t("kit.copy")} /></div>,
  }));
  return (
    <div className="parts">
      <Card title={t("services.address")} tools={apis.length > 1 && <Select size="small" aria-label={t("predict.api")} value={declared.url} onChange={setUrl} options={apis.map((one) => ({ value: one.url, label: one.url }))} />}>
        <div className="stack">
          <span className="copied"><code>POST {address}</code><CopyButton text={address} /></span>
          {declared.form ? <Takes inputs={declared.inputs} /> : <p className="quiet">{t("calling.takesJson")}</p>}
          <p className="quiet small">{t("calling.limits")}</p>
        </div>
      </Card>
      <Card title={t("calling.snippets")} about={t("calling.snippetsAbout")}>
        <div className="stack">
          <div className="call-way">
            <Segmented aria-label={t("calling.way")} value={way} onChange={setWay} options={WAYS.map((one) => ({ value: one, label: t(`calling.ways.${one}`) }))} />
            <p className="quiet">{t(`calling.waysAbout.${way}`, { key: KEY, access: ACCESS, secret: SECRET })} <Link to={SETTINGS[way]}>{t(way === "code" ? "calling.toKeys" : "calling.toAccess")}</Link></p>
          </div>
          <TabParts tabs={tabs} here={language} onHere={setLanguage} label={t("calling.snippets")} />
          <p className="quiet small">{t(`calling.needs.${language}`)}</p>
        </div>
      </Card>
    </div>
  );
}

function Takes({ inputs }: { inputs: Input[] }) {
  const { t } = useTranslation();
  const range = ({ least, most, choices, usual }: Input) => [
    choices ? choices.join(" | ") : least !== undefined || most !== undefined ? `${least ?? "…"} – ${most ?? "…"}` : "", usual === undefined ? "" : t("predict.usual", { value: usual }),
  ].filter(Boolean).join(" · ");
  const columns: PlainColumn<Input>[] = [
    { key: "field", title: t("calling.field"), render: (one) => <><code>{one.name}</code>{one.needed && <span className="needed" title={t("kit.needed")}> *</span>}</> },
    { key: "kind", title: t("calling.kind"), render: (one) => t(`calling.kinds.${one.kind}`) },
    { key: "meaning", title: t("calling.meaning"), render: (one) => [one.about, range(one)].filter(Boolean).join(" · ") || "–" },
  ];
  return (
    <div className="takes"><PlainTable rows={inputs} columns={columns} rowKey={(one) => one.name} label={t("calling.fields")} /></div>
  );
}
