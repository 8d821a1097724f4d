/** The first results of a batch: each input with what was answered to it, and the way to all of them. */

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ResultBody } from "../api/calls";
import { kindOf } from "../buckets/preview/kinds";
import { addressOf } from "../buckets/store";
import { readPlace } from "../kit/bucket-picker";
import { Empty, Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import * as signs from "../kit/signs";
import { bytes, count } from "../kit/size";
import { readResults, type Service } from "../services/calls";
import { bucketPage } from "../training/jobs";

const FIRST = 10;
const MOST = 100;

export function FirstResults({ service, done, live }: { service: Service; done: number; live: number }) {
  const { t } = useTranslation();
  const id = service.service_id;
  const [limit, setLimit] = useState(FIRST);
  // Once there are as many as are shown, more of them change nothing here.
  const found = useQuery({ queryKey: ["service", id, "results", limit, Math.min(done, limit)], queryFn: ({ signal }) => readResults(id, limit, signal), refetchInterval: live * 5, placeholderData: (before) => before });
  const all = bucketPage(`${(service.config[0]?.dest_path ?? "").replace(/\/?$/, "/")}infer-result/`);
  const tools = all && done > 0 && <Link to={all}>{t("batches.openResults")}</Link>;
  return (
    <Card title={t("batches.results")} about={done > FIRST ? t("batches.firstOf", { shown: count(Math.min(limit, done)), all: count(done) }) : undefined} tools={tools || undefined} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading />
        : found.data.length === 0 ? <Empty title={t("batches.noResults")} about={t("batches.noResultsAbout")} />
        : (
          <>
            <ul className="batch-results">{found.data.map((one) => <Result key={one.address} one={one} />)}</ul>
            {done > limit && limit < MOST && <div className="batch-more"><Button type="link" onClick={() => setLimit(MOST)}>{t("kit.more")}</Button></div>}
          </>
        )}
    </Card>
  );
}

function Result({ one }: { one: ResultBody }) {
  const { t } = useTranslation();
  const place = readPlace(one.source);
  const name = place?.key.split("/").pop() ?? one.source;
  const page = place ? bucketPage(one.source) : null;
  const picture = place && kindOf(place.key) === "picture";
  const result = bucketPage(one.address);
  return (
    <li>
      {picture ? <img src={addressOf(place.bucket, place.key)} alt="" loading="lazy" width={48} height={48} /> : <span className="batch-file">{signs.FILE}</span>}
      <div className="batch-result">
        <span className="batch-names">
          {page ? <Link to={page} title={one.source}>{name}</Link> : <span title={one.source}>{name}</span>}
          {result && one.size !== null && <Link className="quiet small" to={result}>{t("batches.result")} · {bytes(one.size)}<span className="unseen"> · {name}</span></Link>}
        </span>
        {one.text === null ? <span className="quiet">{t("batches.resultGone")}</span> : <Answer text={one.text} name={name} />}
      </div>
    </li>
  );
}

/** In a line; opened, as it was written. */
function Answer({ text, name }: { text: string; name: string }) {
  const { t } = useTranslation();
  let [short, whole] = [text.split("\n")[0] ?? "", text];
  try {
    const answer: unknown = JSON.parse(text);
    [short, whole] = [labelIn(answer) ?? JSON.stringify(answer), JSON.stringify(answer, null, 2)];
  } catch {
    // several lines, one a row, or more than is shown: told as it stands
  }
  return (
    <details>
      <summary><code>{short || t("predict.nothing")}</code></summary>
      <pre className="snippet answer-text" tabIndex={0} aria-label={t("batches.answerTo", { name })}>{whole}</pre>
    </details>
  );
}

function labelIn(answer: unknown): string | undefined {
  const label = (answer as { predicted_label?: unknown } | null)?.predicted_label;
  return typeof label === "string" ? label : undefined;
}
