/** The shares of versions: whoever moves one moves the others, so that all are a hundred. */

import { Button, InputNumber, Slider } from "antd";
import { useTranslation } from "react-i18next";

import { evenly, rebalance, WHOLE, type WantedVersion } from "./form";

const MOST_INSTANCES = 64;

export function Weights({ value, onChange, instances = true }: { value: WantedVersion[]; onChange: (rows: WantedVersion[]) => void; instances?: boolean }) {
  const { t } = useTranslation();
  const weigh = (weights: number[]) => onChange(value.map((one, at) => ({ ...one, weight: weights[at] ?? 0 })));
  const set = (at: number, weight: number | null) => { if (weight !== null) weigh(rebalance(value.map((one) => one.weight), at, weight)); };
  const count = (at: number, wanted: number | null) => { if (wanted) onChange(value.map((one, place) => (place === at ? { ...one, instances: wanted } : one))); };
  const row = instances ? "weight-row" : "weight-row two";
  return (
    <div role="group" aria-label={t("services.weight")}>
      <div className={`${row} quiet small`} aria-hidden><span>{t("services.version")}</span><span>{t("deploy.share")}</span>{instances && <span>{t("services.instances")}</span>}</div>
      {value.map((one, at) => (
        <div className={row} key={one.id}>
          <b>{one.version}</b>
          {value.length > 1
            ? (
              <span className="weight-tools">
                <Slider min={0} max={WHOLE} value={one.weight} onChange={(weight) => set(at, weight)} ariaLabelForHandle={t("deploy.weightOf", { version: one.version })} />
                <InputNumber min={0} max={WHOLE} precision={0} suffix="%" value={one.weight} onChange={(weight) => set(at, weight)} aria-label={t("deploy.weightOf", { version: one.version })} />
              </span>
            ) : <span>{WHOLE} %</span>}
          {instances && <InputNumber min={1} max={MOST_INSTANCES} precision={0} value={one.instances} onChange={(wanted) => count(at, wanted)} aria-label={t("deploy.instancesOf", { version: one.version })} />}
        </div>
      ))}
      {value.length > 1 && <p className="quiet small">{t("deploy.together", { sum: value.reduce((sum, one) => sum + one.weight, 0) })} <Button size="small" type="link" onClick={() => weigh(evenly(value.length))}>{t("deploy.evenly")}</Button></p>}
    </div>
  );
}
