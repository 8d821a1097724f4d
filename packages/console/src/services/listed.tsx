/** A list of services, online or batch: filtered by how they stand, each with what may be done with it. */

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay } from "../api/session";
import { described } from "../kit/described";
import { Empty } from "../kit/faces";
import { StatusFilter, useStatus } from "../kit/filter";
import { PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { Time } from "../kit/time";
import { tell } from "../words/told";
import { listServices, pageOf, type ListedService } from "./calls";
import { RemoveService } from "./remove";
import { RowMenu } from "./row-menu";
import { Standing } from "./standing";
import "../training/training.css";

interface Props {
  kind: "real-time" | "batch";
  states: string[];
  /** Between how each stands and when it was changed. */
  columns: Column<ListedService>[];
  /** Milliseconds between two looks. */
  live: number;
  words: Record<"title" | "about" | "make" | "all" | "none" | "noneAbout", string>;
  icon: ReactNode;
  command: string;
}

const ROOMS = { "real-time": "services", batch: "batches" };

export function Listed({ kind, states, columns, live, words, icon, command }: Props) {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [status, setStatus] = useStatus(states);
  const [removing, setRemoving] = useState<ListedService>();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["services", kind] });
  const make = may && <Link to={`/console/${ROOMS[kind]}/new`}><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{words.make}</Button></Link>;
  const all: Column<ListedService>[] = [
    { key: "name", title: t("kit.name"), sort: true, render: (row) => <Named service={row} /> },
    { key: "state", title: t("kit.state"), width: 150, render: (row) => <span title={tell(row.error_told, row.error_msg) || undefined}><Standing service={row} /></span> },
    ...columns,
    { key: "changed", title: t("services.changed"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.publish_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <RowMenu row={row} refresh={refresh} remove={setRemoving} /> },
  ];
  return (
    <Page title={words.title} about={words.about} primary={make}>
      <Card flush>
        <ListTable<ListedService>
          name={["services", kind, status]} label={words.title} rowKey={(row) => row.service_id} columns={all} live={live}
          load={(state, signal) => listServices(kind, status, state, signal)} first={{ sort: "changed", descending: true }}
          tools={<StatusFilter status={status} states={states} onStatus={setStatus} />}
          empty={status
            ? <Empty title={t("kit.nothingFound")} action={<Button onClick={() => setStatus("")}>{words.all}</Button>} />
            : <Empty icon={icon} title={words.none} about={words.noneAbout} action={make || undefined} command={command} />}
        />
      </Card>
      {removing && <RemoveService service={removing} onClose={() => { setRemoving(undefined); refresh(); }} />}
    </Page>
  );
}

function Named({ service }: { service: ListedService }) {
  const { t } = useTranslation();
  return (
    <span className="two-lines">
      <Link className="strong" to={pageOf(service)}>{service.service_name}</Link>
      {service.description && <span className="quiet small">{described(service.description, t)}</span>}
    </span>
  );
}
