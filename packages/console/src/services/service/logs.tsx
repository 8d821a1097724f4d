/** What an instance writes; those that have ended lately stay. */

import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";

import { useAddress } from "../../kit/address";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import type { VersionRun } from "../../training/jobs";
import { Log } from "../../training/log/log";
import { readEvents, readInstances } from "../calls";
import { endedRuns } from "./ended";

export function Logs({ id }: { id: string }) {
  const { t } = useTranslation();
  const [told, tell] = useAddress();
  const found = useQuery({ queryKey: ["service", id, "instances"], queryFn: ({ signal }) => readInstances(id, signal), refetchInterval: 5000 });
  const events = useQuery({ queryKey: ["service", id, "events"], queryFn: ({ signal }) => readEvents(id, signal), refetchInterval: 5000 });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data || events.isPending) return <Card><Loading /></Card>;
  const newest = found.data.filter((one) => !one.leaving).at(-1) ?? found.data.at(-1);
  const ended = endedRuns(events.data ?? [], found.data.map((one) => one.run_id));
  const run = told.get("run") ?? newest?.run_id ?? ended[0];
  if (!run) return <Card><Empty title={t("services.noInstances")} about={t("services.noInstancesAbout")} /></Card>;
  const choose = (value: string) => tell({ run: value });
  const options = found.data.map((one) => ({ value: one.run_id, label: `${one.model_version} · ${one.run_id.slice(0, 8)}` }));
  for (const one of ended) options.push({ value: one, label: `${t("services.ended")} · ${one.slice(0, 8)}` });
  if (!options.some((one) => one.value === run)) options.push({ value: run, label: run.slice(0, 8) });
  return (
    <div className="parts">
      {options.length > 1 && <Select className="instance-choice" aria-label={t("services.instance")} value={run} options={options} onChange={choose} popupMatchSelectWidth={false} />}
      {/* A log looks at nothing of a run but its id. */}
      <Log key={run} runs={[{ id: run } as VersionRun]} names={() => run.slice(0, 8)} />
    </div>
  );
}
