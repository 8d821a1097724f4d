/** Classes as bars, the likeliest first. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { count } from "../../kit/size";
import type { Score } from "./scores";

const FIRST = 10;
const MOST = 200;

export function Bars({ scores }: { scores: Score[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = scores.slice(0, all ? MOST : FIRST);
  const left = Math.min(scores.length, MOST) - shown.length;
  const most = Math.max(...scores.map((one) => Math.abs(one.score)), scores.every((one) => one.score >= 0 && one.score <= 1) ? 1 : 0) || 1;
  return (
    <div>
      <div className="bars scores" role="list" aria-label={t("predict.scores")}>
        {shown.map((one, at) => (
          <div key={at} role="listitem" className={at === 0 ? "best" : undefined}>
            <span title={one.label}>{one.label}</span><span className="bar-room"><i style={{ width: `${Math.max(0, (100 * one.score) / most)}%` }} /></span><b title={String(one.score)}>{Number(one.score.toFixed(4))}</b>
          </div>
        ))}
      </div>
      {left > 0 && <Button type="link" size="small" onClick={() => setAll(true)}>{t("predict.more", { count: left, told: count(left) })}</Button>}
    </div>
  );
}
