/** All versions of a model's name, the newest first. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Chip } from "../../kit/chip";
import { Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { bytes } from "../../kit/size";
import { Time } from "../../kit/time";
import { readVersions } from "../calls";

export function Versions({ name, here }: { name: string; here: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["model", name, "versions"], refetchInterval: 5000, queryFn: ({ signal }) => readVersions(name, signal) });
  return (
    <Card title={t("services.versions")} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading /> : (
        <div className="scrolls wide" tabIndex={0} role="region" aria-label={t("services.versions")}>
          <table className="plain">
            <thead><tr><th scope="col">{t("services.version")}</th><th scope="col">{t("kit.state")}</th><th scope="col">{t("models.type")}</th><th scope="col" className="number">{t("models.size")}</th><th scope="col">{t("kit.created")}</th><th scope="col">{t("kit.description")}</th></tr></thead>
            <tbody>
              {found.data.map((one) => (
                <tr key={one.model_id}>
                  <th scope="row" className="short">{one.model_id === here ? <span aria-current="true">{one.model_version}</span> : <Link to={`/console/models/${one.model_id}`}>{one.model_version}</Link>}</th>
                  <td><Chip state={one.model_status} /></td><td className="short">{one.model_type || "–"}</td><td className="number">{one.model_size ? bytes(one.model_size) : "–"}</td>
                  <td className="short"><Time at={one.create_at / 1000} /></td><td>{one.description || "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
