/** The trials of a search: what each was given, what it has reached, and which parameter decides how much. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { following } from "../../api/following";
import { useMay } from "../../api/session";
import { Chart } from "../../kit/chart";
import { Chip, Mark } from "../../kit/chip";
import { duration } from "../../kit/duration";
import { Empty, Failure, Loading } from "../../kit/faces";
import { format } from "../../kit/formats";
import { CheckCircleOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { count } from "../../kit/size";
import { spoken } from "../../words";
import { tellError } from "../../words/errors";
import { byMagnitude, searchOf, type Search } from "../create/search";
import { bucketPage, obsOf, type Version } from "../jobs";
import { figure } from "./metrics";
import { axisOf, bestOf, bestSoFar, endTrial, readShares, readTrials, type Share, type Trial } from "./tried";

interface Props {
  id: string;
  version: Version;
  live: boolean;
}

export function useTrials({ id, version, live }: Props) {
  const search = version.specification.search;
  return useQuery({
    ...following(["trials", id, version.version], live, 3000), enabled: search !== null,
    queryFn: ({ signal }) => readTrials(id, version.version, searchOf(search).goals.slice(1).map((goal) => goal.name), signal),
  });
}

export function Trials(props: Props) {
  const { t } = useTranslation();
  const found = useTrials(props);
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Loading />;
  if (found.data.length === 0) return <Card><Empty title={t(props.live ? "trials.none" : "trials.noneOver")} about={t(props.live ? "trials.noneAbout" : "trials.noneOverAbout")} /></Card>;
  return <Shown {...props} trials={found.data} search={searchOf(props.version.specification.search)} />;
}

function Shown({ trials, search, ...of }: Props & { trials: Trial[]; search: Search }) {
  const least = search.goals[0]?.mode === "min";
  const best = bestOf(trials, least);
  return (
    <div className="parts">
      {best && <Best best={best} trials={trials} search={search} version={of.version} />}
      {trials.filter((trial) => trial.reward !== null).length > 1 && <Plots trials={trials} search={search} least={least} />}
      <Importance {...of} />
      <All {...of} trials={trials} search={search} least={least} best={best} />
    </div>
  );
}

function Best({ best, trials, search, version }: { best: Trial; trials: Trial[]; search: Search; version: Version }) {
  const { t } = useTranslation();
  const ended = trials.filter((trial) => trial.state !== "running" && trial.state !== "queued").length;
  return (
    <Card title={t("trials.best")} about={t("trials.progress", { ended: count(ended), total: count(Math.max(trials.length, search.trials)) })} tools={<Ways trial={best} version={version} />}>
      <dl className="figures">
        <div><dt>{search.goals[0]?.name}</dt><dd>{best.reward === null ? "–" : figure(best.reward)}</dd></div>
        {Object.entries(best.given).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </Card>
  );
}

/** To what a trial has said and left. */
function Ways({ trial, version }: { trial: Trial; version: Version }) {
  const { t } = useTranslation();
  const run = version.runs.find((one) => one.trial === trial.id);
  const output = version.specification.outputs.find((one) => one.address)?.address;
  const folder = output && bucketPage(`${obsOf(output).replace(/\/$/, "")}/${trial.id}/`);
  return (
    <span className="ways">
      {run && <Link to={`?version=${version.version}&run=${run.id}`} aria-label={t("trials.logOf", { number: trial.number })}>{t("jobs.tabs.log")}</Link>}
      {folder && <Link to={folder} aria-label={t("trials.outputOf", { number: trial.number })}>{t("jobs.outputs")}</Link>}
    </span>
  );
}

function Plots({ trials, search, least }: { trials: Trial[]; search: Search; least: boolean }) {
  const { t } = useTranslation();
  const names = search.sought.map((one) => one.name);
  const [chosen, setChosen] = useState("");
  const name = names.includes(chosen) ? chosen : (names[0] ?? "");
  const judged = trials.filter((trial): trial is Trial & { reward: number } => trial.reward !== null);
  const rewards = judged.map((trial) => trial.reward);
  const turns = judged.map((trial) => trial.number);
  const { places, words } = axisOf(judged.map((trial) => trial.given[name] ?? ""));
  const over = judged.map((trial) => ({ x: places.get(trial.given[name] ?? "") ?? 0, y: trial.reward })).sort((one, other) => one.x - other.x);
  const goal = search.goals[0]?.name ?? t("trials.reward");
  return (
    <Card title={t("trials.title")} tools={names.length > 1 && <Select aria-label={t("trials.parameter")} value={name} onChange={setChosen} popupMatchSelectWidth={false} options={names.map((one) => ({ value: one, label: one }))} />}>
      <div className="charts">
        <Chart
          label={t("trials.byTurn", { goal })} xLabel={t("trials.trial")} tell={figure} tellX={(value) => (Number.isInteger(value) ? count(value) : "")}
          curves={[{ name: t("trials.soFar"), xs: turns, ys: bestSoFar(rewards, least), colour: 2 }, { name: goal, xs: turns, ys: rewards, dots: true, colour: 0 }]}
        />
        <Chart
          label={t("trials.byParameter", { goal, name })} xLabel={name} tell={figure} logX={byMagnitude(search.sought.find((one) => one.name === name))} tellX={words ? (value) => words[value] ?? "" : figure}
          curves={[{ name: goal, xs: over.map((one) => one.x), ys: over.map((one) => one.y), dots: true }]}
        />
      </div>
    </Card>
  );
}

const percent = (value: number) => format(Intl.NumberFormat, spoken(), { style: "percent", maximumFractionDigits: 0 } as const).format(value);

function Importance({ id, version, live }: Props) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["importance", id, version.version, version.state], queryFn: ({ signal }) => readShares(id, version.version, signal) });
  if (found.error) return <Card title={t("trials.importance")}><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data || (found.data.length === 0 && live)) return null;
  return (
    <Card title={t("trials.importance")} about={t("trials.importanceAbout")}>
      {found.data.length === 0 ? <p className="quiet">{t("trials.importanceNone")}</p> : <Shares all={found.data} />}
    </Card>
  );
}

function Shares({ all }: { all: Share[] }) {
  return (
    <div className="bars shares">
      {all.map(({ name, share, deviation }) => (
        <div key={name}><span title={name}>{name}</span><i aria-hidden style={{ width: `${share * 100}%` }} /><b>{percent(share)}{deviation >= 0.005 && <span className="quiet"> ± {percent(deviation)}</span>}</b></div>
      ))}
    </div>
  );
}

function All({ id, version, live, trials, search, least, best }: Props & { trials: Trial[]; search: Search; least: boolean; best: Trial | undefined }) {
  const { t } = useTranslation();
  const may = useMay("member");
  const [byReward, setByReward] = useState(false);
  const names = search.sought.map((one) => one.name);
  const [goal, ...noted] = search.goals.map((one) => one.name);
  const worst = least ? Infinity : -Infinity;
  const rows = byReward ? [...trials].sort((one, other) => ((other.reward ?? worst) - (one.reward ?? worst) || 0) * (least ? -1 : 1) || one.number - other.number) : trials;
  return (
    <Card title={t("jobs.tabs.trials")} flush tools={<label className="field-beside">{t("trials.byReward")} <Switch size="small" checked={byReward} onChange={setByReward} /></label>}>
      <div className="scrolls">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t("trials.trial")}</th><th scope="col">{t("kit.state")}</th>
              {names.map((one) => <th key={one} scope="col" className="number">{one}</th>)}
              <th scope="col" className="number">{goal}</th>{noted.map((one) => <th key={one} scope="col" className="number">{one}</th>)}
              <th scope="col" className="number">{t("jobs.duration")}</th><th scope="col"><span className="unseen">{t("kit.more")}</span></th>
            </tr>
          </thead>
          <tbody>
            {rows.map((trial) => (
              <tr key={trial.id}>
                <th scope="row" className="short">{trial.number} <code className="quiet small">{trial.id}</code></th>
                <td><span className="ways"><Chip state={trial.state} />{trial === best && <Mark tone="good" icon={<CheckCircleOutlined />}>{t("trials.bestOne")}</Mark>}</span></td>
                {names.map((one) => <td key={one} className="number">{trial.given[one] ?? "–"}</td>)}
                <td className={trial === best ? "number best" : "number"} title={trial.most === null ? undefined : t("trials.most", { value: figure(trial.most) })}>{trial.reward === null ? "–" : figure(trial.reward)}</td>
                {noted.map((one) => <td key={one} className="number">{typeof trial.noted[one] === "number" ? figure(trial.noted[one]) : "–"}</td>)}
                <td className="number">{trial.seconds > 0 ? duration(trial.seconds) : "–"}</td>
                <td><span className="ways"><Ways trial={trial} version={version} />{may && live && trial.state === "running" && <EndEarly id={id} trial={trial} />}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** What it has reached counts, and the search goes on with the next. */
function EndEarly({ id, trial }: { id: string; trial: Trial }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const end = () => {
    setBusy(true);
    endTrial(id, trial.id).then(() => queries.invalidateQueries({ queryKey: ["trials", id] }), (error) => message.error(tellError(error, t))).finally(() => setBusy(false));
  };
  return <Button size="small" loading={busy} aria-label={t("trials.endOne", { number: trial.number })} title={t("trials.endAbout")} onClick={end}>{t("trials.end")}</Button>;
}
