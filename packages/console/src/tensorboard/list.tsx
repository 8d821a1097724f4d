/** TensorBoards: curves of what lies in a folder, one click away; they stop by themselves. */

import { Form } from "antd";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/session";
import { PlaceField } from "../kit/bucket-picker";
import { Chip } from "../kit/chip";
import { BarChartOutlined } from "../kit/icons";
import type { Column } from "../kit/list-table";
import { Left, NewServed, ServedList, type Served } from "../kit/served";
import { Time } from "../kit/time";
import { placeRule } from "../training/create/validators";
import { Address } from "../training/job/configuration";
import { tell } from "../words/told";
import { addressWhenReady, isOver, listBoards, LONGEST_NAME, makeBoard, NAME, placeOf, removeBoard, startBoard, stateOf, stopBoard, type Board } from "./boards";

const USUAL_HOURS = 4;
const MOST_HOURS = 24;
const BOARDS: Served<Board> = {
  query: ["boards"], rowKey: (row) => String(row.job_id), nameOf: (row) => row.job_name, ownerOf: (row) => row.user_id, isOver, load: listBoards,
  start: (row) => startBoard(row.job_id), address: (row) => addressWhenReady(row.job_id), stop: (row) => stopBoard(row.job_id), remove: (row) => removeBoard(row.job_id),
};

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const columns: Column<Board>[] = [
    {
      key: "name", title: t("kit.name"), sort: true,
      render: (row) => <span className="two-lines"><b className="strong">{row.job_name}</b>{stateOf(row) === "failed" && row.message && <span className="problem small">{tell(row.told, row.message)}</span>}</span>,
    },
    { key: "state", title: t("kit.state"), width: 130, render: (row) => <Chip state={stateOf(row)} /> },
    { key: "folder", title: t("boards.folder"), wide: true, render: (row) => <Address address={row.train_url} /> },
    { key: "left", title: t("boards.left"), width: 110, render: (row) => <Left over={isOver(row)} seconds={row.schedule ? row.remaining_duration : null} /> },
    { key: "created", title: t("kit.created"), sort: true, wide: true, width: 140, render: (row) => <span className="short"><Time at={row.create_time / 1000} /></span> },
  ];
  const told = {
    title: t("menu.tensorboard"), about: t("boards.about"), icon: <BarChartOutlined />, make: t("boards.new"), none: t("boards.none"), noneAbout: t("boards.noneAbout"), command: "maquette tensorboard JOB",
    removing: (row: Board) => ({ title: t("boards.removeTitle", { name: row.job_name }), about: t("boards.removeAbout") }),
  };
  const toolsOf = (row: Board) => ({ open: may || stateOf(row) === "running", why: t("boards.needsMember"), change: may });
  return <ServedList<Board> of={BOARDS} told={told} columns={columns} toolsOf={toolsOf} form={(onClose) => <NewBoard onClose={onClose} />} />;
}

interface Wanted {
  name: string;
  folder: string;
  hours: number;
}

function NewBoard({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <NewServed<Wanted>
      title={t("boards.new")} rule={{ pattern: NAME, told: t("boards.nameRule") }} longest={LONGEST_NAME} hours={{ label: t("boards.hours"), most: MOST_HOURS }} first={{ hours: USUAL_HOURS }}
      make={({ name, folder, hours }) => makeBoard(name, placeOf(folder), hours)} onClose={onClose}
      fields={() => <Form.Item name="folder" label={t("boards.folder")} extra={t("boards.folderAbout")} rules={[placeRule(t, true)]}><PlaceField kind="folder" label={t("boards.folder")} placeholder="obs://my-data/output/" /></Form.Item>}
    />
  );
}
