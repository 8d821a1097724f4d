/** Which services run a model: the one, or the first and how many more. */

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { pageOf } from "../services/calls";
import type { UsedModel } from "./calls";

export function UsedBy({ model, all }: { model: UsedModel; all: string }) {
  const { t } = useTranslation();
  const [first, ...others] = model.services;
  if (!first) return <span className="quiet">–</span>;
  const names = others.map((one) => one.service_name).join(", ");
  return (
    <span className="used-by">
      <Link to={pageOf(first)}>{first.service_name}</Link>
      {others.length > 0 && <Link className="quiet" to={all} title={names} aria-label={t("models.usedMore", { names })}>+{others.length}</Link>}
    </span>
  );
}
