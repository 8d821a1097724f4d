/** The instances of a service: how each stands, and the way to its log. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { InstanceBody } from "../../api/calls";
import { Chip, Mark } from "../../kit/chip";
import { Empty, Failure, Loading } from "../../kit/faces";
import { CheckCircleOutlined, ClockCircleOutlined, PauseCircleOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { Sentence } from "../../kit/sentence";
import { Time } from "../../kit/time";
import { tell, type Told } from "../../words/told";
import { readInstances } from "../calls";

const LIVE = 2000;

export function Instances({ id }: { id: string }) {
  const { t } = useTranslation();
  return <Card title={t("services.instances")} about={t("services.instancesAbout")} flush><Table id={id} /></Card>;
}

function Table({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["service", id, "instances"], queryFn: ({ signal }) => readInstances(id, signal), refetchInterval: LIVE });
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.length === 0) return <Empty title={t("services.noInstances")} about={t("services.noInstancesAbout")} />;
  const columns: PlainColumn<InstanceBody>[] = [
    { key: "state", title: t("kit.state"), render: (one) => <><State one={one} />{one.message && <div className="quiet small"><Sentence text={tell(one.told as Told | null, one.message)} /></div>}</> },
    { key: "version", title: t("services.version"), render: (one) => one.model_version },
    { key: "created", title: t("kit.created"), render: (one) => <Time at={one.created_at} /> },
    {
      key: "log", title: t("services.tabs.logs"),
      render: (one) => <Link to={`?tab=logs&run=${one.run_id}`} replace>{t("services.openLog")}<span className="unseen"> · {t("services.openLogOf", { name: one.run_id.slice(0, 8) })}</span></Link>,
    },
  ];
  return <PlainTable rows={found.data} columns={columns} rowKey={(one) => one.run_id} label={t("services.instances")} />;
}

function State({ one }: { one: InstanceBody }) {
  const { t } = useTranslation();
  if (one.leaving) return <Mark tone="off" icon={<PauseCircleOutlined />}>{t("services.leaving")}</Mark>;
  if (one.ready) return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("states.ready")}</Mark>;
  if (one.state === "running") return <Mark tone="wait" icon={<ClockCircleOutlined />}>{t("states.starting")}</Mark>;
  return <Chip state={one.state} />;
}
