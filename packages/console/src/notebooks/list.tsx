/** Notebooks: JupyterLab with one's engines and buckets; they stop by themselves, and keep what is in their work folder. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Form, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay, useSession } from "../api/session";
import { Chip } from "../kit/chip";
import { ClockCircleOutlined, CodeOutlined } from "../kit/icons";
import type { Column } from "../kit/list-table";
import { Left, NewServed, ServedList, type Served } from "../kit/served";
import { Time } from "../kit/time";
import { readFlavours, useSizes } from "../training/create/choices";
import { tellError } from "../words/errors";
import { tell } from "../words/told";
import { addressWhenReady, isOver, listNotebooks, makeNotebook, NAME, readImages, removeNotebook, renewLease, secondsLeft, startNotebook, stopNotebook, type Notebook, type Wanted } from "./calls";

const MOST_HOURS = 168;
const LONGEST_NAME = 64;
const NOTEBOOKS: Served<Notebook> = {
  query: ["notebooks"], rowKey: (row) => row.id, nameOf: (row) => row.name, ownerOf: (row) => row.user_id, isOver, load: listNotebooks,
  start: (row) => startNotebook(row.id), address: (row) => addressWhenReady(row.id), stop: (row) => stopNotebook(row.id), remove: (row) => removeNotebook(row.id),
};

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const [may, owner] = [useMay("member"), useMay("owner")];
  const queries = useQueryClient();
  const [renewing, setRenewing] = useState<Notebook>();
  const sizes = useSizes(useFlavours().data);
  const columns: Column<Notebook>[] = [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => (
        <span className="two-lines">
          <b className="strong">{row.name}</b>
          {row.fail_reason ? <span className="problem small">{tell(row.fail_told, row.fail_reason)}</span> : row.description && <span className="quiet small">{row.description}</span>}
        </span>
      ),
    },
    { key: "state", title: t("kit.state"), width: 130, render: (row) => <Chip state={row.status} /> },
    { key: "image", title: t("notebooks.engines"), wide: true, render: (row) => <span className="quiet">{row.image.name.split("&").join(", ")}</span> },
    { key: "flavour", title: t("jobs.flavour"), wide: "very", render: (row) => <span className="quiet">{sizes.find((one) => one.value === row.flavor)?.label ?? row.flavor}</span> },
    { key: "left", title: t("boards.left"), width: 110, render: (row) => <Left over={isOver(row)} seconds={secondsLeft(row, Date.now())} /> },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 140, render: (row) => <span className="short"><Time at={row.create_at / 1000} /></span> },
  ];
  const told = {
    title: t("menu.notebooks"), about: t("notebooks.about"), icon: <CodeOutlined />, make: t("notebooks.new"), none: t("notebooks.none"), noneAbout: t("notebooks.noneAbout"),
    command: "maquette notebooks create bench --engine pytorch",
    removing: (row: Notebook) => ({ title: t("notebooks.removeTitle", { name: row.name }), about: t("notebooks.removeAbout"), typed: row.name }),
  };
  const toolsOf = (row: Notebook) => {
    const mine = row.user_id === session.user_id;
    const renew = { key: "renew", icon: <ClockCircleOutlined />, disabled: isOver(row), label: t("notebooks.renew"), onClick: () => setRenewing(row) };
    return { open: may && mine, why: t(mine ? "notebooks.needsMember" : "notebooks.notMine"), change: may && (mine || owner), more: [renew] };
  };
  const renewed = () => {
    setRenewing(undefined);
    void queries.invalidateQueries({ queryKey: NOTEBOOKS.query });
  };
  return (
    <ServedList<Notebook> of={NOTEBOOKS} told={told} columns={columns} toolsOf={toolsOf} form={(onClose) => <NewNotebook onClose={onClose} />}>
      {renewing && <Renew notebook={renewing} onClose={renewed} />}
    </ServedList>
  );
}

const useFlavours = () => useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });

type Asked = Omit<Wanted, "image"> & { images: string[] };

function NewNotebook({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const images = useQuery({ queryKey: ["images"], staleTime: 60_000, queryFn: ({ signal }) => readImages(signal) });
  const flavours = useFlavours();
  const sizes = useSizes(flavours.data);
  return (
    <NewServed<Asked>
      title={t("notebooks.new")} rule={{ pattern: NAME, told: t("create.nameRule") }} longest={LONGEST_NAME} hours={{ label: t("notebooks.hours"), most: MOST_HOURS }}
      first={{ hours: 1, images: ["pytorch"], flavour: "" }} make={({ images: chosen, ...wanted }) => makeNotebook({ ...wanted, image: chosen.join("&") })} onClose={onClose}
      fields={() => (
        <>
          <Form.Item name="images" label={t("notebooks.engines")} extra={t("notebooks.enginesAbout")} rules={[{ required: true, message: t("kit.needed") }]}>
            <Select mode="tags" loading={images.isLoading} options={["pytorch", "tensorflow", ...(images.data ?? [])].map((one) => ({ value: one, label: one }))} />
          </Form.Item>
          <Form.Item name="flavour" label={t("jobs.flavour")}><Select loading={flavours.isLoading} options={[{ value: "", label: t("notebooks.usual") }, ...sizes]} /></Form.Item>
        </>
      )}
      after={<Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={256} /></Form.Item>}
    />
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
