/** How the calls are shared among the versions that run: changed here at once, without a new start. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Card } from "../../kit/page";
import { tellError } from "../../words/errors";
import { changeService, type Service } from "../calls";
import { weighed, wantedOf, type WantedVersion } from "../deploy/form";
import { Weights } from "../deploy/weights";

export function Weigh({ service }: { service: Service }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<WantedVersion[]>();
  const [busy, setBusy] = useState(false);
  const now = wantedOf(service).versions;
  const shown = wanted ?? now;
  const same = shown.every((one) => now.some((other) => other.id === one.id && other.weight === one.weight));
  const apply = async () => {
    setBusy(true);
    try {
      await changeService(service.service_id, { config: weighed(service, shown) });
      await queries.invalidateQueries({ queryKey: ["service", service.service_id] });
      setWanted(undefined);
      void message.success(t("services.weighed"));
    } catch (error) {
      void message.error(tellError(error, t));
    }
    setBusy(false);
  };
  return (
    <Card title={t("services.weights")} about={t("services.weightsAbout")}>
      <Weights value={shown} onChange={setWanted} instances={false} />
      <div className="buttons">
        <Button disabled={same || busy} onClick={() => setWanted(undefined)}>{t("kit.keep")}</Button>
        <Button type="primary" disabled={same} loading={busy} onClick={() => void apply()}>{t("services.weigh")}</Button>
      </div>
    </Card>
  );
}
