/** Pages that a run serves, TensorBoards and notebooks: made in a window, opened, stopped and deleted from their list. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, InputNumber, Modal, type FormInstance, type MenuProps } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import { useMay, useSession } from "../api/session";
import { tellError } from "../words/errors";
import { ConfirmDelete } from "./confirm";
import { duration } from "./duration";
import { Empty } from "./faces";
import { DeleteOutlined, LockOutlined, MoreOutlined, PlusOutlined, StopOutlined } from "./icons";
import type { ListState, Part } from "./list-state";
import { ListTable, type Column } from "./list-table";
import { useOnce } from "./once";
import { useOpening } from "./opening";
import { Card, Page } from "./page";
import "./served.css";
import { useSince } from "./ticking";

/** Seconds: a last chance to give it more time. */
const FEW = 120;

/** What both lists do in their own way. */
export interface Served<T> {
  query: readonly string[];
  rowKey: (row: T) => string;
  nameOf: (row: T) => string;
  /** The id of who made it. */
  ownerOf: (row: T) => string;
  isOver: (row: T) => boolean;
  load: (state: ListState, signal: AbortSignal) => Promise<Part<T>>;
  start: (row: T) => Promise<unknown>;
  /** Its address, once it answers there. */
  address: (row: T) => Promise<string>;
  stop: (row: T) => Promise<unknown>;
  remove: (row: T) => Promise<unknown>;
}

export interface Told<T> {
  title: string;
  about: string;
  icon: ReactNode;
  make: string;
  none: string;
  noneAbout: string;
  command: string;
  removing: (row: T) => { title: string; about: string; typed?: string };
}

export function ServedList<T extends object>({ of, told, columns, toolsOf, form, children }: {
  of: Served<T>; told: Told<T>;
  /** Its name and its state first. */
  columns: Column<T>[];
  /** Who may open and change this one, why one may not open it, and what else may be done with it. */
  toolsOf: (row: T) => { open: boolean; why: string; change: boolean; more?: MenuProps["items"] };
  form: (onClose: () => void) => ReactNode; children?: ReactNode;
}) {
  const { t } = useTranslation();
  const may = useMay("member");
  const owner = useOwner(of.ownerOf);
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<T>();
  const refresh = () => queries.invalidateQueries({ queryKey: of.query });
  const make = may && <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{told.make}</Button>;
  const gone = removing && told.removing(removing);
  const all: Column<T>[] = [...columns.slice(0, 2), ...owner, ...columns.slice(2), {
    key: "more", title: <span className="unseen">{t("kit.more")}</span>, width: 170, align: "right", render: (row) => <Tools row={row} of={of} {...toolsOf(row)} refresh={() => void refresh()} remove={setRemoving} />,
  }];
  return (
    <Page title={told.title} about={told.about} primary={make}>
      <Card flush>
        <ListTable<T>
          name={of.query} label={told.title} rowKey={of.rowKey} columns={all} load={of.load} live={3000} first={{ sort: "created", descending: true }}
          empty={<Empty icon={told.icon} title={told.none} about={told.noneAbout} action={make || undefined} command={told.command} />}
        />
      </Card>
      {making && form(() => { setMaking(false); void refresh(); })}
      {children}
      {removing && gone && (
        <ConfirmDelete
          title={gone.title} {...(gone.typed !== undefined && { typed: gone.typed })} onClose={() => setRemoving(undefined)}
          onDelete={async () => {
            await of.remove(removing);
            await refresh();
          }}
        >
          <p>{gone.about}</p>
        </ConfirmDelete>
      )}
    </Page>
  );
}

function Tools<T>({ row, of, open, why, change, more = [], refresh, remove }: {
  row: T; of: Served<T>; open: boolean; why: string; change: boolean; more?: MenuProps["items"]; refresh: () => void; remove: (row: T) => void;
}) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const over = of.isOver(row);
  const name = of.nameOf(row);
  const [busy, go] = useOpening(async () => {
    if (over) await of.start(row);
    return of.address(row);
  }, refresh);
  const stop = () => void of.stop(row).then(refresh, (error) => message.error(tellError(error, t)));
  const items: MenuProps["items"] = [
    ...(more ?? []),
    { key: "stop", icon: <StopOutlined />, disabled: over, label: t("jobs.stop"), onClick: stop },
    { key: "delete", icon: <DeleteOutlined />, danger: true, disabled: !over, label: t("kit.delete"), onClick: () => remove(row) },
  ];
  return (
    <span className="served-tools">
      {!open && <span className="served-why quiet small"><LockOutlined /> {why}</span>}
      {open && <Button size="small" color={over ? "default" : "primary"} variant={over ? "outlined" : "solid"} loading={busy} aria-label={t("boards.openOne", { name })} onClick={go}>{t(over ? "boards.start" : "boards.open")}</Button>}
      {change && <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight"><Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name })} /></Dropdown>}
    </span>
  );
}

/** How long until it stops by itself; `null` where it does not. Minutes do, but for the last ones. */
export function Left({ over, seconds }: { over: boolean; seconds: number | null }) {
  const { t } = useTranslation();
  const left = Math.max(0, (seconds ?? 0) - useSince(seconds, !over && seconds !== null));
  const shown = left > FEW ? Math.ceil(left / 60) * 60 : Math.ceil(left);
  return <span className={!over && seconds !== null && left <= FEW ? "problem short" : "quiet short"}>{over ? "–" : seconds === null ? t("boards.noEnd") : duration(shown)}</span>;
}

/** Whose each is; nothing where nobody else is in the workspace. */
function useOwner<T>(ownerOf: (row: T) => string): Column<T>[] {
  const { t } = useTranslation();
  const { user_id: me } = useSession();
  const found = useQuery({ queryKey: ["members", "names"], staleTime: 60_000, queryFn: ({ signal }) => call("GET /maquette/{project_id}/members", { signal }) });
  const names = new Map(found.data?.map((one) => [one.user_id, one.user_name]));
  if (names.size < 2) return [];
  return [{
    key: "who", title: t("boards.who"), width: 110,
    render: (row) => (ownerOf(row) === me ? t("boards.mine") : <span className="quiet">{names.get(ownerOf(row)) ?? "–"}</span>),
  }];
}

interface Named {
  name: string;
  hours: number;
}

/** The window in which one is made: its name, what is its own, and for how long. */
export function NewServed<W extends Named>({ title, rule, longest, hours, first, make, onClose, fields, after }: {
  title: string; rule: { pattern: RegExp; told: string }; longest: number; hours: { label: string; most: number }; first: Partial<W>;
  make: (wanted: W) => Promise<unknown>; onClose: () => void; fields: (form: FormInstance<W>) => ReactNode; after?: ReactNode;
}) {
  const { t } = useTranslation();
  const [form] = Form.useForm<W>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const send = useOnce(async (wanted: W) => {
    setBusy(true);
    setProblem("");
    try {
      await make(wanted);
      onClose();
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  });
  return (
    <Modal open title={title} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={first} onFinish={(wanted) => void send(wanted)}>
        <Form.Item name="name" label={t("kit.name")} extra={rule.told} rules={[{ required: true, message: t("kit.needed") }, { pattern: rule.pattern, message: rule.told }]}>
          <Input autoFocus autoComplete="off" spellCheck={false} maxLength={longest} />
        </Form.Item>
        {fields(form)}
        <Form.Item name="hours" label={hours.label} rules={[{ required: true, message: t("kit.needed") }]}><InputNumber min={1} max={hours.most} precision={0} /></Form.Item>
        {after}
        {problem && <p className="problem" role="alert">{problem}</p>}
      </Form>
    </Modal>
  );
}
