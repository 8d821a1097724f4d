/** A field for files: dropped, pasted or picked. */

import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { CloseOutlined, InboxOutlined } from "../../kit/icons";
import { bytes } from "../../kit/size";

export function Drop({ label, files, onFiles, pastes }: {
  label: string; files: File[]; onFiles: (files: File[]) => void;
  /** Whether what is pasted anywhere on the page comes here. */
  pastes: boolean;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!pastes) return;
    const take = (event: ClipboardEvent) => {
      const found = [...(event.clipboardData?.files ?? [])];
      if (found.length > 0) onFiles(found);
    };
    document.addEventListener("paste", take);
    return () => document.removeEventListener("paste", take);
  }, [pastes, onFiles]);
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); if (event.dataTransfer.files.length > 0) onFiles([...event.dataTransfer.files]); }}
    >
      <input ref={input} type="file" multiple hidden aria-label={label} onChange={(event) => { onFiles([...(event.target.files ?? [])]); event.target.value = ""; }} />
      {files.length === 0
        ? <><span className="drop-icon"><InboxOutlined /></span><span className="quiet">{t("predict.drop")}</span></>
        : files.map((file) => <OneFile key={`${file.name} ${file.size}`} file={file} />)}
      <span className="drop-tools">
        <Button size="small" onClick={() => input.current?.click()} aria-label={t("predict.pickFor", { name: label })}>{t(files.length > 0 ? "predict.other" : "predict.pick")}</Button>
        {files.length > 0 && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("predict.clear")} title={t("predict.clear")} onClick={() => onFiles([])} />}
      </span>
    </div>
  );
}

function OneFile({ file }: { file: File }) {
  const address = usePicture(file.type.startsWith("image/") ? file : null);
  return <span className="drop-file">{address && <img src={address} alt="" />}<span><b>{file.name}</b> <span className="quiet">{bytes(file.size)}</span></span></span>;
}

/** An address of a file in this page; it goes with what shows it. */
export function usePicture(file: File | null): string {
  const [address, setAddress] = useState("");
  useEffect(() => {
    if (!file) {
      setAddress("");
      return;
    }
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
