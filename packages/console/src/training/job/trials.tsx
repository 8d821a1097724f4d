/** The trials of a search: what each was given, and what it has reached. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { Chart } from "../../kit/chart";
import { Chip } from "../../kit/chip";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { figure } from "./metrics";

const MOST = 1000;
interface Trial {
  number: string;
  state: string;
  reward: number | null;
  given: Record<string, string>;
}

export function Trials({ id, live, least }: { id: string; live: boolean; least: boolean }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["trials", id], refetchInterval: live ? 3000 : false, placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const told = await call("GET /v2/{project_id}/training-jobs/{job_id}/autosearch-trials", { path: { job_id: id }, query: { limit: MOST }, signal });
      return readTrials(told as unknown as Told);
    },
  });
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.length === 0) return <Card><Empty title={t("trials.none")} /></Card>;
  return <Shown trials={found.data} least={least} />;
}

interface Told {
  items: { header: string[]; data: (string | Record<string, unknown>)[][] };
}

/** Ray's words, which ModelArts' answers use, in those of our chips. */
const STATES: Record<string, string> = { TERMINATED: "succeeded", RUNNING: "running", PENDING: "queued", ERROR: "failed" };

function readTrials({ items }: Told): Trial[] {
  const at = (row: Told["items"]["data"][number], name: string) => row[items.header.indexOf(name)] ?? "";
  return items.data.map((row) => {
    const reward = Number.parseFloat(String(at(row, "reward_attr")));
    const state = String(at(row, "status"));
    return { number: String(row[0] ?? ""), state: STATES[state] ?? state, reward: Number.isFinite(reward) ? reward : null, given: givenTo(at(row, "config")) };
  });
}

/** The hyperparameters; the rest of a configuration is told twice, or by its number. */
function givenTo(config: string | Record<string, unknown>): Record<string, string> {
  const pairs = typeof config === "string" ? [] : Object.entries(config);
  return Object.fromEntries(pairs.filter(([name]) => name !== "trial_index" && !name.startsWith("param/")).map(([name, value]) => [name, String(typeof value === "number" ? Number(value.toPrecision(5)) : value)]));
}

function Shown({ trials, least }: { trials: Trial[]; least: boolean }) {
  const { t } = useTranslation();
  const names = [...new Set(trials.flatMap((trial) => Object.keys(trial.given)))];
  const [chosen, setChosen] = useState("");
  const name = names.includes(chosen) ? chosen : (names[0] ?? "");
  const judged = trials.filter((trial) => trial.reward !== null);
  const best = judged.reduce<Trial | undefined>((one, other) => (!one || ((other.reward ?? 0) > (one.reward ?? 0)) !== least ? other : one), undefined);
  const over = judged.map((trial) => ({ x: Number(trial.given[name]), y: trial.reward })).filter((one) => Number.isFinite(one.x)).sort((one, other) => one.x - other.x);
  return (
    <div className="parts">
      {judged.length > 1 && (
        <Card title={t("trials.title")} tools={names.length > 1 && <Select aria-label={t("trials.parameter")} value={name} onChange={setChosen} options={names.map((one) => ({ value: one, label: one }))} />}>
          <div className="charts">
            <Chart label={t("trials.byTurn")} xLabel={t("trials.trial")} tell={figure} curves={[{ name: t("trials.reward"), xs: judged.map((trial) => Number(trial.number)), ys: judged.map((trial) => trial.reward) }]} />
            {over.length > 1 && <Chart label={t("trials.byParameter", { name })} xLabel={name} tell={figure} tellX={figure} curves={[{ name: t("trials.reward"), xs: over.map((one) => one.x), ys: over.map((one) => one.y), dots: true }]} />}
          </div>
        </Card>
      )}
      <Card flush>
        <div className="scrolls">
          <table className="plain">
            <thead><tr><th scope="col">{t("trials.trial")}</th><th scope="col">{t("kit.state")}</th>{names.map((one) => <th key={one} scope="col" className="number">{one}</th>)}<th scope="col" className="number">{t("trials.reward")}</th></tr></thead>
            <tbody>
              {trials.map((trial) => (
                <tr key={trial.number}>
                  <th scope="row">{trial.number}</th><td><Chip state={trial.state} /></td>
                  {names.map((one) => <td key={one} className="number">{trial.given[one] ?? "–"}</td>)}
                  <td className={trial === best ? "number best" : "number"}>{trial.reward === null ? "–" : figure(trial.reward)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </div>
  );
}
