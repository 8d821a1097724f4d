/** Chooses a folder or an object of a bucket: a field for its address, and a window in which one walks there. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import { listPage, obsPath, type Listing } from "../buckets/store";
import { Empty, Failure, Loading } from "./faces";
import { DatabaseOutlined } from "./icons";
import "./bucket-picker.css";
import * as signs from "./signs";
import { count } from "./size";

export interface Where {
  bucket: string;
  /** A folder's ends in a slash; empty for the bucket itself. */
  key: string;
}

/** `obs://bucket/key`, `s3://…` and `/bucket/key` alike; null for what is none of them. */
export function readPlace(text: string): Where | null {
  const found = /^(?:(?:obs|s3):\/)?\/([^/]+)\/?(.*)$/.exec(text.trim());
  return found?.[1] ? { bucket: found[1], key: found[2] ?? "" } : null;
}

export interface PlaceProps {
  id?: string;
  value?: string;
  onChange?: (address: string) => void;
  kind: "folder" | "object";
  /** Only what lies below is offered: say the folder that a script has to be in. */
  within?: string;
  /** Which objects may be chosen, as `.py`. */
  ending?: string;
  /** What is written into the field for what was chosen. */
  short?: (address: string) => string;
  label: string;
  placeholder?: string;
  disabled?: boolean;
}

export function PlaceField({ id, value = "", onChange, label, placeholder = "obs://", disabled = false, short, ...how }: PlaceProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const pick = (address: string) => {
    onChange?.(short ? short(address) : address);
    setOpen(false);
  };
  return (
    <span className="place">
      <Input id={id} value={value} disabled={disabled} spellCheck={false} autoComplete="off" aria-label={label} placeholder={placeholder} onChange={(event) => onChange?.(event.target.value)} />
      <Button icon={<DatabaseOutlined />} disabled={disabled} aria-label={t("picker.openFor", { name: label })} title={t("picker.open")} onClick={() => setOpen(true)} />
      {open && <BucketPicker {...how} start={value} onPick={pick} onClose={() => setOpen(false)} />}
    </span>
  );
}

export function BucketPicker({ kind, start = "", within = "", ending = "", several = false, onPick, onClose }: {
  kind: "folder" | "object"; start?: string; within?: string; ending?: string;
  /** Whether more than one object may be taken, also from several folders. */
  several?: boolean;
  onPick: (...addresses: [string, ...string[]]) => void; onClose: () => void;
}) {
  const { t } = useTranslation();
  const root = readPlace(within);
  const [place, setPlace] = useState<Where | null>(() => root ?? folderOf(readPlace(start)));
  const [chosen, setChosen] = useState<string[]>([]);
  const go = (to: Where | null) => {
    if (!several) setChosen([]);
    setPlace(to);
  };
  const choose = (address: string) => setChosen(!several ? [address] : chosen.includes(address) ? chosen.filter((one) => one !== address) : [...chosen, address]);
  const [picked, ...others] = kind === "folder" ? (place ? [obsPath(place.bucket, place.key)] : []) : chosen;
  return (
    <Modal
      open title={t(kind === "folder" ? "picker.folder" : "picker.object")} onCancel={onClose} width={620} okText={t("picker.take")}
      okButtonProps={{ disabled: !picked }} onOk={() => picked && onPick(picked, ...others)}
    >
      <Path place={place} root={root} onGo={go} />
      <div className="picker">
        {place ? <Folder place={place} {...{ kind, ending, several, chosen }} onGo={go} onChosen={choose} onPick={onPick} /> : <Buckets onGo={go} />}
      </div>
      <p className="picker-told" role="status">{others.length > 0 ? t("kit.chosen", { count: chosen.length, told: count(chosen.length) }) : picked ? <code>{picked}</code> : <span className="quiet">{t(kind === "folder" ? "picker.noBucket" : "picker.noObject")}</span>}</p>
    </Modal>
  );
}

function folderOf(place: Where | null): Where | null {
  return place && { ...place, key: place.key.slice(0, place.key.lastIndexOf("/") + 1) };
}

function Path({ place, root, onGo }: { place: Where | null; root: Where | null; onGo: (to: Where | null) => void }) {
  const { t } = useTranslation();
  const parts = place ? place.key.split("/").filter(Boolean) : [];
  const least = root?.key.split("/").filter(Boolean).length ?? -1;
  const step = (label: string, to: Where | null, open: boolean) => (open ? <button type="button" onClick={() => onGo(to)}>{label}</button> : <span>{label}</span>);
  return (
    <nav className="picker-path" aria-label={t("kit.crumbs")}>
      {step(t("menu.buckets"), null, root === null && place !== null)}
      {place && <><i aria-hidden>/</i>{step(place.bucket, { bucket: place.bucket, key: "" }, parts.length > 0 && least <= 0)}</>}
      {place && parts.map((part, at) => (
        <span key={at}><i aria-hidden>/</i>{step(part, { bucket: place.bucket, key: `${parts.slice(0, at + 1).join("/")}/` }, at < parts.length - 1 && at + 1 >= least)}</span>
      ))}
    </nav>
  );
}

function Buckets({ onGo }: { onGo: (to: Where) => void }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["buckets", "picker"], queryFn: ({ signal }) => call("GET /maquette/{project_id}/buckets", { signal }) });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.length === 0) return <Empty icon={<DatabaseOutlined />} title={t("buckets.none")} command="maquette mb obs://my-data" />;
  return (
    <ul>
      {found.data.map((bucket) => <li key={bucket.name}><button type="button" onClick={() => onGo({ bucket: bucket.name, key: "" })}><DatabaseOutlined />{bucket.name}</button></li>)}
    </ul>
  );
}

function Folder({ place, kind, ending, several, chosen, onGo, onChosen, onPick }: {
  place: Where; kind: "folder" | "object"; ending: string; several: boolean; chosen: string[]; onGo: (to: Where) => void; onChosen: (address: string) => void; onPick: (address: string) => void;
}) {
  const { t } = useTranslation();
  const name = useId();
  const found = useInfiniteQuery({
    queryKey: ["picker", place.bucket, place.key], initialPageParam: null as string | null, getNextPageParam: (last: Listing) => last.next,
    queryFn: ({ pageParam, signal }) => listPage(place.bucket, place.key, pageParam, { signal, most: 200 }),
  });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const folders = found.data.pages.flatMap((page) => page.folders);
  const objects = found.data.pages.flatMap((page) => page.objects);
  if (folders.length + objects.length === 0) return <Empty title={t("buckets.empty")} />;
  return (
    <ul>
      {folders.map((key) => <li key={key}><button type="button" onClick={() => onGo({ bucket: place.bucket, key })}>{signs.FOLDER}{key.slice(place.key.length)}</button></li>)}
      {objects.map((object) => {
        const address = obsPath(place.bucket, object.key);
        const open = kind === "object" && object.key.endsWith(ending);
        return (
          <li key={object.key}>
            <label className={open ? undefined : "shut"} onDoubleClick={() => open && !several && onPick(address)}>
              {kind === "object" && <input type={several ? "checkbox" : "radio"} name={name} disabled={!open} checked={chosen.includes(address)} onChange={() => onChosen(address)} />}
              {signs.FILE}{object.key.slice(place.key.length)}
            </label>
          </li>
        );
      })}
      {found.hasNextPage && <li><Button type="link" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("kit.more")}</Button></li>}
    </ul>
  );
}
