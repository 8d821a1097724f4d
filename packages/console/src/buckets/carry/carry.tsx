/** Asks where what is chosen shall be copied or moved to, what becomes of what is there, and shows how far it is. */

import { App, Button, Form, Modal, Progress, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { PlaceField, readPlace, type Where } from "../../kit/bucket-picker";
import { useFocusBack } from "../../kit/focus";
import { bytes, count } from "../../kit/size";
import { tellError } from "../../words/errors";
import type { Line } from "../lines";
import { obsPath } from "../store";
import { hindrance, type Piece, type Way } from "./carrying";
import { useCarrying, type Sum } from "./going";

const MOST_NAMED = 5;
export type Verb = "copy" | "move";

export function Carry({ verb, bucket, folder, lines, onClose }: {
  verb: Verb; bucket: string; folder: string; lines: readonly Line[];
  /** Whether anything has changed. */
  onClose: (changed: boolean) => void;
}) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  useFocusBack();
  const [address, setAddress] = useState(obsPath(bucket, folder));
  const [replace, setReplace] = useState(false);
  const to = folderAt(address);
  const way: Way | null = to && { from: { bucket, key: folder }, to };
  const why = way ? hindrance(lines, way) : "place";
  const going = useCarrying(verb === "move", (sum) => {
    void message.success([t(`carry.${verb}Done`, { count: sum.done, told: count(sum.done) }), sum.left > 0 && t("carry.left", { count: sum.left, told: count(sum.left) })].filter(Boolean).join(" "));
    onClose(sum.done > 0);
  });
  const { stage, sum } = going;
  const busy = stage === "looking" || stage === "going";
  const leave = () => (busy ? going.stop() : onClose(sum.done > 0));
  const start = () => way && (stage === "place" ? going.look(lines, way) : going.go(way, replace));
  const place = (wanted: string) => {
    setAddress(wanted);
    going.forget();
  };
  return (
    <Modal
      open title={t(`carry.${verb}Title`, { count: lines.length, told: count(lines.length) })} width={560} mask={{ closable: false }} keyboard={!busy} onCancel={leave}
      footer={
        <div className="buttons">
          <Button onClick={leave}>{t(stage === "going" ? "carry.stop" : sum.done > 0 ? "kit.close" : "kit.keep")}</Button>
          <Button type="primary" disabled={why !== null || busy} loading={busy} onClick={start}>{t(sum.failed.length > 0 || sum.stopped ? "kit.again" : `carry.${verb}`)}</Button>
        </div>
      }
    >
      <Form layout="vertical" requiredMark={false} component="div">
        <Form.Item
          label={t("carry.to")} htmlFor="carry-to" extra={!why && to && obsPath(to.bucket, to.key) !== address && <code>{obsPath(to.bucket, to.key)}</code>}
          {...(why && address !== obsPath(bucket, folder) && { validateStatus: "error" as const, help: t(`carry.why.${why}`) })}
        >
          <PlaceField id="carry-to" kind="folder" label={t("carry.to")} value={address} onChange={place} disabled={busy || sum.done > 0} />
        </Form.Item>
      </Form>
      <Standing verb={verb} going={going} replace={replace} onReplace={setReplace} />
    </Modal>
  );
}

/** What would go, what is in its way, how far it is, what went wrong. */
function Standing({ verb, going: { stage, plan, sum, problem }, replace, onReplace }: {
  verb: Verb; going: ReturnType<typeof useCarrying>; replace: boolean; onReplace: (replace: boolean) => void;
}) {
  const { t } = useTranslation();
  const all = plan?.pieces.length ?? 0;
  return (
    <div className="stack">
      <p className="quiet small">{t(`carry.${verb}About`)}</p>
      {plan && <p aria-live="polite">{t("carry.goes", { count: all, told: count(all), size: bytes(plan.bytes) })}</p>}
      {stage === "asked" && plan && <Taken names={[...plan.taken]} all={all} replace={replace} onReplace={onReplace} />}
      {plan && (stage === "going" || sum.done > 0) && <Progress percent={Math.floor((100 * (sum.done + sum.left)) / Math.max(1, all))} aria-label={t(`carry.${verb}`)} />}
      {sum.stopped && <p role="status">{t("carry.stopped", { done: count(sum.done), all: count(all) })}</p>}
      {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}</p>}
      {stage === "ended" && <Failed sum={sum} verb={verb} />}
    </div>
  );
}

function folderAt(address: string): Where | null {
  const place = readPlace(address);
  return place && { ...place, key: place.key && `${place.key.replace(/\/+$/, "")}/` };
}

function Taken({ names, all, replace, onReplace }: { names: string[]; all: number; replace: boolean; onReplace: (replace: boolean) => void }) {
  const { t } = useTranslation();
  const ask = t("carry.taken", { count: names.length, told: count(names.length), all: count(all) });
  return (
    <div className="stack" role="group" aria-label={ask}>
      <p role="alert"><b>{ask}</b></p>
      <Named names={names} />
      <Radio.Group
        aria-label={ask} value={replace} onChange={(event) => onReplace(Boolean(event.target.value))}
        options={[{ value: false, label: t("carry.leave") }, { value: true, label: t("carry.replace") }]}
      />
    </div>
  );
}

function Failed({ sum: { failed }, verb }: { sum: Sum; verb: Verb }) {
  const { t } = useTranslation();
  if (failed.length === 0) return null;
  const told = (piece: Piece, error: unknown) => `${piece.key}: ${tellError(error, t)}`;
  return (
    <div className="problem" role="alert">
      <p>{t(`carry.${verb}Failed`, { count: failed.length, told: count(failed.length) })}</p>
      <Named names={failed.map(({ piece, error }) => told(piece, error))} />
    </div>
  );
}

function Named({ names }: { names: string[] }) {
  const { t } = useTranslation();
  return (
    <ul className="named small">
      {names.slice(0, MOST_NAMED).map((name) => <li key={name}>{name}</li>)}
      {names.length > MOST_NAMED && <li className="quiet">{t("buckets.andMore", { count: names.length - MOST_NAMED, told: count(names.length - MOST_NAMED) })}</li>}
    </ul>
  );
}
