/** What one may do with a service in a list. */

import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useMay } from "../api/session";
import { DeleteOutlined, MoreOutlined, StopOutlined, SyncOutlined } from "../kit/icons";
import { tellError } from "../words/errors";
import { isUp, pageOf, startService, stopService, type ListedService } from "./calls";
import { CaretIcon } from "./icons";

export function RowMenu({ row, refresh, remove }: { row: ListedService; refresh: () => void; remove: (service: ListedService) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const go = useNavigate();
  const may = useMay("member");
  if (!may) return null;
  const attempt = (work: Promise<unknown>) => void work.then(refresh, (error) => message.error(tellError(error, t)));
  const turn = isUp(row)
    ? { key: "stop", icon: <StopOutlined />, label: t("services.stop"), onClick: () => attempt(stopService(row.service_id)) }
    : { key: "start", icon: <CaretIcon />, label: startWord(row, t), onClick: () => attempt(startService(row.service_id)) };
  const items = [
    turn,
    { key: "change", icon: <SyncOutlined />, label: t("services.change"), disabled: row.infer_type === "batch" && isUp(row), onClick: () => void go(`${pageOf(row)}/change`) },
    { type: "divider" as const },
    { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("kit.delete"), onClick: () => remove(row) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("kit.moreOf", { name: row.service_name })} />
    </Dropdown>
  );
}

/** A batch that is through begins anew; one that was stopped goes on where it was. */
export function startWord(service: ListedService, t: (key: "services.start" | "batches.anew" | "batches.goOn") => string): string {
  if (service.infer_type !== "batch") return t("services.start");
  return t(service.inputs?.phase === "ended" ? "batches.anew" : "batches.goOn");
}
