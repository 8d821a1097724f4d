/** Algorithms: training code under a name, with what it takes. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useMay } from "../../api/session";
import { ConfirmDelete } from "../../kit/confirm";
import { Empty } from "../../kit/faces";
import { DeleteOutlined, ExperimentOutlined, MoreOutlined, PlusOutlined } from "../../kit/icons";
import { ListTable, type Column } from "../../kit/list-table";
import { Card, Page } from "../../kit/page";
import { Time } from "../../kit/time";
import { Address } from "../job/configuration";
import { listAlgorithms, removeAlgorithm, type Algorithm } from "./calls";
import "../training.css";

const ALGORITHMS = ["algorithms"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const go = useNavigate();
  const [removing, setRemoving] = useState<Algorithm>();
  const make = may && <Link to="/console/algorithms/new"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("algorithms.new")}</Button></Link>;
  const columns: Column<Algorithm>[] = [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: ({ metadata }) => <span className="two-lines"><Link className="strong" to={`/console/algorithms/${metadata.id}`}>{metadata.name}</Link>{metadata.description && <span className="quiet small">{metadata.description}</span>}</span>,
    },
    { key: "engine", title: t("jobs.engine"), render: ({ job_config: config }) => <span className="quiet">{config.engine.engine_version || t("jobs.byImports")}</span> },
    { key: "code", title: t("jobs.code"), wide: true, render: ({ job_config: config }) => <Address address={config.code_dir} /> },
    { key: "changed", title: t("algorithms.changed"), sort: true, width: 150, render: ({ metadata }) => <Time at={metadata.update_time / 1000} /> },
    {
      key: "use", title: <span className="unseen">{t("kit.more")}</span>, width: 200, align: "right",
      render: (row) => may && (
        <>
          <Button size="small" onClick={() => void go(`/console/training/new?algorithm=${row.metadata.id}`)}>{t("jobs.new")}</Button>
          <Dropdown trigger={["click"]} placement="bottomRight" menu={{ items: [{ key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => setRemoving(row) }] }}>
            <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.metadata.name })} />
          </Dropdown>
        </>
      ),
    },
  ];
  return (
    <Page title={t("menu.algorithms")} about={t("algorithms.about")} primary={make}>
      <Card flush>
        <ListTable<Algorithm>
          name={ALGORITHMS} label={t("menu.algorithms")} rowKey={(row) => row.metadata.id} columns={columns} load={listAlgorithms} live={15_000}
          first={{ sort: "changed", descending: true }}
          empty={<Empty icon={<ExperimentOutlined />} title={t("algorithms.none")} about={t("algorithms.noneAbout")} action={make || undefined} command="maquette algorithms create algorithm.json" />}
        />
      </Card>
      {removing && (
        <ConfirmDelete
          title={t("algorithms.removeTitle", { name: removing.metadata.name })} onClose={() => setRemoving(undefined)}
          onDelete={async () => {
            await removeAlgorithm(removing.metadata.id);
            await queries.invalidateQueries({ queryKey: ALGORITHMS });
          }}
        >
          <p>{t("algorithms.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Page>
  );
}
