/** Asks before a service is gone with its history and its counts. */

import { useTranslation } from "react-i18next";

import { ConfirmDelete } from "../kit/confirm";
import { isUp, removeService, type ListedService } from "./calls";

export function RemoveService({ service, onClose, onGone }: { service: ListedService; onClose: () => void; onGone?: () => void }) {
  const { t } = useTranslation();
  return (
    <ConfirmDelete
      title={t("services.removeTitle", { name: service.service_name })} onClose={onClose}
      onDelete={async () => {
        await removeService(service.service_id);
        onGone?.();
      }}
    >
      <p>{t("services.removeAbout")}</p>
      {isUp(service) && <p className="problem">{t("services.removeUp")}</p>}
    </ConfirmDelete>
  );
}
