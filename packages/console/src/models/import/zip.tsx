/** A zip of one's own machine: it goes into the workspace's bucket first, as it does from the command line. Where that
 * breaks off, it goes on with what is there already. */

import { Button, Progress } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { call, caller } from "../../api/call";
import { makeBucket, obsPath } from "../../buckets/store";
import { inParts, transfer } from "../../buckets/uploads/transfer";
import { InboxOutlined, RedoOutlined } from "../../kit/icons";
import { bytes } from "../../kit/size";
import { tellError } from "../../words/errors";
import { isZip } from "./form";

/** Where submitted code and models go; the name that the command line has for it. */
const workspaceBucket = () => `jobs-${caller.projectId.slice(0, 8)}`;

async function bucketOfWorkspace(): Promise<string> {
  const name = workspaceBucket();
  const buckets = await call("GET /maquette/{project_id}/buckets", {});
  if (!buckets.some((one) => one.name === name)) await makeBucket(name);
  return name;
}

/** The same for the same file, as far as a browser can tell: so that an upload finds its parts again. */
const placeOf = (file: File) => `models/${file.lastModified.toString(36)}-${file.size.toString(36)}/${file.name}`;

export function ZipField({ id, value = "", onChange, onName }: { id?: string; value?: string; onChange?: (address: string) => void; onName: (name: string) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<File>();
  const [sent, setSent] = useState(0);
  const [problem, setProblem] = useState("");
  useEffect(() => () => stop.current?.abort(), []);
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    stop.current?.abort();
    setProblem("");
    onChange?.("");
    if (!isZip(chosen.name)) {
      setFile(undefined);
      return setProblem(t("models.zipRule"));
    }
    const own = (stop.current = new AbortController());
    setFile(chosen);
    setSent(0);
    onName(chosen.name);
    try {
      const bucket = await bucketOfWorkspace();
      const key = placeOf(chosen);
      await transfer({ bucket, key, file: chosen }, setSent, own.signal);
      if (!own.signal.aborted) onChange?.(obsPath(bucket, key));
    } catch (error) {
      if (own.signal.aborted) return;
      setProblem(tellError(error, t));
    }
  };
  const percent = file && file.size > 0 ? Math.floor((sent / file.size) * 100) : 0;
  return (
    <div className="stack">
      <div
        className={over ? "drop over" : "drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); void take(event.dataTransfer.files[0]); }}
      >
        <input id={id} ref={input} type="file" accept=".zip" hidden aria-label={t("models.zip")} onChange={(event) => { void take(event.target.files?.[0]); event.target.value = ""; }} />
        <span className="drop-icon"><InboxOutlined /></span>
        {file ? <span className="drop-file"><span><b>{file.name}</b> <span className="quiet">{bytes(file.size)}</span></span></span> : <span className="quiet">{t("models.zipAbout")}</span>}
        <Button size="small" onClick={() => input.current?.click()}>{t(file ? "models.zipOther" : "models.zipPick")}</Button>
      </div>
      {file && !problem && (value ? <span className="quiet small" role="status">{t("models.zipThere")} <code>{value}</code></span> : <Progress percent={percent} size="small" aria-label={t("models.zipSending")} />)}
      {problem && (
        <div className="zip-broken">
          <p className="problem" role="alert">{problem}</p>
          {file && <Button size="small" icon={<RedoOutlined />} onClick={() => void take(file)}>{t("models.zipGoOn")}</Button>}
          {file && <span className="quiet small">{t(inParts(file) ? "models.zipKept" : "models.zipAnew")}</span>}
        </div>
      )}
    </div>
  );
}
