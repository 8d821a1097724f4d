/** Asks before a version of a model is gone; what a service runs stays, and the server says which service that is. */

import { useTranslation } from "react-i18next";

import { ConfirmDelete } from "../kit/confirm";
import { removeModel, type ListedModel } from "./calls";

export function RemoveModel({ model, onClose, onGone }: { model: ListedModel; onClose: () => void; onGone?: () => void }) {
  const { t } = useTranslation();
  return (
    <ConfirmDelete
      title={t("models.removeTitle", { name: `${model.model_name} ${model.model_version}` })} onClose={onClose}
      onDelete={async () => {
        const kept = await removeModel(model.model_id);
        if (kept) throw new Error(kept);
        onGone?.();
      }}
    >
      <p>{t("models.removeAbout")}</p>
    </ConfirmDelete>
  );
}
