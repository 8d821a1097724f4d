/** Batch services: files worked through one after another, and how far each is. */

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay } from "../api/session";
import { duration } from "../kit/duration";
import { Empty } from "../kit/faces";
import { InboxOutlined, PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Time } from "../kit/time";
import { isUp, listServices, pageOf, type ListedService } from "../services/calls";
import { StatusFilter, useStatus } from "../services/filter";
import { RemoveService } from "../services/remove";
import { RowMenu } from "../services/row-menu";
import { Standing, Versions } from "../services/standing";
import { tell } from "../words/told";
import { Bar } from "./bar";
import "../training/training.css";
import "./batches.css";

const BATCHES = ["services", "batch"];
const STATES = ["running", "deploying", "concerning", "finished", "failed", "stopped"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [status, setStatus] = useStatus();
  const [removing, setRemoving] = useState<ListedService>();
  const refresh = () => void queries.invalidateQueries({ queryKey: BATCHES });
  const make = may && <Link to="/console/batches/new"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("batches.new")}</Button></Link>;
  return (
    <Page title={t("menu.batches")} about={t("batches.about")} primary={make}>
      <Card flush>
        <ListTable<ListedService>
          name={[...BATCHES, status]} label={t("menu.batches")} rowKey={(row) => row.service_id} columns={useColumns(refresh, setRemoving)} live={2000}
          load={(state, signal) => listServices("batch", status, state, signal)} first={{ sort: "changed", descending: true }}
          tools={<StatusFilter status={status} states={STATES} onStatus={setStatus} />}
          empty={status
            ? <Empty title={t("kit.nothingFound")} action={<Button onClick={() => setStatus("")}>{t("batches.showAll")}</Button>} />
            : <Empty icon={<InboxOutlined />} title={t("batches.none")} about={t("batches.noneAbout")} action={make || undefined} command="maquette batch run MODEL obs://IN/ obs://OUT/" />}
        />
      </Card>
      {removing && <RemoveService service={removing} onClose={() => { setRemoving(undefined); refresh(); }} />}
    </Page>
  );
}

function useColumns(refresh: () => void, remove: (service: ListedService) => void): Column<ListedService>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => (
        <span className="two-lines">
          <Link className="strong" to={pageOf(row)}>{row.service_name}</Link>
          {row.description && <span className="quiet small">{row.description}</span>}
        </span>
      ),
    },
    { key: "state", title: t("kit.state"), width: 140, render: (row) => <span title={tell(row.error_told, row.error_msg) || undefined}><Standing service={row} /></span> },
    { key: "progress", title: t("batches.progress"), width: 240, render: (row) => <HowFar row={row} /> },
    { key: "failures", title: t("batches.failed"), width: 90, align: "right", render: ({ inputs }) => <span className={inputs && inputs.failed > 0 ? "number problem" : "number quiet"}>{count(inputs?.failed ?? 0)}</span> },
    { key: "versions", title: t("services.version"), wide: true, render: (row) => <Versions config={row.config} /> },
    { key: "changed", title: t("services.changed"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.publish_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <RowMenu row={row} refresh={refresh} remove={remove} /> },
  ];
}

function HowFar({ row }: { row: ListedService }) {
  const { t } = useTranslation();
  const { inputs } = row;
  if (!inputs || inputs.total === 0) return <span className="quiet">–</span>;
  const left = isUp(row) && inputs.seconds_left !== null ? ` · ${t("batches.toGo", { time: duration(inputs.seconds_left) })}` : "";
  return (
    <span className="how-far">
      <Bar {...inputs} label={row.service_name} />
      <span className="quiet small">{t("batches.doneOf", { done: count(inputs.done + inputs.failed), all: count(inputs.total) })}{left}</span>
    </span>
  );
}
