/** Access keys: made, shown once, disabled, deleted. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { Key } from "../api/calls";
import { useSession } from "../api/session";
import { ConfirmDelete } from "../kit/confirm";
import { CopyButton } from "../kit/copy";
import { Empty } from "../kit/faces";
import { DeleteOutlined, DownloadOutlined, KeyOutlined, PlusOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { useOnce } from "../kit/once";
import { Card } from "../kit/page";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { credentials } from "./credentials";
import { Secret } from "./secret";

const KEYS = ["keys"];

export function Keys() {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Key>();
  const [removing, setRemoving] = useState<Key>();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: KEYS });
  const button = <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("keys.new")}</Button>;
  const remove = async () => {
    if (removing) await call("DELETE /maquette/{project_id}/access-keys/{access}", { path: { access: removing.access } });
    await refresh();
  };
  return (
    <Card title={t("settings.parts.keys")} about={t("keys.about")} tools={button} flush>
      <ListTable<Key>
        name={KEYS} label={t("settings.parts.keys")} rowKey={(row) => row.access} columns={useColumns(setRemoving)} load={load} search={false} live={0}
        empty={<Empty icon={<KeyOutlined />} title={t("keys.none")} about={t("keys.noneAbout")} command="maquette keys new" />}
      />
      {making && <NewKey onClose={() => setMaking(false)} onMade={(key) => { setMaking(false); setMade(key); void refresh(); }} />}
      {made && <Once made={made} onClose={() => setMade(undefined)} />}
      {removing && (
        <ConfirmDelete title={t("keys.removeTitle", { name: removing.access })} onDelete={remove} onClose={() => setRemoving(undefined)}>
          <p>{t("keys.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Card>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const all = await call("GET /maquette/{project_id}/access-keys", { signal });
  return partOf([...all].reverse(), state, (row) => row.access, {
    created: (row) => row.created_at, used: (row) => row.last_used_at ?? 0, description: (row) => row.description,
  });
}

function useColumns(remove: (key: Key) => void): Column<Key>[] {
  const { t } = useTranslation();
  return [
    {
      key: "access", title: t("keys.access"),
      render: (row) => <span className="copied"><code className={row.disabled ? "struck" : ""}>{row.access}</code><CopyButton text={row.access} /></span>,
    },
    { key: "description", title: t("kit.description"), sort: true, render: (row) => row.description || <span className="quiet">–</span> },
    { key: "created", title: t("kit.created"), sort: true, width: 150, render: (row) => <Time at={row.created_at} /> },
    { key: "used", title: t("keys.used"), sort: true, width: 150, render: (row) => (row.last_used_at ? <Time at={row.last_used_at} /> : <span className="quiet">{t("keys.never")}</span>) },
    { key: "enabled", title: t("keys.enabled"), width: 90, render: (row) => <Enabled row={row} /> },
    {
      key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right",
      render: (row) => <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={t("kit.deleteOne", { name: row.access })} onClick={() => remove(row)} />,
    },
  ];
}

function Enabled({ row }: { row: Key }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const change = async (enabled: boolean) => {
    setBusy(true);
    try {
      await call("PUT /maquette/{project_id}/access-keys/{access}", { path: { access: row.access }, body: { disabled: !enabled } });
      await queries.invalidateQueries({ queryKey: KEYS });
    } catch (error) {
      void message.error(tellError(error, t));
    }
    setBusy(false);
  };
  return <Switch size="small" checked={!row.disabled} loading={busy} aria-label={t("keys.enable", { name: row.access })} onChange={(on) => void change(on)} />;
}

function NewKey({ onClose, onMade }: { onClose: () => void; onMade: (key: Key) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ description?: string }>();
  const [busy, setBusy] = useState(false);
  const make = useOnce(async ({ description = "" }: { description?: string }) => {
    setBusy(true);
    try {
      onMade(await call("POST /maquette/{project_id}/access-keys", { body: { description } }));
    } catch (error) {
      form.setFields([{ name: "description", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  });
  return (
    <Modal open title={t("keys.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" onFinish={(values) => void make(values)}>
        <Form.Item name="description" label={t("kit.description")} extra={t("keys.descriptionAbout")}><Input autoFocus maxLength={200} autoComplete="off" /></Form.Item>
      </Form>
    </Modal>
  );
}

/** The one moment in which the secret can be seen. */
function Once({ made, onClose }: { made: Key; onClose: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const save = () => {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([credentials(session.user_name, made)], { type: "text/csv" }));
    link.href = address;
    link.download = "credentials.csv";
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Secret
      title={t("keys.made")} lines={[["Access Key Id", made.access], ["Secret Access Key", made.secret ?? ""]]} onClose={onClose}
      action={<Button type="primary" icon={<DownloadOutlined />} onClick={save}>{t("keys.save")}</Button>}
    />
  );
}
