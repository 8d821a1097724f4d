/** What a version has left in its outputs: folders open in place, and each may be imported as a model. */

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { following } from "../../api/following";
import { useMay } from "../../api/session";
import { listPage, type Listing } from "../../buckets/store";
import { CopyButton } from "../../kit/copy";
import { Empty, Failure, Loading } from "../../kit/faces";
import { AppstoreOutlined, DownOutlined, RightOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import * as signs from "../../kit/signs";
import { bytes } from "../../kit/size";
import { Time } from "../../kit/time";
import { bucketPage, obsOf, type Place, type Version } from "../jobs";

const MOST = 100;
const CONFIG = "config.json";

/** Whose outputs they are. */
interface Of {
  id: string;
  version: Version;
  live: boolean;
}

export function Artifacts(of: Of) {
  const { t } = useTranslation();
  const outputs = of.version.specification.outputs.filter((one) => one.address);
  if (outputs.length === 0) return <Card><Empty title={t("jobs.noOutputs")} about={t("jobs.noOutputsAbout")} /></Card>;
  return <div className="parts">{outputs.map((one) => <Output key={one.name} output={one} {...of} />)}</div>;
}

function useListing(bucket: string, prefix: string, live: boolean) {
  return useQuery({
    ...following(["output", bucket, prefix], live, 5000), queryFn: ({ signal }) => listPage(bucket, prefix, null, { signal, most: MOST }),
  });
}

const hasConfig = (found: Listing | undefined) => Boolean(found?.objects.some((object) => object.key.endsWith(`/${CONFIG}`) || object.key === CONFIG));

function Output({ output, ...of }: Of & { output: Place }) {
  const { t } = useTranslation();
  const address = obsOf(output.address).replace(/\/?$/, "/");
  const [, bucket = "", prefix = ""] = /^\w+:\/\/([^/]+)\/(.*)$/.exec(address) ?? [];
  const found = useListing(bucket, prefix, of.live);
  const tools = (
    <>
      {hasConfig(found.data) && <ImportModel path={address} {...of} />}
      <CopyButton text={address} label={t("buckets.copyPath")} /><Link to={bucketPage(address) ?? ""}>{t("jobs.openBucket")}</Link>
    </>
  );
  return (
    <Card title={output.name} about={<code>{address}</code>} tools={tools} flush>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} />
        : !found.data ? <Loading />
        : found.data.folders.length + found.data.objects.length === 0 ? <Empty title={t("jobs.outputEmpty")} about={t("jobs.outputEmptyAbout")} />
        : <ul className="files"><Entries bucket={bucket} prefix={prefix} found={found.data} depth={0} {...of} /></ul>}
    </Card>
  );
}

function Entries({ bucket, prefix, found, depth, ...of }: Of & { bucket: string; prefix: string; found: Listing; depth: number }) {
  const { t } = useTranslation();
  const inward = { paddingInlineStart: 20 + depth * 22 };
  return (
    <>
      {found.folders.map((key) => <Folder key={key} bucket={bucket} prefix={prefix} at={key} depth={depth} {...of} />)}
      {found.objects.map((object) => (
        <li key={object.key} style={inward}>
          <span className="twig" aria-hidden />{signs.FILE}<Link to={bucketPage(`obs://${bucket}/${object.key}`) ?? ""}>{object.key.slice(prefix.length)}</Link><span className="spring" />
          <span className="quiet short">{bytes(object.size)}</span><span className="quiet short file-time"><Time at={object.modified} /></span>
        </li>
      ))}
      {found.next && <li style={inward}><Link to={bucketPage(`obs://${bucket}/${prefix}`) ?? ""}>{t("kit.more")} …</Link></li>}
    </>
  );
}

function Folder({ bucket, prefix, at, depth, ...of }: Of & { bucket: string; prefix: string; at: string; depth: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = at.slice(prefix.length);
  return (
    <>
      <li style={{ paddingInlineStart: 20 + depth * 22 }}>
        <Button type="text" size="small" className="twig" icon={open ? <DownOutlined /> : <RightOutlined />} aria-expanded={open} aria-label={t("jobs.openFolder", { name })} onClick={() => setOpen(!open)} />
        {signs.FOLDER}<Link to={bucketPage(`obs://${bucket}/${at}`) ?? ""}>{name}</Link><span className="spring" />
        <ImportModel path={`obs://${bucket}/${at}`} {...of} />
      </li>
      {open && <Inside bucket={bucket} prefix={at} depth={depth + 1} {...of} />}
    </>
  );
}

function Inside(of: Of & { bucket: string; prefix: string; depth: number }) {
  const { t } = useTranslation();
  const found = useListing(of.bucket, of.prefix, of.live);
  if (found.error && !found.data) return <li><Failure error={found.error} again={() => void found.refetch()} /></li>;
  if (!found.data) return <li className="quiet" role="status">{t("kit.loading")}</li>;
  return <Entries {...of} found={found.data} />;
}

/** To the form that imports a model, filled in; a folder without config.json gets one by what is said there. */
function ImportModel({ id, version, path }: Of & { path: string }) {
  const { t } = useTranslation();
  const may = useMay("member");
  if (!may) return null;
  const to = `/console/models/import?${new URLSearchParams({ from_job: id, version: version.version, path })}`;
  return <Link to={to} className="import-model" aria-label={t("jobs.importOf", { path })}><AppstoreOutlined /> {t("jobs.import")}</Link>;
}
