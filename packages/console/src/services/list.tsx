/** Online services: models behind an address, how each stands and how it is called. */

import { useTranslation } from "react-i18next";

import { format } from "../kit/formats";
import { CloudServerOutlined } from "../kit/icons";
import type { Column } from "../kit/list-table";
import { count } from "../kit/size";
import { spoken } from "../words";
import type { ListedService } from "./calls";
import { Listed } from "./listed";
import { Versions } from "./standing";
import "./services.css";

/** Counts are those since a service was made. */
const dayOf = (at: number) => format(Intl.DateTimeFormat, spoken(), { dateStyle: "medium" } as const).format(at);
const STATES = ["running", "deploying", "concerning", "failed", "stopped"];

export function Component() {
  const { t } = useTranslation();
  const columns: Column<ListedService>[] = [
    { key: "versions", title: t("services.versions"), render: (row) => <Versions config={row.config} /> },
    { key: "calls", title: t("services.calls"), sort: true, width: 180, align: "right", render: (row) => <span className="two-lines"><span className="number">{count(row.invocation_times)}</span><span className="quiet small">{t("services.since", { date: dayOf(row.created_at) })}</span></span> },
    { key: "failures", title: t("services.failures"), sort: true, width: 120, align: "right", render: (row) => <span className={row.failed_times > 0 ? "number problem" : "number quiet"}>{count(row.failed_times)}</span> },
  ];
  const words = {
    title: t("menu.services"), about: t("services.about"), make: t("services.new"), all: t("services.showAll"), none: t("services.none"), noneAbout: t("services.noneAbout"),
  };
  return <Listed kind="real-time" states={STATES} columns={columns} words={words} live={3000} icon={<CloudServerOutlined />} command="maquette services deploy MODEL" />;
}
