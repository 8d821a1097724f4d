/** Training jobs: the list, what is chosen in it, and the way to a new one. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useMay } from "../api/session";
import { Chip } from "../kit/chip";
import { described } from "../kit/described";
import { Empty } from "../kit/faces";
import { StatusFilter, useStatus } from "../kit/filter";
import { DeleteOutlined, ExperimentOutlined, MoreOutlined, PlusOutlined, RedoOutlined, StopOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Ticking } from "../kit/ticking";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { figuresOf, sizeOf } from "./create/choices";
import { hasEnded, listJobs, PHASES, runAgain, stopJob, type ListedJob } from "./jobs";
import { RemoveJobs } from "./remove";
import "./training.css";

const JOBS = ["jobs"];
const STATES = PHASES.map((one) => one.toLowerCase());

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [status, setStatus] = useStatus(STATES);
  const [chosen, setChosen] = useState<string[]>([]);
  const [removing, setRemoving] = useState<ListedJob[]>([]);
  const [seen, setSeen] = useState<ListedJob[]>([]);
  const refresh = () => void queries.invalidateQueries({ queryKey: JOBS });
  const make = may && <Link to="/console/training/new"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("jobs.new")}</Button></Link>;
  const rows = seen.filter((job) => chosen.includes(job.metadata.id));
  return (
    <Page title={t("menu.training")} about={t("jobs.about")} primary={make}>
      <Card flush>
        <ListTable<ListedJob>
          name={[...JOBS, status]} label={t("menu.training")} rowKey={(job) => job.metadata.id} columns={useColumns(setRemoving, refresh)}
          first={{ sort: "created", descending: true }} live={3000}
          load={async (state, signal) => {
            const part = await listJobs(state, status, signal);
            setSeen((before) => [...part.rows, ...before.filter((one) => !part.rows.some((job) => job.metadata.id === one.metadata.id))].slice(0, 500));
            return part;
          }}
          {...(may && { chosen, onChoose: setChosen, nameOf: (job: ListedJob) => job.metadata.name })}
          tools={(
            <>
              {rows.length > 0 && <Chosen rows={rows} refresh={refresh} onDelete={() => setRemoving(rows)} />}
              <StatusFilter status={status} states={STATES} onStatus={setStatus} />
            </>
          )}
          empty={status
            ? <Empty title={t("kit.nothingFound")} action={<Button onClick={() => setStatus("")}>{t("jobs.showAll")}</Button>} />
            : <Empty icon={<ExperimentOutlined />} title={t("jobs.none")} about={t("jobs.noneAbout")} action={make || undefined} command="maquette jobs submit ./code --boot train.py" />}
        />
      </Card>
      {removing.length > 0 && (
        <RemoveJobs
          jobs={removing}
          onClose={(removed) => {
            setRemoving([]);
            if (!removed) return;
            setChosen([]);
            refresh();
          }}
        />
      )}
    </Page>
  );
}

function Chosen({ rows, refresh, onDelete }: { rows: ListedJob[]; refresh: () => void; onDelete: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const going = rows.filter((job) => !hasEnded(job.status.phase));
  const stop = async () => {
    const told = await Promise.allSettled(going.map((job) => stopJob(job.metadata.id)));
    const failed = told.find((one) => one.status === "rejected");
    if (failed) void message.error(tellError(failed.reason, t));
    refresh();
  };
  return (
    <div className="chosen-jobs">
      <b>{t("kit.chosen", { count: rows.length, told: count(rows.length) })}</b>
      <Button size="small" icon={<StopOutlined />} disabled={going.length === 0} onClick={() => void stop()}>{t("jobs.stop")}</Button>
      <Button size="small" danger icon={<DeleteOutlined />} onClick={onDelete}>{t("kit.delete")}</Button>
    </div>
  );
}

function useColumns(remove: (jobs: ListedJob[]) => void, refresh: () => void): Column<ListedJob>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: ({ metadata }) => (
        <span className="two-lines">
          <Link className="strong" to={`/console/training/${metadata.id}`}>{metadata.name}</Link>
          {metadata.description && <span className="quiet small">{described(metadata.description, t)}</span>}
        </span>
      ),
    },
    { key: "state", title: t("kit.state"), width: 140, render: ({ status }) => <Chip state={status.phase} /> },
    { key: "engine", title: t("jobs.engine"), wide: true, render: ({ algorithm }) => <span className="quiet">{algorithm.engine?.engine_version || t("jobs.byImports")}</span> },
    { key: "flavour", title: t("jobs.flavour"), wide: true, render: ({ spec }) => <span className="quiet">{spec.resource && sizeOf(figuresOf(spec.resource.flavor_detail.flavor_info), t)}</span> },
    { key: "duration", title: t("jobs.duration"), width: 130, align: "right", render: ({ status }) => <span className="short">{status.start_time ? <Ticking seconds={status.duration / 1000} going={status.phase === "Running"} /> : "–"}</span> },
    { key: "created", title: t("kit.created"), sort: true, width: 150, render: ({ metadata }) => <Time at={metadata.create_time / 1000} /> },
    { key: "who", title: t("jobs.who"), wide: "very", width: 120, render: ({ metadata }) => metadata.user_name },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (job) => <More job={job} remove={remove} refresh={refresh} /> },
  ];
}

function More({ job, remove, refresh }: { job: ListedJob; remove: (jobs: ListedJob[]) => void; refresh: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  const go = useNavigate();
  const { id, name } = job.metadata;
  const attempt = (what: Promise<unknown>) => void what.then(refresh, (error) => message.error(tellError(error, t)));
  const items = [
    { key: "stop", icon: <StopOutlined />, disabled: !may || hasEnded(job.status.phase), label: t("jobs.stop"), onClick: () => attempt(stopJob(id)) },
    { key: "again", icon: <RedoOutlined />, disabled: !may, label: t("jobs.again"), onClick: () => attempt(runAgain(id, { from: "latest" })) },
    { key: "version", icon: <PlusOutlined />, disabled: !may, label: t("jobs.newVersion"), onClick: () => void go(`/console/training/new?from=${id}`) },
    { type: "divider" as const },
    { key: "delete", icon: <DeleteOutlined />, danger: true, disabled: !may, label: t("kit.delete"), onClick: () => remove([job]) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name })} />
    </Dropdown>
  );
}
