/** What a run has used over its life. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { following } from "../../api/following";
import { Chart } from "../../kit/chart";
import { duration } from "../../kit/duration";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { bytes, count } from "../../kit/size";
import type { VersionRun } from "../jobs";
import { useRun } from "./run";

interface Usage {
  points: {
    at: number; cpu_percent: number; memory_bytes: number; processes: number; threads: number;
    read_bytes_per_second: number; write_bytes_per_second: number;
    gpus: { index: number; percent: number; memory_bytes: number }[];
  }[];
  cpu_seconds: number;
  peak_memory_bytes: number;
}

export function Resources({ runs, names, live }: { runs: VersionRun[]; names: (run: VersionRun) => string; live: boolean }) {
  const { t } = useTranslation();
  const { run, choice } = useRun(runs, names);
  const found = useQuery({
    ...following(["usage", run?.id], live, 3000), enabled: run !== undefined,
    queryFn: async ({ signal }) => (await call("GET /maquette/{project_id}/runs/{id}/usage", { path: { id: run?.id ?? "" }, signal })) as unknown as Usage,
  });
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (run && !found.data) return <Loading />;
  if (!run || !found.data || found.data.points.length === 0) return <Card><Empty title={t(live ? "usage.none" : "usage.noneOver")} about={t(live ? "usage.noneAbout" : "usage.noneOverAbout")} action={choice || undefined} /></Card>;
  return (
    <Card title={t("usage.title")} about={t("usage.about", { cpu: duration(found.data.cpu_seconds), memory: bytes(found.data.peak_memory_bytes) })} tools={choice || undefined}>
      <Charts usage={found.data} />
    </Card>
  );
}

function Charts({ usage }: { usage: Usage }) {
  const { t } = useTranslation();
  const { points } = usage;
  const start = points[0]?.at ?? 0;
  const xs = points.map((point) => Math.round((point.at - start) * 10) / 10);
  const shared = { sync: "usage", tellX: duration, xLabel: t("usage.since"), height: 200 };
  const gpus = points[0]?.gpus ?? [];
  const percent = (value: number) => `${count(Math.round(value * 10) / 10)} %`;
  const rate = (value: number) => `${bytes(value)}/s`;
  const gpuCurves = (of: "percent" | "memory_bytes") => gpus.map((gpu, at) => ({ name: `GPU ${gpu.index}`, xs, ys: points.map((point) => point.gpus[at]?.[of] ?? null) }));
  return (
    <div className="charts">
      <Chart {...shared} label={t("usage.cpu")} tell={percent} range={[0, 100]} curves={[{ name: "CPU", xs, ys: points.map((point) => point.cpu_percent) }]} />
      <Chart {...shared} label={t("usage.memory")} tell={(value) => bytes(value)} range={[0, 0]} curves={[{ name: t("usage.memory"), xs, ys: points.map((point) => point.memory_bytes) }]} />
      <Chart
        {...shared} label={t("usage.disk")} tell={rate} range={[0, 1000]}
        curves={[{ name: t("usage.read"), xs, ys: points.map((point) => point.read_bytes_per_second) }, { name: t("usage.write"), xs, ys: points.map((point) => point.write_bytes_per_second) }]}
      />
      <Chart
        {...shared} label={t("usage.processes")} tell={(value) => (Number.isInteger(value) ? count(value) : "")} range={[0, 2]}
        curves={[{ name: t("usage.processes"), xs, ys: points.map((point) => point.processes) }, { name: t("usage.threads"), xs, ys: points.map((point) => point.threads) }]}
      />
      {gpus.length > 0 && <Chart {...shared} label={t("usage.gpu")} tell={percent} range={[0, 100]} curves={gpuCurves("percent")} />}
      {gpus.length > 0 && <Chart {...shared} label={t("usage.gpuMemory")} tell={(value) => bytes(value)} range={[0, 0]} curves={gpuCurves("memory_bytes")} />}
    </div>
  );
}
