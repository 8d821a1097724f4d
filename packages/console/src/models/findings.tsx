/** What a check has found: each with the place where it is to be mended, and how. */

import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Mark, type Tone } from "../kit/chip";
import { CloseCircleOutlined, WarningOutlined } from "../kit/icons";
import { Sentence } from "../kit/sentence";
import { tellFinding, type Finding } from "./calls";

const LEVELS: Record<Finding["level"], [Tone, ReactNode]> = {
  error: ["bad", <CloseCircleOutlined key="error" />], warning: ["wait", <WarningOutlined key="warning" />], hint: ["off", null],
};

/** More than these are shown when they are asked for. */
const FIRST = 5;

export function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const left = findings.length - FIRST;
  // One more takes no more room than the words that say so.
  const shown = all || left <= 1 ? findings : findings.slice(0, FIRST);
  return (
    <div className="stack">
      <Listed findings={shown} />
      {left > 1 && <Button size="small" className="findings-more" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("models.findingsFewer") : t("models.findingsMore", { count: left })}</Button>}
    </div>
  );
}

function Listed({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  return (
    <ul className="findings placed" aria-label={t("models.findings")}>
      {findings.map((one, at) => {
        const [tone, icon] = LEVELS[one.level];
        const place = [one.file, one.line, one.column].filter(Boolean).join(":");
        return (
          <li key={`${one.code} ${at}`}>
            <Mark tone={tone} icon={icon}>{t(`models.levels.${one.level}`)}</Mark>
            <span>
              {(place || one.field) && <span className="finding-place">{place && <code>{place}</code>}{one.field && <code className="quiet"> {one.field}</code>}</span>}
              <Sentence text={tellFinding(one, "message")} />
              {one.fix && <span className="finding-fix quiet"><Sentence text={tellFinding(one, "fix")} /></span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
