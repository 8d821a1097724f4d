/** A field for files: chosen, dropped, pasted, or out of a bucket. */

import { Button, Dropdown } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { addressOf, send } from "../../buckets/store";
import { BucketPicker, readPlace } from "../../kit/bucket-picker";
import { CloseOutlined, DatabaseOutlined, InboxOutlined, PlusOutlined, UploadOutlined } from "../../kit/icons";
import { FILE } from "../../kit/signs";
import { bytes } from "../../kit/size";
import { tellError } from "../../words/errors";
import { named } from "./limits";
import { isShown, usePicture } from "./picture";

/** Objects are often kept without their type. */
const TYPES: Record<string, string> = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", bmp: "image/bmp", avif: "image/avif" };
/** Where the last one was taken from: the next is likely to lie beside it. */
let lastPlace = "";

export function Drop({ label, files, onFiles, pastes }: {
  label: string; files: File[]; onFiles: (files: File[]) => void;
  /** Whether what is pasted anywhere on the page comes here. */
  pastes: boolean;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const adds = useRef(false);
  const [over, setOver] = useState(false);
  const [picking, setPicking] = useState(false);
  const [problem, setProblem] = useState("");
  const take = useCallback((found: File[], more = false) => {
    if (found.length > 0) onFiles(named(more ? [...files, ...found] : found));
  }, [files, onFiles]);
  usePastes(pastes, take);
  const choose = (more: boolean) => {
    adds.current = more;
    input.current?.click();
  };
  const open = (more: boolean) => {
    adds.current = more;
    setPicking(true);
  };
  const pick = async (...addresses: [string, ...string[]]) => {
    setPicking(false);
    setProblem("");
    lastPlace = addresses[0];
    try {
      take(await Promise.all(addresses.map(fromBucket)), adds.current);
    } catch (error) {
      setProblem(tellError(error, t));
    }
  };
  const have = files.length > 0;
  return (
    <div
      className={`drop ${over ? "over" : ""} ${have ? "filled" : ""}`} role="group" aria-label={label}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); take([...event.dataTransfer.files]); }}
    >
      <input ref={input} type="file" multiple hidden aria-label={label} onChange={(event) => { take([...(event.target.files ?? [])], adds.current); event.target.value = ""; }} />
      {have
        ? <ul className={files.length > 1 ? "drop-files several" : "drop-files"}>{files.map((file) => <OneFile key={file.name} file={file} onGone={() => onFiles(files.filter((one) => one !== file))} />)}</ul>
        : <><span className="drop-icon"><InboxOutlined /></span><span className="quiet">{t("predict.drop")}</span></>}
      <span className="drop-tools">
        <Button size="small" icon={<UploadOutlined />} onClick={() => choose(false)} aria-label={`${t(have ? "predict.other" : "predict.pick")}: ${label}`}>{t(have ? "predict.other" : "predict.pick")}</Button>
        <Button size="small" icon={<DatabaseOutlined />} onClick={() => open(false)} aria-label={`${t("predict.bucket")}: ${label}`}>{t("predict.bucket")}</Button>
        {have && (
          <Dropdown menu={{ items: [{ key: "file", label: t("predict.pick"), onClick: () => choose(true) }, { key: "bucket", label: t("predict.bucket"), onClick: () => open(true) }] }} trigger={["click"]}>
            <Button size="small" icon={<PlusOutlined />} aria-label={`${t("predict.add")}: ${label}`}>{t("predict.add")}</Button>
          </Dropdown>
        )}
      </span>
      {problem && <span className="problem" role="alert">{problem}</span>}
      {picking && <BucketPicker kind="object" several start={lastPlace} onPick={(...addresses) => void pick(...addresses)} onClose={() => setPicking(false)} />}
    </div>
  );
}

function usePastes(wanted: boolean, take: (files: File[], more?: boolean) => void) {
  useEffect(() => {
    if (!wanted) return;
    const paste = (event: ClipboardEvent) => take([...(event.clipboardData?.files ?? [])]);
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [wanted, take]);
}

async function fromBucket(address: string): Promise<File> {
  const place = readPlace(address);
  if (!place) throw new Error(address);
  const content = await (await send("GET", addressOf(place.bucket, place.key))).blob();
  const name = place.key.split("/").pop() ?? place.key;
  const ending = name.split(".").pop()?.toLowerCase() ?? "";
  return new File([content], name, { type: TYPES[ending] ?? content.type });
}

function OneFile({ file, onGone }: { file: File; onGone: () => void }) {
  const { t } = useTranslation();
  const address = usePicture(isShown(file) ? file : null);
  const [size, setSize] = useState("");
  return (
    <li className="drop-file">
      {address ? <img src={address} alt="" onLoad={({ currentTarget }) => setSize(`${currentTarget.naturalWidth} × ${currentTarget.naturalHeight} · `)} /> : <span className="drop-sign">{FILE}</span>}
      <span className="drop-name"><b>{file.name}</b> <span className="quiet">{size}{bytes(file.size)}</span></span>
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("predict.takeAway", { name: file.name })} title={t("predict.takeAway", { name: file.name })} onClick={onGone} />
    </li>
  );
}
