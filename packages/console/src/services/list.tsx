/** Online services: models behind an address, how each stands and how it is called. */

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay } from "../api/session";
import { Empty } from "../kit/faces";
import { CloudServerOutlined, PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Time } from "../kit/time";
import { tell } from "../words/told";
import { listServices, pageOf, type ListedService } from "./calls";
import { StatusFilter, useStatus } from "./filter";
import { RemoveService } from "./remove";
import { RowMenu } from "./row-menu";
import { Standing, Versions } from "./standing";
import "../training/training.css";
import "./services.css";

const SERVICES = ["services", "real-time"];
const STATES = ["running", "deploying", "concerning", "failed", "stopped"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [status, setStatus] = useStatus();
  const [removing, setRemoving] = useState<ListedService>();
  const refresh = () => void queries.invalidateQueries({ queryKey: SERVICES });
  const make = may && <Link to="/console/services/new"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("services.new")}</Button></Link>;
  return (
    <Page title={t("menu.services")} about={t("services.about")} primary={make}>
      <Card flush>
        <ListTable<ListedService>
          name={[...SERVICES, status]} label={t("menu.services")} rowKey={(row) => row.service_id} columns={useColumns(refresh, setRemoving)} live={3000}
          load={(state, signal) => listServices("real-time", status, state, signal)} first={{ sort: "changed", descending: true }}
          tools={<StatusFilter status={status} states={STATES} onStatus={setStatus} />}
          empty={status
            ? <Empty title={t("kit.nothingFound")} action={<Button onClick={() => setStatus("")}>{t("services.showAll")}</Button>} />
            : <Empty icon={<CloudServerOutlined />} title={t("services.none")} about={t("services.noneAbout")} action={make || undefined} command="maquette services deploy MODEL" />}
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
    { key: "state", title: t("kit.state"), width: 150, render: (row) => <span title={tell(row.error_told, row.error_msg) || undefined}><Standing service={row} /></span> },
    { key: "versions", title: t("services.versions"), render: (row) => <Versions config={row.config} /> },
    { key: "calls", title: t("services.calls"), width: 110, align: "right", render: (row) => <span className="number">{count(row.invocation_times)}</span> },
    { key: "failures", title: t("services.failures"), width: 110, align: "right", render: (row) => <span className={row.failed_times > 0 ? "number problem" : "number quiet"}>{count(row.failed_times)}</span> },
    { key: "changed", title: t("services.changed"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.publish_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <RowMenu row={row} refresh={refresh} remove={remove} /> },
  ];
}
