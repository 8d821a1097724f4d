/** What a check has found: each with the place where it is to be mended, and how. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Mark, type Tone } from "../kit/chip";
import { CloseCircleOutlined, WarningOutlined } from "../kit/icons";
import { tellFinding, type Finding } from "./calls";

const LEVELS: Record<Finding["level"], [Tone, ReactNode]> = {
  error: ["bad", <CloseCircleOutlined key="error" />], warning: ["wait", <WarningOutlined key="warning" />], hint: ["off", null],
};

export function Findings({ findings }: { findings: Finding[] }) {
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
              {tellFinding(one, "message")}
              {one.fix && <span className="finding-fix quiet">{tellFinding(one, "fix")}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
