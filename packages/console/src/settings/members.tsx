/** Who is in the workspace, and as what. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { MemberBody } from "../api/calls";
import { useMay } from "../api/session";
import { ConfirmDelete } from "../kit/confirm";
import { Empty } from "../kit/faces";
import { UserDeleteOutlined, UsergroupAddOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { Card } from "../kit/page";
import { tellError } from "../words/errors";

const MEMBERS = ["members"];
export const ROLES = ["viewer", "member", "owner"] as const;

export function useRoles() {
  const { t } = useTranslation();
  return ROLES.map((value) => ({ value: value as string, label: t(`roles.${value}`) }));
}

export function Members() {
  const { t } = useTranslation();
  const owner = useMay("owner");
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<MemberBody>();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: MEMBERS });
  const button = owner && <Button type="primary" icon={<UsergroupAddOutlined />} onClick={() => setAdding(true)}>{t("members.add")}</Button>;
  const columns: Column<MemberBody>[] = [
    { key: "name", title: t("settings.name"), sort: true, render: (row) => row.user_name },
    { key: "role", title: t("settings.role"), width: 180, render: (row) => (owner ? <RoleOf row={row} /> : t(`roles.${row.role as "owner"}`)) },
    { key: "may", title: t("members.may"), wide: true, render: (row) => <span className="quiet">{t(`members.does.${row.role as "owner"}`)}</span> },
    {
      key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right",
      render: (row) => owner && <Button type="text" size="small" danger icon={<UserDeleteOutlined />} aria-label={t("members.removeOne", { name: row.user_name })} onClick={() => setRemoving(row)} />,
    },
  ];
  const remove = async () => {
    if (removing) await call("DELETE /maquette/{project_id}/members/{user_id}", { path: { user_id: removing.user_id } });
    await refresh();
  };
  return (
    <Card title={t("settings.parts.members")} about={t("members.about")} tools={button} flush>
      <ListTable<MemberBody>
        name={MEMBERS} label={t("settings.parts.members")} rowKey={(row) => row.user_id} columns={columns} load={load} live={0}
        empty={<Empty title={t("members.none")} />}
      />
      {adding && <AddMember onClose={() => setAdding(false)} onDone={() => { setAdding(false); void refresh(); }} />}
      {removing && (
        <ConfirmDelete title={t("members.removeTitle", { name: removing.user_name })} verb={t("members.remove")} onDelete={remove} onClose={() => setRemoving(undefined)}>
          <p>{t("members.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Card>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const all = await call("GET /maquette/{project_id}/members", { signal });
  return partOf(all, state, (row) => row.user_name, { name: (row) => row.user_name });
}

function RoleOf({ row }: { row: MemberBody }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const change = async (role: string) => {
    try {
      await call("PUT /maquette/{project_id}/members", { body: { user_name: row.user_name, role } });
    } catch (error) {
      void message.error(tellError(error, t));
    }
    await queries.invalidateQueries({ queryKey: MEMBERS });
  };
  return <Select value={row.role} options={useRoles()} aria-label={t("members.roleOf", { name: row.user_name })} style={{ width: 130 }} onChange={(role) => void change(role)} />;
}

function AddMember({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ user_name: string; role: string }>();
  const [busy, setBusy] = useState(false);
  const add = async (values: { user_name: string; role: string }) => {
    setBusy(true);
    try {
      await call("PUT /maquette/{project_id}/members", { body: values });
      onDone();
    } catch (error) {
      form.setFields([{ name: "user_name", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("members.add")} onCancel={onClose} okText={t("members.addOk")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: "member" }} onFinish={(values) => void add(values)}>
        <Form.Item name="user_name" label={t("settings.name")} extra={t("members.addAbout")} rules={[{ required: true, whitespace: true, message: t("kit.needed") }]}><Input autoFocus autoComplete="off" maxLength={64} /></Form.Item>
        <Form.Item name="role" label={t("settings.role")}><Select options={useRoles()} /></Form.Item>
      </Form>
    </Modal>
  );
}
