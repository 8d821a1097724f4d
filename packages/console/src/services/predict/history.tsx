/** The last calls, as long as the page is open: seen again at a click. */

import { Button } from "antd";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { inShort, isGood } from "../answer/parts";
import { Mark } from "../../kit/chip";
import { CodeOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { FILE } from "../../kit/signs";
import { Time } from "../../kit/time";
import { milliseconds } from "../service/milliseconds";
import type { Asked } from "./ask";
import { usePicture } from "./picture";

const MOST = 30;
const NONE: Asked[] = [];
/** By service; the newest first. In memory only: pictures may be nobody else's business. */
const kept = new Map<string, Asked[]>();
const listeners = new Set<() => void>();

function change(service: string, calls: Asked[]) {
  kept.set(service, calls);
  for (const listener of listeners) listener();
}

export const keep = (service: string, asked: Asked) => change(service, [asked, ...(kept.get(service) ?? [])].slice(0, MOST));

function listen(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useHistory(service: string): Asked[] {
  return useSyncExternalStore(listen, () => kept.get(service) ?? NONE);
}

export function History({ service, history, shown, onShow }: { service: string; history: Asked[]; shown: Asked | undefined; onShow: (asked: Asked) => void }) {
  const { t } = useTranslation();
  const clear = <Button size="small" type="text" onClick={() => change(service, [])}>{t("predict.forget")}</Button>;
  return (
    <Card className="predict-history" title={t("predict.history")} about={t("predict.historyAbout", { most: MOST })} tools={clear} flush>
      <ul className="history">{history.map((one) => <li key={one.number}><Line asked={one} on={one === shown} onShow={() => onShow(one)} /></li>)}</ul>
    </Card>
  );
}

function Line({ asked, on, onShow }: { asked: Asked; on: boolean; onShow: () => void }) {
  const address = usePicture(asked.pictures[0] ?? null);
  const files = asked.files.map((file) => file.name).join(", ");
  return (
    <button type="button" aria-pressed={on} onClick={onShow}>
      <span className="history-sign">{address ? <img src={address} alt="" /> : asked.sent.way === "json" ? <CodeOutlined /> : FILE}</span>
      <span className="history-told"><span>{inShort(asked.answer)}</span>{files && <span className="quiet small">{files}</span>}</span>
      <Mark tone={isGood(asked) ? "good" : "bad"}>{asked.status}</Mark>
      <span className="quiet number">{milliseconds(asked.milliseconds)}</span>
      <span className="quiet history-when"><Time at={asked.at / 1000} /></span>
    </button>
  );
}
