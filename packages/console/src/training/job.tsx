/** A training job: its versions, how each went, and what is known of it, tab by tab. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { readAnew } from "../api/anew";
import { useMay } from "../api/session";
import { useAddress } from "../kit/address";
import { Chip } from "../kit/chip";
import { ConfirmDelete } from "../kit/confirm";
import { described } from "../kit/described";
import { Failure, Loading } from "../kit/faces";
import { BarChartOutlined, DeleteOutlined, MoreOutlined, PlusOutlined, RedoOutlined, StopOutlined } from "../kit/icons";
import { Lineage } from "../kit/lineage";
import { useOpening } from "../kit/opening";
import { Card, Page } from "../kit/page";
import { TabParts } from "../kit/tabs";
import { Time } from "../kit/time";
import { openBoard } from "../tensorboard/boards";
import { tellError } from "../words/errors";
import { tell } from "../words/told";
import { Analysis } from "./job/analysis";
import { Artifacts } from "./job/artifacts";
import { Configuration } from "./job/configuration";
import { Difference } from "./job/difference";
import { Events } from "./job/events";
import { Metrics } from "./job/metrics";
import { Resources } from "./job/resources";
import { Split } from "./job/split";
import { Trials, useTrials } from "./job/trials";
import { hasEnded, isLive, readJob, readVersion, readVersions, removeVersion, runAgain, stopVersion, type ListedJob, type ShortVersion, type Version, type VersionRun } from "./jobs";
import { Log } from "./log/log";
import { RemoveJobs } from "./remove";
import "./training.css";

const LIVE = 2000;

export interface Shown {
  job: ListedJob;
  version: Version;
  versions: ShortVersion[];
}

export function Component() {
  const { t } = useTranslation();
  const { job: id = "" } = useParams();
  const [told] = useSearchParams();
  const wanted = told.get("version") ?? "latest";
  const crumbs = [{ label: t("menu.training"), to: "/console/training" }];
  const found = useQuery({
    queryKey: ["job", id, wanted], placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Shown> => {
      const [job, versions, version] = await Promise.all([readJob(id, signal), readVersions(id, signal), readVersion(id, wanted, signal)]);
      return { job, versions, version };
    },
    refetchInterval: (query) => (query.state.data && !isLive(query.state.data.version) ? 10_000 : LIVE),
  });
  if (!found.data) {
    return (
      <Page title={t("menu.training")} crumbs={crumbs}>
        <Card>{found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <Loading />}</Card>
      </Page>
    );
  }
  const { job, version } = found.data;
  return (
    <Page
      title={job.metadata.name} crumbs={crumbs} about={described(job.metadata.description, t) || undefined}
      tools={<Tools key={version.version} {...found.data} />}
    >
      <Head {...found.data} />
      <Told version={version} />
      <Parts shown={found.data} />
    </Page>
  );
}

// ── the head ────────────────────────────────────────────────────────────────────────────────────────

function Head({ version, versions }: Shown) {
  const { t } = useTranslation();
  const [, tell] = useAddress();
  const choose = (name: string) => tell({ run: "", version: name === versions[0]?.version ? "" : name });
  return (
    <Card>
      <div className="job-head">
        <Select
          aria-label={t("jobs.version")} value={version.version} onChange={choose} popupMatchSelectWidth={false}
          options={versions.map((one) => ({ value: one.version, label: <span>{one.version} <span className="quiet">· {t(`states.${one.state as "running"}`)}</span></span> }))}
        />
        <Chip state={version.state} />
        <span className="quiet"><Time at={version.created_at} /></span>
        <Split version={version} />
      </div>
    </Card>
  );
}

/** Why it failed, and the way out where that is known. */
function Told({ version }: { version: Version }) {
  const { t } = useTranslation();
  const failed = version.state === "failed" || version.state === "lost";
  const messages = [...new Set([version, ...version.runs].map((one) => tell(one.told, one.message)).filter(Boolean))];
  if (!failed && version.advice.length === 0) return null;
  return (
    <div className={failed ? "advice" : "advice calm"} role="status">
      {messages.map((one) => <span key={one}>{one}</span>)}
      {version.advice.length > 0 && <><b>{t("jobs.advice")}</b><ul>{version.advice.map((one, at) => <li key={one}>{tell(version.advice_told[at], one)}</li>)}</ul></>}
    </div>
  );
}

function Tools({ job, version, versions }: Shown) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  const go = useNavigate();
  const queries = useQueryClient();
  const [removing, setRemoving] = useState<"job" | "version">();
  const [busy, setBusy] = useState("");
  const id = job.metadata.id;
  const ended = hasEnded(version.state);
  const attempt = (name: string, what: () => Promise<unknown>) => {
    setBusy(name);
    what().then(() => queries.invalidateQueries({ queryKey: ["job", id] }), (error) => message.error(tellError(error, t))).finally(() => setBusy(""));
  };
  const again = async () => {
    const made = await runAgain(id, { from: version.version });
    void go(`/console/training/${id}`);
    void message.success(t("jobs.started", { version: made.version }));
  };
  const items = [
    { key: "version", icon: <DeleteOutlined />, disabled: !ended || versions.length < 2, danger: true, label: t("jobs.removeVersion", { version: version.version }), onClick: () => setRemoving("version") },
    { key: "job", icon: <DeleteOutlined />, danger: true, label: t("jobs.removeJob"), onClick: () => setRemoving("job") },
  ];
  return (
    <>
      <BoardButton version={version} name={job.metadata.name} />
      {may && (
        <>
          {!ended && <Button danger icon={<StopOutlined />} loading={busy === "stop"} onClick={() => attempt("stop", () => stopVersion(id, version.version))}>{t("jobs.stop")}</Button>}
          <Button icon={<RedoOutlined />} loading={busy === "again"} onClick={() => attempt("again", again)}>{t("jobs.again")}</Button>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => void go(`/console/training/new?from=${id}&version=${version.version}`)}>{t("jobs.newVersion")}</Button>
          <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: job.metadata.name })} /></Dropdown>
        </>
      )}
      {removing === "version" && (
        <ConfirmDelete
          title={t("jobs.removeVersionTitle", { version: version.version })}
          onDelete={async () => {
            await removeVersion(id, version.version);
            await readAnew(queries, ["job", id, "latest"]);
            void go(`/console/training/${id}`);
          }}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t("jobs.removeAbout")}</p>
        </ConfirmDelete>
      )}
      {removing === "job" && <RemoveJobs jobs={[job]} onClose={(removed) => (removed ? void go("/console/training") : setRemoving(undefined))} />}
    </>
  );
}

/** Opens the TensorBoard of the output that this version writes; makes one where there is none. */
function BoardButton({ version, name }: { version: Version; name: string }) {
  const may = useMay("member");
  const output = version.specification.outputs.find((one) => one.address)?.address;
  const [busy, open] = useOpening(() => openBoard(output ?? "", name));
  if (!output || !may) return null;
  return <Button icon={<BarChartOutlined />} loading={busy} onClick={open}>TensorBoard</Button>;
}

// ── the tabs ────────────────────────────────────────────────────────────────────────────────────────

type Tab = "configuration" | "log" | "metrics" | "trials" | "resources" | "events" | "artifacts" | "analysis" | "lineage" | "difference";

function Parts({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const [told, tell] = useAddress();
  const { version, versions, job } = shown;
  const live = isLive(version);
  const id = job.metadata.id;
  const trials = useTrials({ id, version, live }).data ?? [];
  const searched = version.specification.search !== null;
  const nameOf = (run: VersionRun) => (run.trial ? t("jobs.trial", { number: trials.find((one) => one.id === run.trial)?.number ?? run.trial }) : `worker-${run.node}`);
  const parts: [Tab, ReactNode][] = [
    ["log", <Log runs={version.runs} names={nameOf} />],
    ["metrics", <Metrics id={id} version={version} versions={versions} names={nameOf} live={live} />],
    ...(searched ? [["trials", <Trials id={id} version={version} live={live} />] as [Tab, ReactNode]] : []),
    ["resources", <Resources runs={version.runs} names={nameOf} live={live} />],
    ["configuration", <Configuration version={version} />],
    ["artifacts", <Artifacts id={id} version={version} live={live} />],
    ["analysis", <Analysis id={id} version={version} live={live} />],
    ["lineage", <Lineage of={{ job_id: id, version: version.version }} />],
    ["events", <Events runs={version.runs} names={nameOf} live={live} />],
    ["difference", <Difference id={id} version={version} versions={versions} />],
  ];
  const here = parts.find(([word]) => word === told.get("tab"))?.[0] ?? "log";
  const choose = (tab: Tab) => tell({ tab: tab === "log" ? "" : tab });
  return (
    <TabParts<Tab>
      here={here} onHere={choose} label={job.metadata.name}
      tabs={parts.map(([word, part]) => ({ key: word, label: t(`jobs.tabs.${word}`), part: <div key={version.id} className="job-part">{part}</div> }))}
    />
  );
}
