/** Models: packages that were imported once and judged, version by version. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useMay } from "../api/session";
import { useAddress } from "../kit/address";
import { Chip } from "../kit/chip";
import { described } from "../kit/described";
import { Empty } from "../kit/faces";
import { AppstoreOutlined, CloudServerOutlined, DeleteOutlined, DownloadOutlined, MoreOutlined, PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { bytes } from "../kit/size";
import { Time } from "../kit/time";
import { listModels, packageAddress, STATUSES, type ListedModel, type UsedModel } from "./calls";
import { TYPES } from "./import/form";
import { RemoveModel } from "./remove";
import { UsedBy } from "./used-by";
import "../services/services.css";
import "../training/training.css";
import "./models.css";

const MODELS = ["models"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [told, tell] = useAddress();
  const [removing, setRemoving] = useState<ListedModel>();
  const filters = { status: told.get("status") ?? "", type: told.get("type") ?? "" };
  const filtered = filters.status !== "" || filters.type !== "";
  const choose = (change: Partial<typeof filters>) => tell({ ...change, page: "" });
  const make = may && <Link to="/console/models/import"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("models.import")}</Button></Link>;
  return (
    <Page title={t("menu.models")} about={t("models.about")} primary={make}>
      <Card flush>
        <ListTable<UsedModel>
          name={[...MODELS, filters]} label={t("menu.models")} rowKey={(row) => row.model_id} columns={useColumns(setRemoving)} live={3000}
          load={(state, signal) => listModels(state, filters, signal)} first={{ sort: "created", descending: true }}
          tools={(
            <div className="filters">
              <Select
                aria-label={t("models.type")} value={filters.type} onChange={(type: string) => choose({ type })} className="phase" popupMatchSelectWidth={false}
                options={[{ value: "", label: t("models.everyType") }, ...TYPES.map((value) => ({ value, label: value }))]}
              />
              <Select
                aria-label={t("kit.state")} value={filters.status} onChange={(status: string) => choose({ status })} className="phase" popupMatchSelectWidth={false}
                options={[{ value: "", label: t("jobs.everyState") }, ...STATUSES.map((value) => ({ value, label: t(`states.${value}`) }))]}
              />
            </div>
          )}
          empty={filtered
            ? <Empty title={t("kit.nothingFound")} action={<Button onClick={() => choose({ status: "", type: "" })}>{t("jobs.showAll")}</Button>} />
            : <Empty icon={<AppstoreOutlined />} title={t("models.none")} about={t("models.noneAbout")} action={make || undefined} command="maquette models import ./model --name flowers" />}
        />
      </Card>
      {removing && <RemoveModel model={removing} onClose={() => { setRemoving(undefined); void queries.invalidateQueries({ queryKey: MODELS }); }} />}
    </Page>
  );
}

function useColumns(remove: (model: ListedModel) => void): Column<UsedModel>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => <span className="service-name"><Link className="strong" to={`/console/models/${row.model_id}`}>{row.model_name}</Link>{row.description && <span className="quiet small">{described(row.description, t)}</span>}</span>,
    },
    { key: "version", title: t("services.version"), sort: true, width: 95, render: (row) => <Link to={`/console/models/${row.model_id}`}>{row.model_version}</Link> },
    { key: "state", title: t("kit.state"), width: 130, render: (row) => <Chip state={row.model_status} /> },
    { key: "used", title: t("models.usedBy"), width: 150, render: (row) => <UsedBy model={row} all={`/console/models/${row.model_id}`} /> },
    { key: "type", title: t("models.type"), width: 120, wide: true, render: (row) => row.model_type || "–" },
    { key: "size", title: t("models.size"), sort: true, width: 95, wide: true, align: "right", render: (row) => (row.model_size ? bytes(row.model_size) : "–") },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 125, render: (row) => <Time at={row.create_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <More row={row} remove={remove} /> },
  ];
}

function More({ row, remove }: { row: ListedModel; remove: (model: ListedModel) => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const may = useMay("member");
  const ready = row.model_status === "published";
  const items = [
    { key: "download", icon: <DownloadOutlined />, disabled: !ready, label: ready ? <a href={packageAddress(row.model_id)} download>{t("models.download")}</a> : t("models.download") },
    ...(may ? [
      { key: "deploy", icon: <CloudServerOutlined />, label: t("models.deploy"), disabled: !ready, onClick: () => void go(`/console/services/new?model=${row.model_id}`) },
      { type: "divider" as const },
      { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => remove(row) },
    ] : []),
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: `${row.model_name} ${row.model_version}` })} />
    </Dropdown>
  );
}
