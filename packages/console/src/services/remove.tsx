/** Asks before a service is gone with its history; tells what stays. */

import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { readAnew } from "../api/anew";
import { ConfirmDelete } from "../kit/confirm";
import { isUp, removeService, type ListedService } from "./calls";

export function RemoveService({ service, onClose, onGone }: { service: ListedService; onClose: () => void; onGone?: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const batch = service.infer_type === "batch";
  return (
    <ConfirmDelete
      title={t("services.removeTitle", { name: service.service_name })} onClose={onClose}
      onDelete={async () => {
        await removeService(service.service_id);
        await readAnew(queries, ["services"]);
        onGone?.();
      }}
    >
      <p>{t(batch ? "batches.removeAbout" : "services.removeAbout")}</p>
      {isUp(service) && <p className="problem">{t(batch ? "batches.removeUp" : "services.removeUp")}</p>}
    </ConfirmDelete>
  );
}
