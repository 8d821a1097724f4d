/** Engines: what scripts and models can run in here, and what of it is made. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { EngineBody, EnvironmentBody } from "../api/calls";
import { useSession } from "../api/session";
import { Mark } from "../kit/chip";
import { ConfirmDelete } from "../kit/confirm";
import { Command, Empty, Failure, Loading } from "../kit/faces";
import { CheckCircleOutlined, CloseCircleOutlined, DeleteOutlined, DownloadOutlined, SyncOutlined } from "../kit/icons";
import { Cards, useNarrow } from "../kit/list-cards";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { Card } from "../kit/page";
import { bytes, count } from "../kit/size";
import { Time } from "../kit/time";
import { isBeingMade, Prepare } from "./prepare";

const ENGINES = ["engines"];
const ENVIRONMENTS = ["environments"];
const MOST_APART = 4;
const MEGABYTE = 1e6;
const LIVE = 2000;
const CALM = 15_000;

export function Engines() {
  const { t } = useTranslation();
  const { administrator } = useSession();
  const queries = useQueryClient();
  const [shown, setShown] = useState<EngineBody>();
  const [going, setGoing] = useState(false);
  const load = async (state: ListState, signal: AbortSignal) => {
    const { engines } = await call("GET /maquette/{project_id}/engines", { signal });
    const now = engines.some((one) => isBeingMade(one.making));
    // What was just made lies below by now.
    if (going && !now) void queries.invalidateQueries({ queryKey: ENVIRONMENTS });
    setGoing(now);
    return partOf(engines, state, (row) => `${row.engine} ${row.framework} ${row.versions.join(" ")}`, {
      engine: (row) => row.engine, ready: (row) => Number(isBeingMade(row.making)) * MEGABYTE + row.ready.length,
    });
  };
  return (
    <>
      <Made />
      <Card title={t("engines.all")} about={t("engines.about")} tools={<Command text="maquette engines prepare NAME" />} flush>
        <ListTable<EngineBody>
          name={ENGINES} label={t("engines.all")} rowKey={(row) => row.engine} columns={useColumns(administrator, setShown)} live={going ? LIVE : CALM} load={load}
          first={{ sort: "ready", descending: true }} empty={<Empty title={t("engines.none")} command="maquette engines list" />}
        />
      </Card>
      {shown && <Prepare engine={shown} onClose={() => { setShown(undefined); void queries.invalidateQueries({ queryKey: ENGINES }); void queries.invalidateQueries({ queryKey: ENVIRONMENTS }); }} />}
    </>
  );
}

function useColumns(administrator: boolean, show: (engine: EngineBody) => void): Column<EngineBody>[] {
  const { t } = useTranslation();
  return [
    { key: "engine", title: t("engines.engine"), sort: true, render: (row) => <code>{row.engine}</code> },
    { key: "python", title: "Python", width: 90, render: (row) => row.python || "–" },
    { key: "ready", title: t("kit.state"), sort: true, render: (row) => <Standing row={row} /> },
    { key: "versions", title: t("engines.versions"), wide: "very", width: 230, render: (row) => <span className="quiet engine-versions">{row.versions.join(", ")}</span> },
    {
      key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 120, align: "right",
      render: (row) => {
        if (isBeingMade(row.making) || row.making === "failed") return <Button size="small" onClick={() => show(row)}>{t("engines.log")}</Button>;
        if (!administrator || row.ready.length > 0 || row.match !== "exact") return null;
        return <Button size="small" icon={<DownloadOutlined />} aria-label={t("engines.prepareOne", { name: row.engine })} onClick={() => show(row)}>{t("engines.prepare")}</Button>;
      },
    },
  ];
}

function Standing({ row }: { row: EngineBody }) {
  const { t } = useTranslation();
  if (isBeingMade(row.making)) return <Mark tone="go" icon={<SyncOutlined spin />}>{t("engines.making")}</Mark>;
  if (row.ready.length > 0) return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("engines.ready", { versions: row.ready.join(", ") })}</Mark>;
  if (row.making === "failed") return <Mark tone="bad" icon={<CloseCircleOutlined />}>{t("engines.failed")}</Mark>;
  if (row.match !== "exact") return <span className="quiet">{t("engines.noPython")}</span>;
  return <span className="quiet">{t("engines.toFetch", { download: bytes(row.download_mb * MEGABYTE), disk: bytes(row.disk_mb * MEGABYTE) })}</span>;
}

/** The environments on disk. */
function Made() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [removing, setRemoving] = useState<EnvironmentBody>();
  const found = useQuery({ queryKey: ENVIRONMENTS, queryFn: ({ signal }) => call("GET /maquette/{project_id}/engines", { signal }) });
  const remove = async () => {
    if (removing) await call("DELETE /maquette/{project_id}/engines/{name}", { path: { name: removing.name } });
    await queries.invalidateQueries({ queryKey: ENVIRONMENTS });
    await queries.invalidateQueries({ queryKey: ENGINES });
  };
  return (
    <Card title={t("engines.made")} about={found.data && t("engines.madeAbout", { count: found.data.environments.length, told: count(found.data.environments.length), size: bytes(sum(found.data.environments)) })} flush>
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading />
        : found.data.environments.length === 0 ? <Empty title={t("engines.noneMade")} about={t("engines.noneMadeAbout")} command="maquette engines prepare pytorch" />
        : <Environments rows={found.data.environments} onRemove={setRemoving} />}
      {removing && (
        <ConfirmDelete title={t("engines.removeTitle", { name: removing.name })} onDelete={remove} onClose={() => setRemoving(undefined)}>
          <p>{t("engines.removeSize", { size: bytes(removing.bytes) })} {t("engines.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Card>
  );
}

const sum = (rows: EnvironmentBody[]) => rows.reduce((size, one) => size + one.bytes, 0);

/** Of `pytorch-2.13.0-py3.11-5d23a51682` what the engine does not say: its Python, and what tells it from its like. */
function apart({ name, engine }: EnvironmentBody): { python: string; mark: string } {
  const [, python = "", mark = ""] = /^-py([\d.]+)-(\w+)$/.exec(name.slice(engine.length)) ?? [];
  return { python, mark };
}

/** What tells it from others of its engine: the packages that it has besides. */
function Named({ row, likes }: { row: EnvironmentBody; likes: EnvironmentBody[] }) {
  const { t } = useTranslation();
  const more = row.apart.length - MOST_APART;
  const same = likes.every((one) => one.apart.length === 0);
  const names = row.apart.slice(0, MOST_APART).join(", ");
  return (
    <span className="made-name" title={row.name}>
      <span><code>{row.engine || row.name}</code> <span className="quiet small">{apart(row).mark}</span></span>
      {row.ready && likes.length > 1 && (
        <span className="quiet small" title={row.apart.join("\n")}>
          {row.apart.length === 0 ? t(same ? "engines.same" : "engines.asIs") : more > 0 ? t("engines.withMore", { names, count: more, told: count(more) }) : t("engines.with", { names })}
        </span>
      )}
    </span>
  );
}

function Environments({ rows, onRemove }: { rows: EnvironmentBody[]; onRemove: (row: EnvironmentBody) => void }) {
  const { t } = useTranslation();
  const { administrator } = useSession();
  const narrow = useNarrow();
  const keyOf = (row: EnvironmentBody) => row.name;
  const columns: Column<EnvironmentBody>[] = [
    { key: "engine", title: t("engines.engine"), render: (row) => <Named row={row} likes={rows.filter((one) => one.ready && one.engine === row.engine && apart(one).python === apart(row).python)} /> },
    { key: "python", title: "Python", width: 84, render: (row) => apart(row).python || "–" },
    { key: "used", title: t("keys.used"), width: 150, render: (row) => (row.in_use ? <Mark tone="go">{t("engines.inUse")}</Mark> : row.ready ? <span className="quiet"><Time at={row.last_used} /></span> : <Mark tone="wait">{t("engines.unfinished")}</Mark>) },
    { key: "size", title: t("engines.size"), width: 100, align: "right", render: (row) => <span className="short">{bytes(row.bytes)}</span> },
    {
      key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right",
      render: (row) => administrator && (
        <Button type="text" size="small" danger icon={<DeleteOutlined />} disabled={row.in_use} aria-label={t("kit.deleteOne", { name: row.name })} onClick={() => onRemove(row)} />
      ),
    },
  ];
  return (
    <div className="environments" tabIndex={0} role="group" aria-label={t("engines.made")}>
      {narrow
        ? <Cards rows={rows} columns={columns} rowKey={keyOf} label={t("engines.made")} />
        : <Table<EnvironmentBody> rowKey="name" dataSource={rows} pagination={false} size="small" sticky aria-label={t("engines.made")} columns={columns.map(({ render, ...column }) => ({ ...column, render: (_: unknown, row: EnvironmentBody) => render(row) }))} />}
    </div>
  );
}
