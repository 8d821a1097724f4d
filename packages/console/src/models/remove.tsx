/** Asks before a version of a model is gone; what a service runs stays, and the server says which service that is. */

import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { readAnew } from "../api/anew";
import { ConfirmDelete } from "../kit/confirm";
import { removeModel, type ListedModel } from "./calls";

export function RemoveModel({ model, onClose, onGone }: { model: ListedModel; onClose: () => void; onGone?: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return (
    <ConfirmDelete
      title={t("models.removeTitle", { name: `${model.model_name} ${model.model_version}` })} onClose={onClose}
      onDelete={async () => {
        const kept = await removeModel(model.model_id);
        if (kept) throw new Error(kept);
        await readAnew(queries, ["models"]);
        onGone?.();
      }}
    >
      <p>{t("models.removeAbout")}</p>
    </ConfirmDelete>
  );
}
