/** Services: models behind an address, how each stands and how it is called. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useMay } from "../api/session";
import { Empty } from "../kit/faces";
import { CaretIcon } from "./icons";
import { CloudServerOutlined, DeleteOutlined, MoreOutlined, PlusOutlined, StopOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { tell } from "../words/told";
import { isUp, listServices, startService, stopService, type ListedService, type ServiceRow } from "./calls";
import { RemoveService } from "./remove";
import { Standing, Versions } from "./standing";
import "./services.css";

const SERVICES = ["services"];

export function Component() {
  const { t } = useTranslation();
  const go = useNavigate();
  const may = useMay("member");
  const queries = useQueryClient();
  const [removing, setRemoving] = useState<ListedService>();
  const refresh = () => void queries.invalidateQueries({ queryKey: SERVICES });
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => void go("/console/services/new")}>{t("services.new")}</Button>;
  return (
    <Page title={t("menu.services")} about={t("services.about")} primary={make}>
      <Card flush>
        <ListTable<ServiceRow>
          name={SERVICES} label={t("menu.services")} rowKey={(row) => row.service_id} columns={useColumns(refresh, setRemoving)} load={listServices} live={3000}
          first={{ sort: "changed", descending: true }}
          empty={<Empty icon={<CloudServerOutlined />} title={t("services.none")} about={t("services.noneAbout")} action={make || undefined} command="maquette services deploy MODEL" />}
        />
      </Card>
      {removing && <RemoveService service={removing} onClose={() => { setRemoving(undefined); refresh(); }} />}
    </Page>
  );
}

function useColumns(refresh: () => void, remove: (service: ListedService) => void): Column<ServiceRow>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => (
        <span className="service-name">
          <Link className="strong" to={`/console/services/${row.service_id}`}>{row.service_name}</Link>
          {row.infer_type === "batch" && <span className="quiet small">{t("services.batch")}</span>}
        </span>
      ),
    },
    { key: "state", title: t("kit.state"), width: 150, render: (row) => <span title={tell(row.error_told, row.error_msg) || undefined}><Standing service={row} /></span> },
    { key: "versions", title: t("services.versions"), render: (row) => (row.config.length > 0 ? <Versions config={row.config} /> : <span className="quiet">–</span>) },
    { key: "calls", title: t("services.calls"), width: 100, align: "right", render: (row) => <span className="number">{count(row.invocation_times)}</span> },
    { key: "failures", title: t("services.failures"), width: 100, align: "right", render: (row) => <span className={row.failed_times > 0 ? "number problem" : "number quiet"}>{count(row.failed_times)}</span> },
    { key: "changed", title: t("services.changed"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.publish_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <More row={row} refresh={refresh} remove={remove} /> },
  ];
}

function More({ row, refresh, remove }: { row: ListedService; refresh: () => void; remove: (service: ListedService) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  if (!may) return null;
  const attempt = (work: Promise<unknown>) => void work.then(refresh, (error) => message.error(tellError(error, t)));
  const turn = isUp(row)
    ? { key: "stop", icon: <StopOutlined />, label: t("services.stop"), onClick: () => attempt(stopService(row.service_id)) }
    : { key: "start", icon: <CaretIcon />, label: t("services.start"), onClick: () => attempt(startService(row.service_id)) };
  const items = [turn, { type: "divider" as const }, { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => remove(row) }];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.service_name })} />
    </Dropdown>
  );
}
