/** The cells of a folder's list. */

import { App } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { copy } from "../kit/copy";
import * as signs from "../kit/signs";
import { bytes } from "../kit/size";
import { Time } from "../kit/time";
import { beginningAndEnd, shortName, type Line } from "./lines";
import { kindOf } from "./preview/kinds";
import { downloadAddress, obsPath } from "./store";

export function Head({ all, some, onAll }: { all: boolean; some: boolean; onAll: (all: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <span role="columnheader">
        <input
          type="checkbox" checked={all} aria-label={t("kit.chooseAll")} onChange={(event) => onAll(event.target.checked)}
          ref={(box) => { if (box) box.indeterminate = some && !all; }}
        />
      </span>
      <span role="columnheader">{t("buckets.name")}</span>
      <span role="columnheader" className="long-size">{t("buckets.size")}</span>
      <span role="columnheader" className="long-time">{t("buckets.modified")}</span>
      <span role="columnheader" className="long-tools"><span className="unseen">{t("kit.more")}</span></span>
    </>
  );
}

export function Cells({ bucket, line, chosen, onOpen, onToggle }: {
  bucket: string; line: Line; chosen: boolean; onOpen: (line: Line) => void; onToggle: (range: boolean) => void;
}) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const name = shortName(line.key);
  const [beginning, end] = beginningAndEnd(name);
  /** A card has no line for what a folder does not have. */
  const none = line.object ? "" : " none";
  const copyPath = () => void copy(obsPath(bucket, line.key)).then(() => message.success(t("kit.copied")));
  return (
    <>
      <span role="gridcell">
        <input
          type="checkbox" checked={chosen} tabIndex={-1} aria-label={t("kit.choose", { name })}
          onChange={(event) => onToggle((event.nativeEvent as MouseEvent).shiftKey)}
        />
      </span>
      <span role="gridcell" className={`long-name${none}`}>
        <button type="button" tabIndex={-1} title={name} {...(end && { "aria-label": name })} onClick={() => onOpen(line)}>{signOf(line)}<span className="long-words"><span>{beginning}</span>{end && <span>{end}</span>}</span></button>
      </span>
      <span role="gridcell" className={`long-size quiet${none}`}>{line.object ? bytes(line.object.size) : "–"}</span>
      <span role="gridcell" className={`long-time quiet${none}`}>{line.object ? <Time at={line.object.modified} /> : "–"}</span>
      <span role="gridcell" className="long-tools">
        {line.object && (
          <a className="row-tool" tabIndex={-1} href={downloadAddress(bucket, line.key)} aria-label={t("buckets.downloadOne", { name })} title={t("buckets.download")}>
            {signs.DOWNLOAD}
          </a>
        )}
        <button type="button" className="row-tool calm" tabIndex={-1} aria-label={t("buckets.copyPathOf", { name })} title={t("buckets.copyPath")} onClick={copyPath}>
          {signs.COPY}
        </button>
      </span>
    </>
  );
}

function signOf(line: Line): ReactNode {
  if (!line.object) return <span className="folder">{signs.FOLDER}</span>;
  const kind = kindOf(line.key);
  if (kind === "picture") return signs.PICTURE;
  return kind === "none" ? signs.FILE : signs.TEXT;
}
