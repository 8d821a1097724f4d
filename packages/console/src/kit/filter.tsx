/** Which states a list shows, kept in the address. */

import { Select } from "antd";
import { useTranslation } from "react-i18next";

import { useAddress } from "./address";

/** A state that the list does not know counts as none. */
export function useStatus(states: readonly string[]): [string, (status: string) => void] {
  const [told, tell] = useAddress();
  const choose = (status: string) => tell({ status, page: "" });
  return [states.find((one) => one === told.get("status")) ?? "", choose];
}

export function StatusFilter({ status, states, onStatus }: { status: string; states: readonly string[]; onStatus: (status: string) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t("kit.state")} value={status} onChange={onStatus} className="phase" popupMatchSelectWidth={false}
      options={[{ value: "", label: t("jobs.everyState") }, ...states.map((one) => ({ value: one, label: t(`states.${one as "running"}`) }))]}
    />
  );
}
