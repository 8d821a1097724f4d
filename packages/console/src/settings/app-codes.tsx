/** App codes: they open online services and nothing else. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { AppCodeBody } from "../api/calls";
import { useMay } from "../api/session";
import { ConfirmDelete } from "../kit/confirm";
import { Empty } from "../kit/faces";
import { DeleteOutlined, PlusOutlined, SafetyOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { useOnce } from "../kit/once";
import { Card } from "../kit/page";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { Secret } from "./secret";

const CODES = ["app-codes"];

export function AppCodes() {
  const { t } = useTranslation();
  const may = useMay("member");
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<AppCodeBody>();
  const [removing, setRemoving] = useState<AppCodeBody>();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: CODES });
  const button = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("appCodes.new")}</Button>;
  const columns: Column<AppCodeBody>[] = [
    { key: "name", title: t("kit.name"), sort: true, render: (row) => row.name },
    { key: "created", title: t("kit.created"), sort: true, width: 160, render: (row) => <Time at={row.created_at} /> },
    { key: "used", title: t("keys.used"), width: 160, render: (row) => (row.last_used_at ? <Time at={row.last_used_at} /> : <span className="quiet">{t("keys.never")}</span>) },
    {
      key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right",
      render: (row) => may && <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={t("kit.deleteOne", { name: row.name })} onClick={() => setRemoving(row)} />,
    },
  ];
  const remove = async () => {
    if (removing) await call("DELETE /maquette/{project_id}/app-codes/{id}", { path: { id: removing.id } });
    await refresh();
  };
  return (
    <Card title={t("settings.parts.appCodes")} about={t("appCodes.about")} tools={button} flush>
      <ListTable<AppCodeBody>
        name={CODES} label={t("settings.parts.appCodes")} rowKey={(row) => row.id} columns={columns} load={load} search={false} live={0}
        empty={<Empty icon={<SafetyOutlined />} title={t("appCodes.none")} about={t("appCodes.noneAbout")} />}
      />
      {making && <NewCode onClose={() => setMaking(false)} onMade={(code) => { setMaking(false); setMade(code); void refresh(); }} />}
      {made && <Secret title={t("appCodes.made")} lines={[["X-Apig-AppCode", made.code ?? ""]]} onClose={() => setMade(undefined)} />}
      {removing && (
        <ConfirmDelete title={t("appCodes.removeTitle", { name: removing.name })} onDelete={remove} onClose={() => setRemoving(undefined)}>
          <p>{t("appCodes.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Card>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const all = await call("GET /maquette/{project_id}/app-codes", { signal });
  return partOf([...all].reverse(), state, (row) => row.name, { name: (row) => row.name, created: (row) => row.created_at });
}

function NewCode({ onClose, onMade }: { onClose: () => void; onMade: (code: AppCodeBody) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ name: string }>();
  const [busy, setBusy] = useState(false);
  const make = useOnce(async ({ name }: { name: string }) => {
    setBusy(true);
    try {
      onMade(await call("POST /maquette/{project_id}/app-codes", { body: { name } }));
    } catch (error) {
      form.setFields([{ name: "name", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  });
  return (
    <Modal open title={t("appCodes.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void make(values)}>
        <Form.Item name="name" label={t("kit.name")} rules={[{ required: true, whitespace: true, message: t("kit.needed") }]}><Input autoFocus maxLength={64} autoComplete="off" /></Form.Item>
      </Form>
    </Modal>
  );
}
