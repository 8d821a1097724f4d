/** Takes away what the tour has made, and nothing else. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ConfirmDelete } from "../../kit/confirm";
import { cleanUp, type Part } from "./calls";
import { keepUnderway } from "./underway";

export function CleanUp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [part, setPart] = useState<Part>();
  const remove = async () => {
    await cleanUp(setPart);
    keepUnderway("left");
    await queries.invalidateQueries();
  };
  return (
    <ConfirmDelete title={t("tour.cleanUpTitle")} verb={t("tour.cleanUp")} onDelete={remove} onClose={onClose}>
      <p>{t("tour.cleanUpAbout")}</p>
      {part && <p className="quiet" role="status">{t(`tour.removing.${part}`)}</p>}
    </ConfirmDelete>
  );
}
