/** What a batch was made with, and how one makes the same elsewhere. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { caller } from "../api/call";
import { Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import { PlainTable, type PlainColumn } from "../kit/plain-table";
import { count } from "../kit/size";
import { Elsewhere } from "../kit/snippets";
import { readModel } from "../models/calls";
import type { Service } from "../services/calls";
import { Address } from "../training/job/configuration";
import { leavesOf, readApis, type Leaf } from "./apis";
import { snippetsOf, wantedOf } from "./form";

export function Configuration({ service }: { service: Service }) {
  const { t } = useTranslation();
  const wanted = wantedOf(service);
  const found = useQuery({ queryKey: ["model", wanted.version], staleTime: Infinity, queryFn: ({ signal }) => readModel(wanted.version, signal) });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const apis = readApis(found.data.config);
  const api = apis.find((one) => one.url === wanted.path) ?? apis[0];
  const first = service.config[0];
  const version = first?.model_version ?? "";
  const csv = first?.mapping_type === "csv";
  const facts: [string, ReactNode][] = [
    [t("deploy.model"), <Link key="model" to={`/console/models/${wanted.version}`}>{wanted.model} {version}</Link>],
    [t(wanted.by === "manifest" ? "batches.manifest" : "batches.folder"), <Address key="source" address={first?.src_path ?? ""} />],
    [t("batches.target"), <Address key="target" address={first?.dest_path ?? ""} />],
    [t("batches.sent"), csv ? t("batches.byRow") : t("batches.byFile", { name: api?.files[0] ?? "" })],
    [t("batches.path"), wanted.path !== "/" && <code>{wanted.path}</code>],
    [t("jobs.flavour"), wanted.flavour], [t("services.instances"), count(wanted.instances)],
    [t("jobs.environment"), wanted.variables.length > 0 && wanted.variables.map((one) => <div key={one.name}><code>{one.name}={one.value}</code></div>)],
  ];
  const columns: PlainColumn<Leaf & { column: number | null }>[] = [
    { key: "parameter", title: t("batches.parameter"), render: ({ path }) => <code>{path}</code> },
    { key: "kind", title: t("batches.kind"), render: ({ kind }) => kind },
    { key: "column", title: t("batches.column"), render: ({ column }) => (column === null ? t("batches.leftOut") : column + 1) },
  ];
  return (
    <div className="parts">
      <Card title={t("batches.configuration")}>
        <dl className="facts">{facts.filter(([, told]) => told).map(([name, told]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{told}</dd></div>)}</dl>
      </Card>
      {csv && api && (
        <Card title={t("batches.mapping")} flush>
          <PlainTable rows={leavesOf(api.schema).map((leaf, at) => ({ ...leaf, column: wanted.columns[at] ?? null }))} columns={columns} rowKey={(one) => one.path} label={t("batches.mapping")} />
        </Card>
      )}
      <Elsewhere ways={snippetsOf(wanted, version, api, location.origin, caller.projectId)} />
    </div>
  );
}
