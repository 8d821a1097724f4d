/** Engines: what scripts and models can run in here, and what of it is made. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { EngineBody, EnvironmentBody } from "../api/calls";
import { useSession } from "../api/session";
import { Mark } from "../kit/chip";
import { ConfirmDelete } from "../kit/confirm";
import { Command, Empty, Failure, Loading } from "../kit/faces";
import { CheckCircleOutlined, DeleteOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { Card } from "../kit/page";
import { bytes } from "../kit/size";
import { Time } from "../kit/time";

const ENGINES = ["engines"];
const MEGABYTE = 1e6;

export function Engines() {
  const { t } = useTranslation();
  const columns: Column<EngineBody>[] = [
    { key: "engine", title: t("engines.engine"), sort: true, render: (row) => <code>{row.engine}</code> },
    { key: "python", title: "Python", width: 90, render: (row) => row.python || "–" },
    {
      key: "ready", title: t("kit.state"), sort: true,
      render: (row) =>
        row.ready.length > 0 ? <Mark tone="good" icon={<CheckCircleOutlined />}>{t("engines.ready", { versions: row.ready.join(", ") })}</Mark>
          : row.match === "exact" ? <span className="quiet">{t("engines.toFetch", { download: bytes(row.download_mb * MEGABYTE), disk: bytes(row.disk_mb * MEGABYTE) })}</span>
          : <span className="quiet">{t("engines.noPython")}</span>,
    },
    { key: "versions", title: t("engines.versions"), wide: true, render: (row) => <span className="quiet">{row.versions.join(", ")}</span> },
  ];
  return (
    <>
      <Made />
      <Card title={t("engines.all")} about={t("engines.about")} tools={<Command text="maquette engines prepare NAME" />} flush>
        <ListTable<EngineBody>
          name={ENGINES} label={t("engines.all")} rowKey={(row) => row.engine} columns={columns} live={15_000} load={load}
          first={{ sort: "ready", descending: true }} empty={<Empty title={t("engines.none")} command="maquette engines list" />}
        />
      </Card>
    </>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const { engines } = await call("GET /maquette/{project_id}/engines", { signal });
  return partOf(engines, state, (row) => `${row.engine} ${row.framework} ${row.versions.join(" ")}`, {
    engine: (row) => row.engine, ready: (row) => row.ready.length,
  });
}

const ENVIRONMENTS = ["environments"];

/** The environments on disk. */
function Made() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [removing, setRemoving] = useState<EnvironmentBody>();
  const found = useQuery({ queryKey: ENVIRONMENTS, queryFn: ({ signal }) => call("GET /maquette/{project_id}/engines", { signal }) });
  const remove = async () => {
    if (removing) await call("DELETE /maquette/{project_id}/engines/{name}", { path: { name: removing.name } });
    await queries.invalidateQueries({ queryKey: ENVIRONMENTS });
  };
  return (
    <Card title={t("engines.made")} about={t("engines.madeAbout")} flush>
      {found.error ? <Failure error={found.error} /> : !found.data ? <Loading />
        : found.data.environments.length === 0 ? <Empty title={t("engines.noneMade")} about={t("engines.noneMadeAbout")} command="maquette engines prepare pytorch" />
        : <ul className="lines short" tabIndex={0}>{found.data.environments.map((one) => <Line key={one.name} row={one} onRemove={setRemoving} />)}</ul>}
      {removing && (
        <ConfirmDelete title={t("engines.removeTitle", { name: removing.name })} onDelete={remove} onClose={() => setRemoving(undefined)}>
          <p>{t("engines.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Card>
  );
}

function Line({ row, onRemove }: { row: EnvironmentBody; onRemove: (row: EnvironmentBody) => void }) {
  const { t } = useTranslation();
  const { administrator } = useSession();
  return (
    <li>
      <span><code>{row.engine || row.name}</code> {row.engine && <span className="quiet small">{row.name.replace(`${row.engine}-`, "")}</span>}</span>
      <span>{row.in_use ? <Mark tone="go">{t("engines.inUse")}</Mark> : !row.ready && <Mark tone="wait">{t("engines.unfinished")}</Mark>}</span>
      <span className="quiet"><Time at={row.last_used} /></span>
      <span className="lines-size">{bytes(row.bytes)}</span>
      {administrator && (
        <Button
          type="text" size="small" danger icon={<DeleteOutlined />} disabled={row.in_use} aria-label={t("kit.deleteOne", { name: row.name })}
          onClick={() => onRemove(row)}
        />
      )}
    </li>
  );
}
