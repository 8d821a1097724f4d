/** What is on its way into buckets, in the corner of every page. */

import { Button, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import {
  CheckCircleFilled, CloseCircleFilled, CloseOutlined, DownOutlined, PauseCircleFilled, RedoOutlined, StopOutlined, UpOutlined,
} from "../../kit/icons";
import { bytes, count } from "../../kit/size";
import { tellError } from "../../words/errors";
import { uploads, useUploads, type Item, type State } from "./queue";
import "./panel.css";

const MOST_SHOWN = 100;
const ORDER: Record<State, number> = { failed: 0, sending: 1, stopped: 2, waiting: 3, done: 4 };

export default function Panel() {
  const { t } = useTranslation();
  const [folded, setFolded] = useState(false);
  const { items, counts, bytes: all, sent } = useUploads();
  const busy = counts.waiting + counts.sending > 0;
  const percent = all ? Math.floor((sent / all) * 100) : busy ? 0 : 100;
  const title = busy
    ? t("uploads.busy", { count: counts.waiting + counts.sending, told: count(counts.waiting + counts.sending) })
    : counts.failed
      ? t("uploads.failed", { count: counts.failed, told: count(counts.failed) })
      : t("uploads.done", { count: counts.done, told: count(counts.done) });
  const shown = [...items].sort((one, other) => ORDER[one.state] - ORDER[other.state] || one.id - other.id).slice(0, MOST_SHOWN);
  return (
    <section className="uploads" aria-label={t("uploads.title")}>
      <div className="uploads-head">
        <b role="status">{title}</b>
        <span className="spring" />
        {counts.failed > 0 && <Button size="small" icon={<RedoOutlined />} onClick={() => uploads.again()}>{t("uploads.again")}</Button>}
        {busy && <Button size="small" type="text" icon={<StopOutlined />} aria-label={t("uploads.stopAll")} title={t("uploads.stopAll")} onClick={() => uploads.stop()} />}
        <Button
          size="small" type="text" icon={folded ? <UpOutlined /> : <DownOutlined />} aria-expanded={!folded}
          aria-label={t(folded ? "uploads.unfold" : "uploads.fold")} onClick={() => setFolded(!folded)}
        />
        {!busy && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("uploads.close")} onClick={() => uploads.clear()} />}
      </div>
      {busy && (
        <div className="uploads-sum">
          <Progress percent={percent} size="small" showInfo={false} aria-label={title} />
          <span className="quiet small">{bytes(sent)} / {bytes(all)}</span>
        </div>
      )}
      {!folded && <ul>{shown.map((item) => <Line key={item.id} item={item} />)}</ul>}
      {!folded && items.length > MOST_SHOWN && (
        <p className="quiet small more">{t("uploads.more", { count: items.length - MOST_SHOWN, told: count(items.length - MOST_SHOWN) })}</p>
      )}
    </section>
  );
}

function Line({ item }: { item: Item }) {
  const { t } = useTranslation();
  const name = item.key.split("/").pop();
  return (
    <li>
      <span className={`uploads-state ${item.state}`} role="img" aria-label={t(`uploads.states.${item.state}`)}>
        {item.state === "done" && <CheckCircleFilled />}
        {item.state === "failed" && <CloseCircleFilled />}
        {item.state === "stopped" && <PauseCircleFilled />}
      </span>
      <span className="uploads-name" title={`obs://${item.bucket}/${item.key}`}>
        {name}
        {item.state === "failed" && <span className="problem small">{tellError(item.error, t)}</span>}
      </span>
      <span className="quiet small">
        {item.state === "sending" ? `${Math.floor((item.sent / Math.max(1, item.file.size)) * 100)} %` : bytes(item.file.size)}
      </span>
      {(item.state === "failed" || item.state === "stopped") && (
        <Button size="small" type="text" icon={<RedoOutlined />} aria-label={t("uploads.againOne", { name })} onClick={() => uploads.again([item.id])} />
      )}
      {(item.state === "sending" || item.state === "waiting") && (
        <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("uploads.stopOne", { name })} onClick={() => uploads.stop([item.id])} />
      )}
    </li>
  );
}
