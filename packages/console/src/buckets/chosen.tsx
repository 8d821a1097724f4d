/** What one may do with the lines that are chosen. */

import { Button } from "antd";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../kit/copy";
import { DeleteOutlined, DownloadOutlined } from "../kit/icons";
import { count } from "../kit/size";
import { shortName, type Line } from "./lines";
import { downloadAddress, obsPath } from "./store";

const MOST_DOWNLOADS = 50;

export function Chosen({ bucket, lines, chosen, onDelete, onNone }: {
  bucket: string; lines: Line[]; chosen: ReadonlySet<string>; onDelete: (() => void) | null; onNone: () => void;
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
      {objects.length > 0 && objects.length <= MOST_DOWNLOADS && <Button size="small" icon={<DownloadOutlined />} onClick={download}>{t("buckets.download")}</Button>}
      <CopyButton text={paths} label={t("buckets.copyPaths")} />
      {onDelete && <Button size="small" danger icon={<DeleteOutlined />} onClick={onDelete}>{t("kit.delete")}</Button>}
      <Button size="small" type="text" onClick={onNone}>{t("kit.chooseNone")}</Button>
    </div>
  );
}
