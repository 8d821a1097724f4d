/** Batch services: files worked through one after another, and how far each is. */

import { useTranslation } from "react-i18next";

import { duration } from "../kit/duration";
import { InboxOutlined } from "../kit/icons";
import type { Column } from "../kit/list-table";
import { count } from "../kit/size";
import { isUp, type ListedService } from "../services/calls";
import { Listed } from "../services/listed";
import { Versions } from "../services/standing";
import { Bar } from "./bar";
import "./batches.css";

const STATES = ["running", "deploying", "concerning", "finished", "failed", "stopped"];

export function Component() {
  const { t } = useTranslation();
  const columns: Column<ListedService>[] = [
    { key: "progress", title: t("batches.progress"), width: 240, render: (row) => <HowFar row={row} /> },
    { key: "failed", title: t("batches.failed"), sort: true, width: 110, align: "right", render: ({ inputs }) => <span className={inputs && inputs.failed > 0 ? "number problem" : "number quiet"}>{count(inputs?.failed ?? 0)}</span> },
    { key: "versions", title: t("services.version"), wide: true, render: (row) => <Versions config={row.config} /> },
  ];
  const words = {
    title: t("menu.batches"), about: t("batches.about"), make: t("batches.new"), all: t("batches.showAll"), none: t("batches.none"), noneAbout: t("batches.noneAbout"),
  };
  return <Listed kind="batch" states={STATES} columns={columns} words={words} live={2000} icon={<InboxOutlined />} command="maquette batch run MODEL obs://IN/ obs://OUT/" />;
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
