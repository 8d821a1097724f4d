/** Which node or trial of a version is looked at; it stands in the address, so that a link leads to it. */

import { Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAddress } from "../../kit/address";
import type { VersionRun } from "../jobs";

export function useRun(runs: VersionRun[], names: (run: VersionRun) => string): { run: VersionRun | undefined; choice: ReactNode } {
  const { t } = useTranslation();
  const [told, tell] = useAddress();
  const run = runs.find((one) => one.id === told.get("run")) ?? runs[0];
  const choose = (id: string) => tell({ run: id });
  const choice = runs.length > 1 && (
    <Select
      aria-label={t(run?.trial ? "trials.trial" : "log.node")} value={run?.id ?? null} onChange={choose} popupMatchSelectWidth={false} className="run-choice"
      options={runs.map((one) => ({ value: one.id, label: names(one) }))}
    />
  );
  return { run, choice };
}
