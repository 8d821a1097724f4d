/** How programs call this service. */

import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { CopyButton } from "../../kit/copy";
import { Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { readModel } from "../../models/calls";
import type { Service } from "../calls";
import { readDeclared } from "../predict/inputs";
import { addressOf, KEY, snippetsOfCall } from "../snippets";

export function Calling({ service }: { service: Service }) {
  const { t } = useTranslation();
  const model = service.config[0]?.model_id ?? "";
  const found = useQuery({ queryKey: ["model", model], queryFn: ({ signal }) => readModel(model, signal), staleTime: Infinity });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const declared = readDeclared(found.data.config);
  const snippets = snippetsOfCall(service.access_address, declared);
  const address = addressOf(service.access_address, declared.url);
  const items = ([["curl", "curl", snippets.curl], ["python", "Python", snippets.python], ["javascript", "JavaScript", snippets.javascript]] as const).map(([key, label, text]) => ({
    key, label, children: <div className="snippet-box"><pre className="snippet" tabIndex={0} aria-label={label}>{text}</pre><CopyButton text={text} label={t("kit.copy")} /></div>,
  }));
  return (
    <div className="parts">
      <Card title={t("services.address")}>
        <div className="stack">
          <span className="copied"><code>POST {address}</code><CopyButton text={address} /></span>
          <p className="quiet">{t("services.keyAbout", { key: KEY })} <Link to="/console/settings/appCodes">{t("services.toKeys")}</Link></p>
        </div>
      </Card>
      <Card title={t("services.snippets")} about={t("services.snippetsAbout")}><Tabs items={items} size="small" /></Card>
    </div>
  );
}
