/** How the service is called while one looks: calls a second of each version, and how long they take. */

import { Segmented } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { FiguresBody } from "../../api/calls";
import { Chart } from "../../kit/chart";
import { duration } from "../../kit/duration";
import { format } from "../../kit/formats";
import { Card } from "../../kit/page";
import { spoken } from "../../words";
import { seriesOf, type Sample } from "./live";
import { milliseconds } from "./milliseconds";

const HEIGHT = 180;
const clockTime = (at: number) => format(Intl.DateTimeFormat, spoken(), { timeStyle: "short" } as const).format(at * 1000);
const perSecond = (value: number) => String(Math.round(value * 100) / 100);

export function Charts({ samples, versions }: { samples: Sample[]; versions: FiguresBody[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>("");
  const series = useMemo(() => versions.map((one) => ({ one, of: seriesOf(samples, one.model_id) })), [samples, versions]);
  const latency = useMemo(() => seriesOf(samples, chosen || null), [samples, chosen]);
  const choice = versions.length > 1 && (
    <Segmented
      size="small" value={chosen} onChange={setChosen} aria-label={t("services.version")}
      options={[{ value: "", label: t("services.allVersions") }, ...versions.map((one) => ({ value: one.model_id, label: one.model_version }))]}
    />
  );
  return (
    <Card title={t("services.live")} about={t("services.liveAbout", { time: clockTime(samples[0]?.at ?? 0) })} tools={choice || undefined}>
      <div className="charts">
        <Chart
          label={t("services.perSecond")} sync="service" xLabel={t("services.when")} height={HEIGHT} range={[0, 1]} tell={perSecond} tellX={(value) => duration(value)}
          curves={series.map(({ one, of }) => ({ name: one.model_version, xs: of.xs, ys: of.rate }))}
        />
        <Chart
          label={t("services.latency")} sync="service" xLabel={t("services.when")} height={HEIGHT} range={[0, 1]} tell={(value) => milliseconds(value)} tellX={(value) => duration(value)}
          curves={(["p50", "p95", "p99"] as const).map((name) => ({ name, xs: latency.xs, ys: latency[name] }))}
        />
      </div>
    </Card>
  );
}
