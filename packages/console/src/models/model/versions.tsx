/** All versions of a model's name, the newest first. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Chip } from "../../kit/chip";
import { Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { bytes } from "../../kit/size";
import { Time } from "../../kit/time";
import { readVersions, type UsedModel } from "../calls";
import { UsedBy } from "../used-by";

export function Versions({ name, here }: { name: string; here: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["model", name, "versions"], refetchInterval: 5000, queryFn: ({ signal }) => readVersions(name, signal) });
  const columns: PlainColumn<UsedModel>[] = [
    { key: "version", title: t("services.version"), render: (one) => (one.model_id === here ? <span aria-current="true">{one.model_version}</span> : <Link to={`/console/models/${one.model_id}`}>{one.model_version}</Link>) },
    { key: "state", title: t("kit.state"), render: (one) => <Chip state={one.model_status} /> },
    { key: "used", title: t("models.usedBy"), render: (one) => <UsedBy model={one} all={`/console/models/${one.model_id}`} /> },
    { key: "type", title: t("models.type"), render: (one) => one.model_type || "–" },
    { key: "size", title: t("models.size"), align: "right", render: (one) => (one.model_size ? bytes(one.model_size) : "–") },
    { key: "created", title: t("kit.created"), render: (one) => <Time at={one.create_at / 1000} /> },
    { key: "description", title: t("kit.description"), render: (one) => one.description || "–" },
  ];
  return (
    <Card title={t("services.versions")} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} />
        : !found.data ? <Loading />
        : <PlainTable rows={found.data} columns={columns} rowKey={(one) => one.model_id} label={t("services.versions")} />}
    </Card>
  );
}
