/** What one has to know of a service before one asks it: that it sleeps, that it starts, that something is wrong with it. */

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Service } from "../calls";

export function Notice({ service }: { service: Service }) {
  const { t } = useTranslation();
  if (service.asleep) return <p className="advice calm" role="status">{t("predict.asleep")}</p>;
  if (service.status === "deploying") return <p className="advice calm" role="status">{t("predict.starting", { progress: service.progress })}</p>;
  if (service.status !== "concerning") return null;
  return <p className="advice" role="status">{t("predict.concerning")} <Link to="?tab=events">{t("services.tabs.events")}</Link></p>;
}
