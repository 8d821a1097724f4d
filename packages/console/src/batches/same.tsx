/** The same batch by the command line, from Python, by a call. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../kit/copy";
import { Card } from "../kit/page";
import { TabParts } from "../kit/tabs";
import type { Snippets } from "./form";

export function Same({ snippets }: { snippets: Snippets }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<keyof Snippets>("cli");
  const all = [["cli", t("create.cli"), snippets.cli], ["sdk", "Python", snippets.sdk], ["rest", "REST", snippets.rest]] as const;
  const tabs = all.flatMap(([key, label, text]) => (text === null ? [] : [{
    key, label, part: <div className="snippet-box"><pre className="snippet" tabIndex={0} aria-label={label}>{text}</pre><CopyButton text={text} label={t("kit.copy")} /></div>,
  }]));
  const here = tabs.find((tab) => tab.key === chosen)?.key ?? "rest";
  return <Card title={t("create.elsewhere")} about={t("create.elsewhereAbout")}><TabParts tabs={tabs} here={here} onHere={setChosen} label={t("create.elsewhere")} /></Card>;
}
