/** Where the time went: a strip of its stages, and each in words. */

import { useTranslation } from "react-i18next";

import { Ticking } from "../../kit/ticking";
import { STAGES, type Version } from "../jobs";
import { stripOf } from "./strip";

export function Split({ version }: { version: Version }) {
  const { t } = useTranslation();
  const strip = stripOf(version);
  if (!strip) return null;
  const stages = STAGES.map((stage) => ({ stage, seconds: strip.seconds[stage] ?? 0 })).filter((one) => one.stage in strip.seconds);
  const whole = stages.reduce((sum, one) => sum + one.seconds, 0);
  const told = (stage: (typeof STAGES)[number]) => t(stage === "run" && version.specification.search ? "jobs.tabs.trials" : `jobs.stages.${stage}`);
  return (
    <div className="split">
      <div className="split-bar" aria-hidden>
        {stages.map(({ stage, seconds }) => <span key={stage} className={`stage-${stage}`} style={{ flexGrow: whole ? seconds / whole : 1 }} />)}
      </div>
      <ul className="split-names">
        {stages.map(({ stage, seconds }) => <li key={stage}><i className={`stage-${stage}`} aria-hidden />{told(stage)} <b><Ticking seconds={seconds} going={stage === strip.going} /></b></li>)}
      </ul>
    </div>
  );
}
