/** An object beside its list: what it looks like, and what is known of it. */

import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Refusal } from "../../api/call";
import { CopyButton } from "../../kit/copy";
import { Failure, Loading } from "../../kit/faces";
import { DeleteOutlined, DownloadOutlined, LeftOutlined, RightOutlined } from "../../kit/icons";
import { bytes } from "../../kit/size";
import { Time } from "../../kit/time";
import { shortName, type Line } from "../lines";
import { addressOf, downloadAddress, obsPath, send, type StoredObject } from "../store";
import { readCsv, separatorOf } from "./csv";
import { kindOf } from "./kinds";
import { textOf } from "./text";
import "./preview.css";

const MOST_TEXT = 512 << 10;

export default function Preview({ bucket, name, lines, onName, onDelete }: {
  bucket: string; name: string; lines: Line[]; onName: (name: string) => void; onDelete: ((key: string) => void) | null;
}) {
  const { t } = useTranslation();
  const objects = lines.flatMap((line) => line.object ?? []);
  const at = objects.findIndex((one) => one.key === name);
  const object = objects[at];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = objects[at + step];
      if (step && next && at >= 0) onName(next.key);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  const step = (by: number, label: string, icon: React.ReactNode) => (
    <Button
      type="text" icon={icon} aria-label={label} title={label} disabled={at < 0 || !objects[at + by]}
      onClick={() => onName(objects[at + by]?.key ?? name)}
    />
  );
  return (
    <Drawer
      open onClose={() => onName("")} size={640} mask={false} title={shortName(name)} className="preview"
      extra={<>{step(-1, t("buckets.previous"), <LeftOutlined />)}{step(1, t("buckets.next"), <RightOutlined />)}</>}
      footer={
        <div className="preview-tools">
          <Button type="primary" icon={<DownloadOutlined />} href={downloadAddress(bucket, name)}>{t("buckets.download")}</Button>
          <CopyButton text={obsPath(bucket, name)} label={t("buckets.copyPath")} size="middle" />
          <span className="spring" />
          {onDelete && object && <Button danger icon={<DeleteOutlined />} onClick={() => onDelete(name)}>{t("kit.delete")}</Button>}
        </div>
      }
    >
      <Content key={name} bucket={bucket} name={name} object={object} />
      <dl className="facts">
        <dt>{t("buckets.path")}</dt><dd><code>{obsPath(bucket, name)}</code></dd>
        {object && <><dt>{t("buckets.size")}</dt><dd>{bytes(object.size)}</dd></>}
        {object && <><dt>{t("buckets.modified")}</dt><dd><Time at={object.modified} /></dd></>}
        {object && <><dt>ETag</dt><dd><code>{object.etag}</code></dd></>}
      </dl>
    </Drawer>
  );
}

function Content({ bucket, name, object }: { bucket: string; name: string; object: StoredObject | undefined }) {
  const { t } = useTranslation();
  const kind = kindOf(name);
  // So that a picture that was replaced is not the one of before.
  const version = object ? `?v=${object.etag}` : "";
  if (kind === "picture") return <div className="preview-picture"><img src={addressOf(bucket, name) + version} alt={shortName(name)} /></div>;
  if (kind === "none") return <p className="preview-none quiet">{t("buckets.noPreview")}</p>;
  return <Text bucket={bucket} name={name} kind={kind} />;
}

function Text({ bucket, name, kind }: { bucket: string; name: string; kind: "json" | "csv" | "text" }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["text", bucket, name], queryFn: ({ signal }) => readText(bucket, name, signal) });
  if (found.error) return <Failure error={found.error} />;
  if (!found.data) return <Loading />;
  const { text, whole } = found.data;
  return (
    <div className="preview-text">
      {kind === "csv" ? <Csv text={text} /> : <pre tabIndex={0}>{kind === "json" && whole ? pretty(text) : text}</pre>}
      {!whole && <p className="quiet small">{t("buckets.onlyFirst", { size: bytes(MOST_TEXT) })}</p>}
    </div>
  );
}

async function readText(bucket: string, name: string, signal: AbortSignal): Promise<{ text: string; whole: boolean }> {
  try {
    const answer = await send("GET", addressOf(bucket, name), { signal, headers: { range: `bytes=0-${MOST_TEXT - 1}` } });
    const size = Number(answer.headers.get("content-range")?.split("/")[1] ?? 0);
    return { text: textOf(await answer.arrayBuffer()), whole: size <= MOST_TEXT };
  } catch (error) {
    // No range lies in an object without bytes.
    if (error instanceof Refusal && error.status === 416) return { text: "", whole: true };
    throw error;
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // as it is written: whoever looks sees where it goes wrong
  }
}

function Csv({ text }: { text: string }) {
  const [head = [], ...rows] = readCsv(text, separatorOf(text));
  return (
    <div className="preview-csv" tabIndex={0} role="region" aria-label="CSV">
      <table>
        <thead><tr>{head.map((cell, at) => <th key={at} scope="col">{cell}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
