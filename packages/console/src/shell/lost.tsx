/** Told over every page while the server does not answer; what is shown is read anew once it does. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { reach } from "../api/call";
import { useLost } from "../api/lost";

const PAUSE = 3000;

export function Lost() {
  const { t } = useTranslation();
  const lost = useLost();
  const queries = useQueryClient();
  useEffect(() => {
    if (!lost) return;
    const asking = setInterval(() => void reach("/health", {}).then(() => queries.invalidateQueries(), () => undefined), PAUSE);
    return () => clearInterval(asking);
  }, [lost, queries]);
  return lost ? <p className="lost" role="status">{t("shell.lost")}</p> : null;
}
