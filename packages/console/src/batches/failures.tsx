/** What has failed in a batch, and why. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { FailureBody, ProgressBody } from "../api/calls";
import { useMay } from "../api/session";
import { readPlace } from "../kit/bucket-picker";
import { Mark } from "../kit/chip";
import { Failure, Loading } from "../kit/faces";
import { CheckCircleOutlined, RedoOutlined } from "../kit/icons";
import { Card } from "../kit/page";
import { PlainTable, type PlainColumn } from "../kit/plain-table";
import { count } from "../kit/size";
import { isUp, readFailures, retryFailed, type Service } from "../services/calls";
import { bucketPage } from "../training/jobs";
import { tellError } from "../words/errors";
import { tell, type Told } from "../words/told";

const FIRST = 50;
const MOST = 1000;

export function Failures({ service, one, live }: { service: Service; one: ProgressBody; live: number }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("member");
  const queries = useQueryClient();
  const id = service.service_id;
  const [limit, setLimit] = useState(FIRST);
  const found = useQuery({ queryKey: ["service", id, "failures", limit, one.failed_requests], queryFn: ({ signal }) => readFailures(id, limit, signal), refetchInterval: live * 3, placeholderData: (before) => before });
  const again = () => void retryFailed(id).then(() => queries.invalidateQueries({ queryKey: ["service", id] }), (error) => message.error(tellError(error, t)));
  const tools = may && one.failed > 0 && !isUp(service) && <Button icon={<RedoOutlined />} onClick={again}>{t("services.retry")}</Button>;
  // Of a table several rows are told; what is asked for are inputs.
  const columns: PlainColumn<FailureBody>[] = [
    { key: "source", title: t("services.source"), render: ({ source, row }) => <Input source={source} row={row} /> },
    { key: "status", title: t("services.answerStatus"), render: ({ status }) => status || t("batches.notSent") },
    { key: "reason", title: t("services.reason"), render: ({ told, message: reason }) => tell(told as Told | null, reason.replace(/^answer \d+: /, "")) },
  ];
  const inputs = new Set(found.data?.map((failure) => failure.source)).size;
  return (
    <Card title={t("batches.failures")} about={one.failed_requests > 0 ? t("batches.failuresAbout", { inputs: count(one.failed), calls: count(one.failed_requests) }) : undefined} tools={tools || undefined} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading />
        : found.data.length === 0 ? <p className="batch-fine"><Mark tone="good" icon={<CheckCircleOutlined />}>{t("services.noneFailed")}</Mark></p>
        : (
          <>
            <PlainTable kind="failures" rows={found.data} columns={columns} rowKey={(_, at) => String(at)} label={t("batches.failures")} />
            {inputs >= limit && limit < MOST && <div className="batch-more"><Button type="link" onClick={() => setLimit(MOST)}>{t("kit.more")}</Button></div>}
          </>
        )}
    </Card>
  );
}

function Input({ source, row }: { source: string; row: number | null }) {
  const { t } = useTranslation();
  const page = readPlace(source) ? bucketPage(source) : null;
  const name = source.split("/").pop() ?? source;
  return (
    <>
      {page ? <Link to={page} title={source}>{name}</Link> : <span title={source}>{name}</span>}
      {row !== null && <span className="quiet"> · {t("batches.row", { number: count(row) })}</span>}
    </>
  );
}
