/** TensorBoards: curves of what lies in a folder, one click away; they stop by themselves. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/session";
import { PlaceField, readPlace } from "../kit/bucket-picker";
import { Chip } from "../kit/chip";
import { ConfirmDelete } from "../kit/confirm";
import { duration } from "../kit/duration";
import { Empty } from "../kit/faces";
import { BarChartOutlined, DeleteOutlined, MoreOutlined, PlusOutlined, StopOutlined } from "../kit/icons";
import { ListTable, type Column } from "../kit/list-table";
import { Card, Page } from "../kit/page";
import { Time } from "../kit/time";
import { Address } from "../training/job/configuration";
import { tellError } from "../words/errors";
import { addressWhenReady, isOver, listBoards, makeBoard, NAME, placeOf, removeBoard, startBoard, stateOf, stopBoard, type Board } from "./boards";

const BOARDS = ["boards"];
const USUAL_HOURS = 4;
const MOST_HOURS = 24;

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Board>();
  const refresh = () => void queries.invalidateQueries({ queryKey: BOARDS });
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("boards.new")}</Button>;
  return (
    <Page title={t("menu.tensorboard")} about={t("boards.about")} primary={make}>
      <Card flush>
        <ListTable<Board>
          name={BOARDS} label={t("menu.tensorboard")} rowKey={(row) => String(row.job_id)} columns={useColumns(refresh, setRemoving)} load={listBoards} live={3000}
          first={{ sort: "created", descending: true }}
          empty={<Empty icon={<BarChartOutlined />} title={t("boards.none")} about={t("boards.noneAbout")} action={make || undefined} command="maquette tensorboard JOB" />}
        />
      </Card>
      {making && <NewBoard onClose={() => { setMaking(false); refresh(); }} />}
      {removing && (
        <ConfirmDelete
          title={t("boards.removeTitle", { name: removing.job_name })} onClose={() => setRemoving(undefined)}
          onDelete={async () => {
            await removeBoard(removing.job_id);
            await queries.invalidateQueries({ queryKey: BOARDS });
          }}
        >
          <p>{t("boards.removeAbout")}</p>
        </ConfirmDelete>
      )}
    </Page>
  );
}

function useColumns(refresh: () => void, remove: (board: Board) => void): Column<Board>[] {
  const { t } = useTranslation();
  return [
    { key: "name", title: t("kit.name"), sort: true, render: (row) => <b className="strong">{row.job_name}</b> },
    { key: "state", title: t("kit.state"), width: 150, render: (row) => <span title={row.message || undefined}><Chip state={stateOf(row)} /></span> },
    { key: "folder", title: t("boards.folder"), wide: true, render: (row) => <Address address={row.train_url} /> },
    { key: "left", title: t("boards.left"), width: 130, render: (row) => <span className="quiet">{isOver(row) ? "–" : row.schedule ? duration(Math.ceil(row.remaining_duration / 60) * 60) : t("boards.noEnd")}</span> },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 150, render: (row) => <Time at={row.create_time / 1000} /> },
    { key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 170, align: "right", render: (row) => <Tools row={row} refresh={refresh} remove={remove} /> },
  ];
}

function Tools({ row, refresh, remove }: { row: Board; refresh: () => void; remove: (board: Board) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  const [busy, setBusy] = useState(false);
  const open = async () => {
    const opened = window.open("", "_blank");
    setBusy(true);
    try {
      if (isOver(row)) await startBoard(row.job_id);
      const address = await addressWhenReady(row.job_id);
      if (opened) opened.location.href = address;
    } catch (error) {
      opened?.close();
      void message.error(tellError(error, t));
    }
    setBusy(false);
    refresh();
  };
  const stop = () => void stopBoard(row.job_id).then(refresh, (error) => message.error(tellError(error, t)));
  const items = [
    { key: "stop", icon: <StopOutlined />, disabled: isOver(row), label: t("jobs.stop"), onClick: stop },
    { key: "delete", icon: <DeleteOutlined />, danger: true, disabled: !isOver(row), label: t("kit.delete"), onClick: () => remove(row) },
  ];
  return (
    <>
      {(may || stateOf(row) === "running") && <Button size="small" loading={busy} aria-label={t("boards.openOne", { name: row.job_name })} onClick={() => void open()}>{t(isOver(row) ? "boards.start" : "boards.open")}</Button>}
      {may && <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.job_name })} /></Dropdown>}
    </>
  );
}

interface Wanted {
  name: string;
  folder: string;
  hours: number;
}

function NewBoard({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Wanted>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const make = async ({ name, folder, hours }: Wanted) => {
    setBusy(true);
    try {
      await makeBoard(name, placeOf(folder), hours);
      onClose();
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  const isPlace = (_: unknown, value: string | undefined) => (value && readPlace(value) ? Promise.resolve() : Promise.reject(new Error(t(value ? "create.placeRule" : "kit.needed"))));
  return (
    <Modal open title={t("boards.new")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ hours: USUAL_HOURS }} onFinish={(wanted) => void make(wanted)}>
        <Form.Item name="name" label={t("kit.name")} extra={t("boards.nameRule")} rules={[{ required: true, message: t("kit.needed") }, { pattern: NAME, message: t("boards.nameRule") }]}><Input autoFocus autoComplete="off" spellCheck={false} maxLength={20} /></Form.Item>
        <Form.Item name="folder" label={t("boards.folder")} extra={t("boards.folderAbout")} rules={[{ validator: isPlace }]}><PlaceField kind="folder" label={t("boards.folder")} placeholder="obs://my-data/output/" /></Form.Item>
        <Form.Item name="hours" label={t("boards.hours")} rules={[{ required: true, message: t("kit.needed") }]}><InputNumber min={1} max={MOST_HOURS} precision={0} /></Form.Item>
        {problem && <p className="problem" role="alert">{problem}</p>}
      </Form>
    </Modal>
  );
}
