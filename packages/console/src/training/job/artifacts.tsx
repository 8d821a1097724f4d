/** What a version has left in its outputs: the first files of each, and the way to all of them. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { listPage } from "../../buckets/store";
import { CopyButton } from "../../kit/copy";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import * as signs from "../../kit/signs";
import { bytes } from "../../kit/size";
import { Time } from "../../kit/time";
import { bucketPage, obsOf, type Place, type Version } from "../jobs";

const MOST = 100;

export function Artifacts({ version }: { version: Version }) {
  const { t } = useTranslation();
  const outputs = version.specification.outputs.filter((one) => one.address);
  if (outputs.length === 0) return <Card><Empty title={t("jobs.noOutputs")} about={t("jobs.noOutputsAbout")} /></Card>;
  return <div className="parts">{outputs.map((one) => <Output key={one.name} output={one} />)}</div>;
}

function Output({ output }: { output: Place }) {
  const { t } = useTranslation();
  const address = obsOf(output.address).replace(/\/?$/, "/");
  const [, bucket = "", prefix = ""] = /^\w+:\/\/([^/]+)\/(.*)$/.exec(address) ?? [];
  const found = useQuery({
    queryKey: ["output", address], refetchInterval: 5000,
    queryFn: ({ signal }) => listPage(bucket, prefix, null, { signal, most: MOST }),
  });
  const pageOf = (key: string) => bucketPage(`obs://${bucket}/${key}`) ?? "";
  const tools = <><CopyButton text={address} label={t("buckets.copyPath")} /><Link to={bucketPage(address) ?? ""}>{t("jobs.openBucket")}</Link></>;
  return (
    <Card title={output.name} about={<code>{address}</code>} tools={tools} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} />
        : !found.data ? <Loading />
        : found.data.folders.length + found.data.objects.length === 0 ? <Empty title={t("jobs.outputEmpty")} about={t("jobs.outputEmptyAbout")} />
        : (
          <ul className="files">
            {found.data.folders.map((key) => <li key={key}>{signs.FOLDER}<Link to={pageOf(key)}>{key.slice(prefix.length)}</Link></li>)}
            {found.data.objects.map((object) => (
              <li key={object.key}>
                {signs.FILE}<Link to={pageOf(object.key)}>{object.key.slice(prefix.length)}</Link><span className="spring" />
                <span className="quiet">{bytes(object.size)}</span><span className="quiet"><Time at={object.modified} /></span>
              </li>
            ))}
            {found.data.next && <li><Link to={bucketPage(address) ?? ""}>{t("kit.more")} …</Link></li>}
          </ul>
        )}
    </Card>
  );
}
