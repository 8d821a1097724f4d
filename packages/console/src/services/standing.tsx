/** How a service stands, in a word. */

import { useTranslation } from "react-i18next";

import { Chip, Mark } from "../kit/chip";
import { CheckCircleOutlined, CloseCircleOutlined, PauseCircleOutlined, WarningOutlined } from "../kit/icons";
import type { ListedService, Target } from "./calls";

export function Standing({ service }: { service: ListedService }) {
  const { t } = useTranslation();
  if (service.asleep) return <Mark tone="off" icon={<PauseCircleOutlined />}>{t("services.asleep")}</Mark>;
  if (service.status === "running" && service.infer_type !== "batch") return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("states.running")}</Mark>;
  if (service.status === "concerning") return <Mark tone="bad" icon={<WarningOutlined />}>{t("states.concerning")}</Mark>;
  if (service.status === "finished") return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("states.finished")}</Mark>;
  return <Chip state={service.status} />;
}

/** The result of a change. */
export function Result({ result }: { result: "RUNNING" | "SUCCESS" | "FAIL" }) {
  const { t } = useTranslation();
  if (result === "SUCCESS") return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("services.results.SUCCESS")}</Mark>;
  if (result === "FAIL") return <Mark tone="bad" icon={<CloseCircleOutlined />}>{t("services.results.FAIL")}</Mark>;
  return <Chip state="deploying" />;
}

/** `flowers 0.0.1 75 %`, and others of the same model behind it. */
export function Versions({ config }: { config: Pick<Target, "model_id" | "model_name" | "model_version" | "weight">[] }) {
  const alone = config.length === 1;
  return (
    <span className="service-versions">
      {config.map((one, at) => <span key={one.model_id}>{at === 0 && `${one.model_name} `}<b>{one.model_version}</b>{!alone && <span className="quiet"> {one.weight} %</span>}</span>)}
    </span>
  );
}
