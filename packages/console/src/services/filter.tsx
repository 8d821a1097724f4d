/** Which states a list shows, kept in the address. */

import { Select } from "antd";
import { useTranslation } from "react-i18next";

import { useAddress } from "../kit/address";

export function useStatus(): [string, (status: string) => void] {
  const [told, tell] = useAddress();
  const choose = (status: string) => tell({ status, page: "" });
  return [told.get("status") ?? "", choose];
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
