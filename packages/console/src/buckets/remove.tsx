/** Removing a bucket, or objects and whole folders: counted first, asked, then done with progress. */

import { useQueryClient } from "@tanstack/react-query";
import { Progress } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { readAnew } from "../api/anew";
import { ConfirmDelete } from "../kit/confirm";
import { bytes, count } from "../kit/size";
import { tellError } from "../words/errors";
import { everyObject, removeBucket, removeObjects, type StoredObject } from "./store";

const AT_ONCE = 1000;

interface Counted {
  keys: string[];
  bytes: number;
  done: boolean;
  error?: unknown;
}

/** All that lies below some folders, and some objects besides. */
function useCounted(bucket: string, folders: string[], objects: StoredObject[]): Counted {
  const [counted, setCounted] = useState<Counted>({ keys: [], bytes: 0, done: false });
  useEffect(() => {
    const stop = new AbortController();
    const keys = objects.map((one) => one.key);
    let size = objects.reduce((sum, one) => sum + one.size, 0);
    const walk = async () => {
      for (const folder of folders) {
        if (folder) keys.push(folder); // where it is an object of its own
        for await (const page of everyObject(bucket, folder, stop.signal)) {
          for (const one of page) keys.push(one.key);
          size += page.reduce((sum, one) => sum + one.size, 0);
          setCounted({ keys: [...keys], bytes: size, done: false });
        }
      }
      setCounted({ keys, bytes: size, done: true });
    };
    walk().catch((error: unknown) => {
      if (!stop.signal.aborted) setCounted({ keys: [], bytes: 0, done: true, error });
    });
    return () => stop.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- counted once, for what was chosen when it was asked
  }, []);
  return counted;
}

async function removeAll(bucket: string, keys: string[], tell: (done: number) => void): Promise<void> {
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    await removeObjects(bucket, keys.slice(at, at + AT_ONCE));
    tell(Math.min(keys.length, at + AT_ONCE));
  }
}

export function RemoveObjects({ bucket, folders, objects, onGone, onClose }: {
  bucket: string; folders: string[]; objects: StoredObject[];
  /** Awaited: the window closes when what is gone is seen to be gone. */
  onGone: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const counted = useCounted(bucket, folders, objects);
  const [gone, setGone] = useState(-1);
  const named = [...folders, ...objects.map((one) => one.key)];
  const remove = async () => {
    await removeAll(bucket, counted.keys, setGone);
    await onGone();
  };
  return (
    <ConfirmDelete
      title={t("buckets.removeTitle", { count: named.length, told: count(named.length) })} ready={counted.done && !counted.error}
      onDelete={remove} onClose={onClose}
    >
      <ul className="named">
        {named.slice(0, 5).map((name) => <li key={name}><code>obs://{bucket}/{name}</code></li>)}
        {named.length > 5 && <li className="quiet">{t("buckets.andMore", { count: named.length - 5, told: count(named.length - 5) })}</li>}
      </ul>
      <What counted={counted} minus={folders.filter(Boolean).length} />
      {gone >= 0 && <Progress percent={Math.floor((gone / Math.max(1, counted.keys.length)) * 100)} aria-label={t("buckets.removing")} />}
    </ConfirmDelete>
  );
}

export function RemoveBucket({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const counted = useCounted(name, [""], []);
  const [gone, setGone] = useState(-1);
  const remove = async () => {
    await removeAll(name, counted.keys, setGone);
    await removeBucket(name);
    await readAnew(queries, ["buckets"]);
  };
  return (
    <ConfirmDelete
      title={t("buckets.removeBucket", { name })} ready={counted.done && !counted.error} {...(counted.keys.length > 0 && { typed: name })}
      onDelete={remove} onClose={onClose}
    >
      <What counted={counted} minus={0} />
      {gone >= 0 && <Progress percent={Math.floor((gone / Math.max(1, counted.keys.length)) * 100)} aria-label={t("buckets.removing")} />}
    </ConfirmDelete>
  );
}

/** `minus` names that are folders themselves, not objects that anybody counts. */
function What({ counted, minus }: { counted: Counted; minus: number }) {
  const { t } = useTranslation();
  if (counted.error) return <p className="problem" role="alert">{tellError(counted.error, t)}</p>;
  const objects = Math.max(0, counted.keys.length - (counted.done ? minus : 0));
  if (counted.done && objects === 0) return <p>{t("buckets.nothingInside")}</p>;
  return (
    <p aria-live="polite">
      {t("buckets.objectsGo", { count: objects, told: count(objects), size: bytes(counted.bytes) })}
      {counted.done ? ` ${t("buckets.forGood")}` : " …"}
    </p>
  );
}
