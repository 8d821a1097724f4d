/** The same from elsewhere: one thing said in several languages, each to copy. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CopyButton } from "./copy";
import { Card } from "./page";
import { TabParts } from "./tabs";

export interface Snippet {
  key: string;
  label: string;
  text: string;
}

export function Snippets({ snippets, label }: { snippets: Snippet[]; label: string }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const here = snippets.find((one) => one.key === chosen) ?? snippets[0];
  if (!here) return null;
  const tabs = snippets.map(({ key, label: name, text }) => ({
    key, label: name, part: <div className="snippet-box"><pre className="snippet" tabIndex={0} aria-label={name}>{text}</pre><CopyButton text={text} label={t("kit.copy")} /></div>,
  }));
  return <TabParts tabs={tabs} here={here.key} onHere={setChosen} label={label} />;
}

/** Each null where it has no words for the thing. */
export interface Ways {
  cli: string | null;
  sdk: string | null;
  rest: string;
}

/** The same by the command line, from Python, by a call. */
export function Elsewhere({ ways }: { ways: Ways }) {
  const { t } = useTranslation();
  const all = [["cli", t("create.cli"), ways.cli], ["sdk", "Python", ways.sdk], ["rest", "REST", ways.rest]] as const;
  const snippets = all.flatMap(([key, label, text]) => (text === null ? [] : [{ key, label, text }]));
  return <Card title={t("create.elsewhere")} about={t("create.elsewhereAbout")}><Snippets snippets={snippets} label={t("create.elsewhere")} /></Card>;
}
