/** Everybody who may sign in here; for administrators. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Dropdown, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { UserBody } from "../api/calls";
import { Mark } from "../kit/chip";
import { Empty } from "../kit/faces";
import { MoreOutlined, UserAddOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { partOf, type ListState } from "../kit/list-state";
import { useOnce } from "../kit/once";
import { Card } from "../kit/page";
import { Time } from "../kit/time";
import { tellError } from "../words/errors";
import { useRoles } from "./members";
import { Secret } from "./secret";

const USERS = ["users"];

interface NewUser {
  name: string;
  role: string;
  administrator: boolean;
}

export function Users() {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const [invited, setInvited] = useState<UserBody>();
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: USERS });
  const columns: Column<UserBody>[] = [
    { key: "name", title: t("settings.name"), sort: true, render: (row) => <span className={row.disabled ? "struck" : ""}>{row.name}</span> },
    {
      key: "stands", title: t("kit.state"), width: 280,
      render: (row) => (
        <span className="copied">
          {row.administrator && <Mark tone="go">{t("roles.administrator")}</Mark>}
          {row.disabled && <Mark tone="bad">{t("users.disabled")}</Mark>}
          {!row.has_password && <Mark tone="wait">{t("users.invited")}</Mark>}
          {row.has_password && !row.disabled && <Mark tone="good">{t("users.active")}</Mark>}
        </span>
      ),
    },
    { key: "created", title: t("kit.created"), sort: true, width: 160, wide: true, render: (row) => <Time at={row.created_at} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 56, align: "right", render: (row) => <More row={row} onInvited={setInvited} onChanged={refresh} /> },
  ];
  return (
    <Card
      title={t("settings.parts.users")} about={t("users.about")} flush
      tools={<Button type="primary" icon={<UserAddOutlined />} onClick={() => setMaking(true)}>{t("users.new")}</Button>}
    >
      <ListTable<UserBody> name={USERS} label={t("settings.parts.users")} rowKey={(row) => row.id} columns={columns} load={load} live={0} empty={<Empty title={t("members.none")} />} />
      {making && <MakeUser onClose={() => setMaking(false)} onMade={(user) => { setMaking(false); setInvited(user); refresh(); }} />}
      {invited && (
        <Secret title={t("users.linkFor", { name: invited.name })} lines={[[t("users.link"), `${location.origin}/sign-in#${invited.link ?? ""}`]]} onClose={() => setInvited(undefined)} />
      )}
    </Card>
  );
}

async function load(state: ListState, signal: AbortSignal) {
  const all = await call("GET /maquette/{project_id}/users", { signal });
  return partOf(all, state, (row) => row.name, { name: (row) => row.name, created: (row) => row.created_at });
}

function More({ row, onInvited, onChanged }: { row: UserBody; onInvited: (user: UserBody) => void; onChanged: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const attempt = (work: () => Promise<unknown>) => () => {
    work().catch((error: unknown) => message.error(tellError(error, t))).finally(onChanged);
  };
  const change = (body: { disabled?: boolean; administrator?: boolean }) =>
    attempt(() => call("PUT /maquette/{project_id}/users/{user_id}", { path: { user_id: row.id }, body }));
  const invite = attempt(async () => onInvited(await call("POST /maquette/{project_id}/users/{user_id}/link", { path: { user_id: row.id } })));
  const items = [
    { key: "link", label: t("users.newLink"), onClick: invite },
    { key: "administrator", label: t(row.administrator ? "users.noAdministrator" : "users.makeAdministrator"), onClick: change({ administrator: !row.administrator }) },
    { type: "divider" as const },
    { key: "disable", danger: !row.disabled, label: t(row.disabled ? "users.enable" : "users.disable"), onClick: change({ disabled: !row.disabled }) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.name })} />
    </Dropdown>
  );
}

function MakeUser({ onClose, onMade }: { onClose: () => void; onMade: (user: UserBody) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<NewUser>();
  const [busy, setBusy] = useState(false);
  const make = useOnce(async (body: NewUser) => {
    setBusy(true);
    try {
      onMade(await call("POST /maquette/{project_id}/users", { body }));
    } catch (error) {
      form.setFields([{ name: "name", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  });
  return (
    <Modal open title={t("users.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: "member", administrator: false }} onFinish={(values) => void make(values)}>
        <Form.Item name="name" label={t("settings.name")} extra={t("users.newAbout")} rules={[{ required: true, whitespace: true, message: t("kit.needed") }]}><Input autoFocus autoComplete="off" maxLength={64} /></Form.Item>
        <Form.Item name="role" label={t("settings.role")}><Select options={useRoles()} /></Form.Item>
        <Form.Item name="administrator" valuePropName="checked"><Checkbox>{t("roles.administrator")}</Checkbox></Form.Item>
      </Form>
    </Modal>
  );
}
