/** Models: packages that were imported once and judged, version by version. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useMay } from "../api/session";
import { Chip } from "../kit/chip";
import { Empty } from "../kit/faces";
import { AppstoreOutlined, CloudServerOutlined, DeleteOutlined, MoreOutlined, PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { bytes } from "../kit/size";
import { Time } from "../kit/time";
import { listModels, type ListedModel } from "./calls";
import { Import } from "./import";
import { RemoveModel } from "./remove";
import "../services/services.css";
import "../training/training.css";

const MODELS = ["models"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const go = useNavigate();
  const queries = useQueryClient();
  const [importing, setImporting] = useState(false);
  const [removing, setRemoving] = useState<ListedModel>();
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setImporting(true)}>{t("models.import")}</Button>;
  return (
    <Page title={t("menu.models")} about={t("models.about")} primary={make}>
      <Card flush>
        <ListTable<ListedModel>
          name={MODELS} label={t("menu.models")} rowKey={(row) => row.model_id} columns={useColumns(setRemoving)} load={listModels} live={3000}
          first={{ sort: "created", descending: true }}
          empty={<Empty icon={<AppstoreOutlined />} title={t("models.none")} about={t("models.noneAbout")} action={make || undefined} command="maquette models import ./model --name flowers" />}
        />
      </Card>
      {importing && <Import onClose={() => setImporting(false)} onMade={(id) => void go(`/console/models/${id}`)} />}
      {removing && <RemoveModel model={removing} onClose={() => { setRemoving(undefined); void queries.invalidateQueries({ queryKey: MODELS }); }} />}
    </Page>
  );
}

function useColumns(remove: (model: ListedModel) => void): Column<ListedModel>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => <span className="service-name"><Link className="strong" to={`/console/models/${row.model_id}`}>{row.model_name}</Link>{row.description && <span className="quiet small">{row.description}</span>}</span>,
    },
    { key: "version", title: t("services.version"), sort: true, width: 110, render: (row) => <Link to={`/console/models/${row.model_id}`}>{row.model_version}</Link> },
    { key: "state", title: t("kit.state"), width: 130, render: (row) => <Chip state={row.model_status} /> },
    { key: "type", title: t("models.type"), width: 150, wide: true, render: (row) => row.model_type || "–" },
    { key: "size", title: t("models.size"), sort: true, width: 110, wide: true, align: "right", render: (row) => (row.model_size ? bytes(row.model_size) : "–") },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.create_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <More row={row} remove={remove} /> },
  ];
}

function More({ row, remove }: { row: ListedModel; remove: (model: ListedModel) => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const may = useMay("member");
  if (!may) return null;
  const items = [
    { key: "deploy", icon: <CloudServerOutlined />, label: t("models.deploy"), disabled: row.model_status !== "published", onClick: () => void go(`/console/services/new?model=${row.model_id}`) },
    { type: "divider" as const },
    { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => remove(row) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: `${row.model_name} ${row.model_version}` })} />
    </Dropdown>
  );
}
