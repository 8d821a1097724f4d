/** When a service stops by itself. */

import { useTranslation } from "react-i18next";

import { duration } from "../../kit/duration";
import { absolute } from "../../kit/time";
import { spoken } from "../../words";
import type { Service } from "../calls";
import { hoursOf } from "../deploy/form";

export function TimeLeft({ service }: { service: Service }) {
  const { t } = useTranslation();
  if (service.infer_type === "batch") return null;
  if (service.due_time !== undefined) {
    const left = Math.max(0, service.due_time - Date.now()) / 1000;
    return <span className="quiet" title={absolute(service.due_time / 1000, spoken())}>{t("services.stopsIn", { time: duration(Math.ceil(left / 60) * 60) })}</span>;
  }
  const hours = hoursOf(service.schedule);
  return <span className="quiet">{hours ? t("services.stopsAfter", { time: duration(hours * 3600) }) : t("services.stopsNever")}</span>;
}
