/** Notebooks: JupyterLab with one's engines and buckets; they stop by themselves, and keep what is in their work folder. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay, useSession } from "../api/session";
import { Chip } from "../kit/chip";
import { ConfirmDelete } from "../kit/confirm";
import { duration } from "../kit/duration";
import { Empty } from "../kit/faces";
import { ClockCircleOutlined, CodeOutlined, DeleteOutlined, MoreOutlined, PlusOutlined, StopOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { Time } from "../kit/time";
import { readFlavours } from "../training/create/choices";
import { tellError } from "../words/errors";
import { addressWhenReady, isOver, listNotebooks, makeNotebook, NAME, readImages, removeNotebook, renewLease, secondsLeft, startNotebook, stopNotebook, type Notebook, type Wanted } from "./calls";

const NOTEBOOKS = ["notebooks"];
const MOST_HOURS = 168;

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Notebook>();
  const [renewing, setRenewing] = useState<Notebook>();
  const refresh = () => void queries.invalidateQueries({ queryKey: NOTEBOOKS });
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("notebooks.new")}</Button>;
  return (
    <Page title={t("menu.notebooks")} about={t("notebooks.about")} primary={make}>
      <Card flush>
        <ListTable<Notebook>
          name={NOTEBOOKS} label={t("menu.notebooks")} rowKey={(row) => row.id} load={listNotebooks} live={3000} first={{ sort: "created", descending: true }}
          columns={useColumns({ refresh, remove: setRemoving, renew: setRenewing })}
          empty={<Empty icon={<CodeOutlined />} title={t("notebooks.none")} about={t("notebooks.noneAbout")} action={make || undefined} command="maquette notebooks create bench --engine pytorch" />}
        />
      </Card>
      {making && <NewNotebook onClose={() => { setMaking(false); refresh(); }} />}
      {renewing && <Renew notebook={renewing} onClose={() => { setRenewing(undefined); refresh(); }} />}
      {removing && (
        <ConfirmDelete
          title={t("notebooks.removeTitle", { name: removing.name })} typed={removing.name} onClose={() => setRemoving(undefined)}
          onDelete={async () => {
            await removeNotebook(removing.id);
            await queries.invalidateQueries({ queryKey: NOTEBOOKS });
          }}
        >
          <p>{t("notebooks.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Page>
  );
}

interface Does {
  refresh: () => void;
  remove: (one: Notebook) => void;
  renew: (one: Notebook) => void;
}

function useColumns(does: Does): Column<Notebook>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => (
        <span className="two-lines">
          <b className="strong">{row.name}</b>
          {row.fail_reason ? <span className="problem small">{row.fail_reason}</span> : row.description && <span className="quiet small">{row.description}</span>}
        </span>
      ),
    },
    { key: "state", title: t("kit.state"), width: 150, render: (row) => <Chip state={row.status} /> },
    { key: "image", title: t("notebooks.engines"), wide: true, render: (row) => <span className="quiet">{row.image.name.split("&").join(", ")}</span> },
    { key: "flavour", title: t("jobs.flavour"), wide: true, render: (row) => <span className="quiet">{row.flavor}</span> },
    { key: "left", title: t("boards.left"), width: 130, render: (row) => <Left row={row} /> },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.create_at / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 180, align: "right", render: (row) => <Tools row={row} {...does} /> },
  ];
}

function Left({ row }: { row: Notebook }) {
  const { t } = useTranslation();
  const left = secondsLeft(row, Date.now());
  return <span className="quiet">{isOver(row) ? "–" : left === null ? t("boards.noEnd") : duration(Math.ceil(left / 60) * 60)}</span>;
}

function Tools({ row, refresh, remove, renew }: { row: Notebook } & Does) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const session = useSession();
  const may = useMay("member");
  const owner = useMay("owner");
  const [busy, setBusy] = useState(false);
  const mine = row.user_id === session.user_id;
  const open = async () => {
    const opened = window.open("", "_blank");
    setBusy(true);
    try {
      if (isOver(row)) await startNotebook(row.id);
      const address = await addressWhenReady(row.id);
      if (opened) opened.location.href = address;
    } catch (error) {
      opened?.close();
      void message.error(tellError(error, t));
    }
    setBusy(false);
    refresh();
  };
  const stop = () => void stopNotebook(row.id).then(refresh, (error) => message.error(tellError(error, t)));
  const items = [
    { key: "renew", icon: <ClockCircleOutlined />, disabled: isOver(row), label: t("notebooks.renew"), onClick: () => renew(row) },
    { key: "stop", icon: <StopOutlined />, disabled: isOver(row), label: t("jobs.stop"), onClick: stop },
    { key: "delete", icon: <DeleteOutlined />, danger: true, disabled: !isOver(row), label: t("kit.delete"), onClick: () => remove(row) },
  ];
  if (!may || !(mine || owner)) return null;
  return (
    <>
      {mine && <Button size="small" loading={busy} aria-label={t("boards.openOne", { name: row.name })} onClick={() => void open()}>{t(isOver(row) ? "boards.start" : "boards.open")}</Button>}
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.name })} /></Dropdown>
    </>
  );
}

function NewNotebook({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Omit<Wanted, "image"> & { images: string[] }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const images = useQuery({ queryKey: ["images"], staleTime: 60_000, queryFn: ({ signal }) => readImages(signal) });
  const flavours = useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });
  const make = async ({ images: chosen, ...wanted }: Omit<Wanted, "image"> & { images: string[] }) => {
    setBusy(true);
    try {
      await makeNotebook({ ...wanted, image: chosen.join("&") });
      onClose();
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  const sizes = (flavours.data ?? []).map((one) => ({ value: one.id, label: `${t("create.cores", { count: one.cores })} · ${one.memory} GB${one.gpus ? ` · ${one.gpus} GPU` : ""}` }));
  return (
    <Modal open title={t("notebooks.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ hours: 1, images: ["pytorch"], flavour: "" }} onFinish={(wanted) => void make(wanted)}>
        <Form.Item name="name" label={t("kit.name")} extra={t("create.nameRule")} rules={[{ required: true, message: t("kit.needed") }, { pattern: NAME, message: t("create.nameRule") }]}><Input autoFocus autoComplete="off" spellCheck={false} maxLength={64} /></Form.Item>
        <Form.Item name="images" label={t("notebooks.engines")} extra={t("notebooks.enginesAbout")} rules={[{ required: true, message: t("kit.needed") }]}>
          <Select mode="tags" loading={images.isLoading} options={["pytorch", "tensorflow", ...(images.data ?? [])].map((one) => ({ value: one, label: one }))} />
        </Form.Item>
        <Form.Item name="flavour" label={t("jobs.flavour")}><Select loading={flavours.isLoading} options={[{ value: "", label: t("notebooks.usual") }, ...sizes]} /></Form.Item>
        <Form.Item name="hours" label={t("notebooks.hours")} rules={[{ required: true, message: t("kit.needed") }]}><InputNumber min={1} max={MOST_HOURS} precision={0} /></Form.Item>
        <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={256} /></Form.Item>
        {problem && <p className="problem" role="alert">{problem}</p>}
      </Form>
    </Modal>
  );
}

function Renew({ notebook, onClose }: { notebook: Notebook; onClose: () => void }) {
  const { t } = useTranslation();
  const [hours, setHours] = useState(1);
  const [problem, setProblem] = useState("");
  const renew = () => void renewLease(notebook.id, hours).then(onClose, (error) => setProblem(tellError(error, t)));
  return (
    <Modal open title={t("notebooks.renew")} onCancel={onClose} onOk={renew} okText={t("notebooks.renewOk")} width={400}>
      <label className="field"><span>{t("notebooks.renewAbout", { name: notebook.name })}</span><InputNumber autoFocus min={1} max={MOST_HOURS} precision={0} value={hours} onChange={(value) => setHours(value ?? 1)} /></label>
      {problem && <p className="problem" role="alert">{problem}</p>}
    </Modal>
  );
}
