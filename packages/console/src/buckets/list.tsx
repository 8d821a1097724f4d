/** Buckets: the list, and a new one. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { call } from "../api/call";
import type { BucketBody } from "../api/calls";
import { useMay } from "../api/session";
import { Mark } from "../kit/chip";
import { CopyButton } from "../kit/copy";
import { Empty } from "../kit/faces";
import {
  DatabaseOutlined, DeleteOutlined, GlobalOutlined, LockOutlined, MoreOutlined, PlusOutlined,
} from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { useOnce } from "../kit/once";
import { Card, Page } from "../kit/page";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { nameProblem } from "./names";
import { RemoveBucket } from "./remove";
import { makeBucket, obsPath, setPolicy } from "./store";

const BUCKETS = ["buckets"];

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState("");
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: BUCKETS });
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("buckets.new")}</Button>;
  return (
    <Page title={t("menu.buckets")} about={t("buckets.about")} primary={make}>
      <Card flush>
        <ListTable<BucketBody>
          name={BUCKETS} label={t("menu.buckets")} rowKey={(row) => row.name} columns={useColumns(setRemoving, refresh)}
          first={{ sort: "name" }} load={load}
          empty={<Empty icon={<DatabaseOutlined />} title={t("buckets.none")} about={t("buckets.noneAbout")} action={make || undefined} command="maquette mb obs://my-data" />}
        />
      </Card>
      {making && <NewBucket onClose={() => setMaking(false)} />}
      {removing && <RemoveBucket name={removing} onClose={() => { setRemoving(""); void refresh(); }} />}
    </Page>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const all = await call("GET /maquette/{project_id}/buckets", { signal });
  return partOf(all, state, (row) => row.name, { name: (row) => row.name, created: (row) => row.created_at });
}

function useColumns(remove: (name: string) => void, refresh: () => void): Column<BucketBody>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("buckets.name"), sort: true,
      render: (row) => <Link className="strong" to={`/console/buckets/${row.name}`}>{row.name}</Link>,
    },
    {
      key: "policy", title: t("buckets.access"), width: 160,
      render: (row) =>
        row.policy === "public-read"
          ? <Mark tone="wait" icon={<GlobalOutlined />}>{t("buckets.public")}</Mark>
          : <Mark tone="off" icon={<LockOutlined />}>{t("buckets.private")}</Mark>,
    },
    { key: "created", title: t("kit.created"), sort: true, width: 180, wide: true, render: (row) => <Time at={row.created_at} /> },
    {
      key: "path", title: t("buckets.path"), wide: true,
      render: (row) => <span className="copied"><code>{obsPath(row.name)}</code><CopyButton text={obsPath(row.name)} /></span>,
    },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <More row={row} remove={remove} refresh={refresh} /> },
  ];
}

function More({ row, remove, refresh }: { row: BucketBody; remove: (name: string) => void; refresh: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const owner = useMay("owner");
  const may = useMay("member");
  const open = row.policy === "public-read";
  const change = async () => {
    try {
      await setPolicy(row.name, open ? "private" : "public-read");
      refresh();
      void message.success(t(open ? "buckets.closed" : "buckets.opened", { name: row.name }));
    } catch (error) {
      void message.error(tellError(error, t));
    }
  };
  const items = [
    { key: "policy", icon: open ? <LockOutlined /> : <GlobalOutlined />, disabled: !owner, label: t(open ? "buckets.close" : "buckets.open"), onClick: () => void change() },
    { type: "divider" as const },
    { key: "delete", icon: <DeleteOutlined />, danger: true, disabled: !may, label: t("buckets.delete"), onClick: () => remove(row.name) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.name })} />
    </Dropdown>
  );
}

function NewBucket({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ name: string }>();
  const [busy, setBusy] = useState(false);
  const make = useOnce(async ({ name }: { name: string }) => {
    setBusy(true);
    try {
      await makeBucket(name);
      void queries.invalidateQueries({ queryKey: BUCKETS });
      void go(`/console/buckets/${name}`);
    } catch (error) {
      form.setFields([{ name: "name", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  });
  return (
    <Modal open title={t("buckets.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void make(values)}>
        <Form.Item
          name="name" label={t("buckets.name")} extra={t("buckets.nameRule")} validateFirst
          rules={[{ validator: (_, value: string) => problemOf(value ?? "") }]}
        >
          <Input autoFocus autoComplete="off" spellCheck={false} placeholder="my-data" maxLength={63} />
        </Form.Item>
      </Form>
    </Modal>
  );

  function problemOf(value: string): Promise<void> {
    const problem = nameProblem(value);
    return problem ? Promise.reject(new Error(t(`buckets.names.${problem}`))) : Promise.resolve();
  }
}
