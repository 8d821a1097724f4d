/** What a check has found: each with the place where it is to be mended, and how. */

import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Mark, type Tone } from "../kit/chip";
import { CloseCircleOutlined, WarningOutlined } from "../kit/icons";
import { Sentence } from "../kit/sentence";
import { count } from "../kit/size";
import { tellFinding, type Finding } from "./calls";

const LEVELS: Record<Finding["level"], [Tone, ReactNode]> = {
  error: ["bad", <CloseCircleOutlined key="error" />], warning: ["wait", <WarningOutlined key="warning" />], hint: ["off", null],
};

type Level = Finding["level"];
const ORDER: Level[] = ["error", "warning", "hint"];
/** So few are read at a glance. */
const FEW = 3;
/** More than these are shown when they are asked for. */
const FIRST = 5;

export function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState<Level>();
  const levels = ORDER.filter((level) => findings.some((one) => one.level === level));
  // A package that was mended meanwhile may have none of the level that was looked at.
  const level = levels.find((one) => one === wanted);
  const some = level ? findings.filter((one) => one.level === level) : findings;
  const left = some.length - FIRST;
  // One more takes no more room than the words that say so.
  const shown = all || left <= 1 ? some : some.slice(0, FIRST);
  return (
    <div className="stack">
      {levels.length > 1 && findings.length > FEW && <Levels levels={levels} findings={findings} level={level} onLevel={setWanted} />}
      <Listed findings={shown} />
      {left > 1 && <Button size="small" className="findings-more" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("models.findingsFewer") : t("models.findingsMore", { count: left })}</Button>}
    </div>
  );
}

function Levels({ levels, findings, level, onLevel }: { levels: Level[]; findings: Finding[]; level: Level | undefined; onLevel: (level: Level | undefined) => void }) {
  const { t } = useTranslation();
  return (
    <div className="finding-levels" role="group" aria-label={t("models.levelsOf")}>
      {[undefined, ...levels].map((one) => {
        const number = one ? findings.filter((other) => other.level === one).length : findings.length;
        return (
          <Button key={one ?? ""} size="small" {...(one === level && { color: "primary" as const, variant: "outlined" as const })} aria-pressed={one === level} onClick={() => onLevel(one)}>
            {t(one ? `models.levels.${one}` : "models.levelsAll")} {count(number)}
          </Button>
        );
      })}
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
