/** What one may do with the lines that are chosen. */

import { Button } from "antd";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../kit/copy";
import { ArrowRightOutlined, DeleteOutlined, DownloadOutlined, FolderAddOutlined } from "../kit/icons";
import { count } from "../kit/size";
import type { Verb } from "./carry/carry";
import { shortName, type Line } from "./lines";
import { downloadAddress, obsPath } from "./store";

const MOST_DOWNLOADS = 50;

export function Chosen({ bucket, lines, chosen, onCarry, onDelete, onNone }: {
  bucket: string; lines: Line[]; chosen: ReadonlySet<string>; onCarry: ((verb: Verb) => void) | null; onDelete: (() => void) | null; onNone: () => void;
}) {
  const { t } = useTranslation();
  const objects = lines.filter((line) => line.object && chosen.has(line.key));
  const paths = [...chosen].map((key) => obsPath(bucket, key)).join("\n");
  /** One after another: a browser asks before it saves many at once. */
  const download = () => {
    for (const line of objects) {
      const link = document.createElement("a");
      link.href = downloadAddress(bucket, line.key);
      link.download = shortName(line.key);
      link.click();
    }
  };
  return (
    <div className="chosen-tools">
      <b>{t("kit.chosen", { count: chosen.size, told: count(chosen.size) })}</b>
      <Button className="chosen-none" size="small" type="text" onClick={onNone}>{t("kit.chooseNone")}</Button>
      {objects.length > 0 && objects.length <= MOST_DOWNLOADS && <Button size="small" icon={<DownloadOutlined />} onClick={download}>{t("buckets.download")}</Button>}
      <CopyButton text={paths} label={t("buckets.copyPaths")} />
      {onCarry && <Button size="small" icon={<FolderAddOutlined />} onClick={() => onCarry("copy")}>{t("carry.copyTo")}</Button>}
      {onCarry && <Button size="small" icon={<ArrowRightOutlined />} onClick={() => onCarry("move")}>{t("carry.moveTo")}</Button>}
      {onDelete && <Button size="small" danger icon={<DeleteOutlined />} onClick={onDelete}>{t("kit.delete")}</Button>}
    </div>
  );
}
