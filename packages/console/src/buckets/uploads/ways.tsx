/** The two ways of files into a bucket: chosen by a button, or dropped. */

import { Button, Dropdown } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";

import { UploadOutlined } from "../../kit/icons";
import { chosen as chosenFiles, dropped, type Found } from "./dropped";

export function UploadButton({ onFound }: { onFound: (found: Found[]) => void }) {
  const { t } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const items = [
    { key: "files", label: t("buckets.uploadFiles"), onClick: () => files.current?.click() },
    { key: "folder", label: t("buckets.uploadFolder"), onClick: () => folders.current?.click() },
  ];
  const field = { type: "file", multiple: true, hidden: true } as const;
  const take = (input: HTMLInputElement) => {
    onFound(chosenFiles(input.files));
    input.value = "";
  };
  return (
    <>
      <input {...field} ref={files} aria-label={t("buckets.uploadFiles")} onChange={(event) => take(event.currentTarget)} />
      <input {...field} ref={folders} aria-label={t("buckets.uploadFolder")} {...{ webkitdirectory: "" }} onChange={(event) => take(event.currentTarget)} />
      <Dropdown menu={{ items }} trigger={["click"]}>
        <Button type="primary" icon={<UploadOutlined />}>{t("buckets.upload")}</Button>
      </Dropdown>
    </>
  );
}

/** Files dragged over an element inside leave and enter all the time; they are counted. */
export function useDrop(onFound: (found: Found[]) => void, may: boolean) {
  const [depth, setDepth] = useState(0);
  const holds = (event: DragEvent) => may && event.dataTransfer.types.includes("Files");
  const handlers = {
    onDragEnter: (event: DragEvent) => holds(event) && setDepth((now) => now + 1),
    onDragLeave: (event: DragEvent) => holds(event) && setDepth((now) => Math.max(0, now - 1)),
    onDragOver: (event: DragEvent) => holds(event) && event.preventDefault(),
    onDrop: (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setDepth(0);
      void dropped(event.dataTransfer).then(onFound);
    },
  };
  return { over: depth > 0, handlers };
}
