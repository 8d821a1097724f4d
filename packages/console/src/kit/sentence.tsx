/** A sentence of the server: code between backticks is code, a traceback is folded away below what it ended with. */

import { useTranslation } from "react-i18next";

import { sayingOf } from "./said";
import "./sentence.css";

export function Sentence({ text }: { text: string }) {
  const { t } = useTranslation();
  const { parts, trace } = sayingOf(text);
  return (
    <>
      {parts.map((part, at) => (part.code ? <code key={at}>{part.text}</code> : <span key={at}>{part.text}</span>))}
      {trace && <details className="trace"><summary>{t("kit.traceback")}</summary><pre tabIndex={0} aria-label={t("kit.traceback")}>{trace}</pre></details>}
    </>
  );
}
