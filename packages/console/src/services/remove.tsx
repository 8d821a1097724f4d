/** Asks before a service is gone with its history; tells what stays. */

import { useTranslation } from "react-i18next";

import { ConfirmDelete } from "../kit/confirm";
import { isUp, removeService, type ListedService } from "./calls";

export function RemoveService({ service, onClose, onGone }: { service: ListedService; onClose: () => void; onGone?: () => void }) {
  const { t } = useTranslation();
  const batch = service.infer_type === "batch";
  return (
    <ConfirmDelete
      title={t("services.removeTitle", { name: service.service_name })} onClose={onClose}
      onDelete={async () => {
        await removeService(service.service_id);
        onGone?.();
      }}
    >
      <p>{t(batch ? "batches.removeAbout" : "services.removeAbout")}</p>
      {isUp(service) && <p className="problem">{t(batch ? "batches.removeUp" : "services.removeUp")}</p>}
    </ConfirmDelete>
  );
}
