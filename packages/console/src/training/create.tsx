/** A new job, or a new version of one: filled in, looked at once more, sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormInstance } from "antd";
import { Fragment, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { readAnew } from "../api/anew";
import { caller } from "../api/call";
import { useMay } from "../api/session";
import { duration } from "../kit/duration";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { Elsewhere } from "../kit/snippets";
import { TwoSteps } from "../kit/two-steps";
import { readAlgorithm } from "./algorithms/calls";
import { useSizeOf } from "./create/choices";
import { Fields } from "./create/fields";
import { BLANK, changesOf, jobBody, wantedOf, type Wanted } from "./create/form";
import type { Declared } from "./create/parameters";
import { goalOf, searchBody } from "./create/search";
import { snippetsOfJob, snippetsOfVersion } from "./create/snippets";
import { Sought } from "./job/sought";
import { isTaken, makeJob, readJob, readVersion, readVersions, runAgain, type Specification } from "./jobs";
import "./training.css";

export interface Origin {
  id: string;
  name: string;
  version: string;
  newest: boolean;
  specification: Specification;
  /** What its algorithm says of its parameters. */
  declared: Declared[];
}

export function Component() {
  const { t } = useTranslation();
  const [told] = useSearchParams();
  const may = useMay("member");
  const [from, version, algorithm] = [told.get("from") ?? "", told.get("version") ?? "latest", told.get("algorithm") ?? ""];
  const crumbs = [{ label: t("menu.training"), to: "/console/training" }];
  const found = useQuery({
    queryKey: ["origin", from, version], enabled: from !== "", staleTime: Infinity,
    queryFn: async ({ signal }): Promise<Origin> => {
      const [job, one, all] = await Promise.all([readJob(from, signal), readVersion(from, version, signal), readVersions(from, signal)]);
      return { id: from, name: job.metadata.name, version: one.version, newest: all[0]?.version === one.version, specification: one.specification, declared: job.algorithm.parameters ?? [] };
    },
  });
  const title = found.data ? t("create.versionOf", { name: found.data.name }) : t("jobs.new");
  return (
    <Page title={title} crumbs={crumbs} about={found.data ? t("create.from", { version: found.data.version }) : undefined}>
      {!may ? <Card><Empty icon={<LockOutlined />} title={t("kit.notAllowed")} about={t("errors.refused.role")} /></Card>
        : from && found.error ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>
        : from && !found.data ? <Card><Loading /></Card>
        : <Make key={`${from} ${version}`} origin={found.data} algorithm={algorithm} />}
    </Page>
  );
}

function Make({ origin, algorithm }: { origin: Origin | undefined; algorithm: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const blank = useMemo((): Wanted => {
    if (origin) return { ...wantedOf(origin.specification), name: origin.name };
    return { ...BLANK, ...(algorithm && { by: "algorithm" as const, algorithm }) };
  }, [origin, algorithm]);
  const refuse = async ({ name }: Wanted, form: FormInstance<Wanted>) => {
    const taken = !origin && (await isTaken(name));
    if (taken) form.setFields([{ name: "name", errors: [t("errors.conflict.name")] }]);
    return taken;
  };
  const send = async (wanted: Wanted) => {
    const id = origin ? origin.id : await makeJob(jobBody(wanted));
    if (origin) {
      await runAgain(origin.id, changesOf(wanted, origin.version, origin.specification));
      await readAnew(queries, ["job", id]);
    }
    return `/console/training/${id}`;
  };
  return (
    <TwoSteps
      keptAs={`job${origin ? ` ${origin.id} ${origin.version}` : algorithm && ` ${algorithm}`}`} blank={blank} refuse={refuse} placeOf={goalOf} send={send}
      fields={(form) => <Fields form={form} origin={origin} />} confirm={(wanted) => <Confirm wanted={wanted} origin={origin} />}
      words={{ confirm: t("create.confirm"), send: t("create.start") }}
    />
  );
}

function Confirm({ wanted, origin }: { wanted: Wanted; origin: Origin | undefined }) {
  const { t } = useTranslation();
  const algorithm = useQuery({
    queryKey: ["algorithm", wanted.algorithm], enabled: wanted.by === "algorithm" && wanted.algorithm !== "",
    queryFn: ({ signal }) => readAlgorithm(wanted.algorithm, signal),
  });
  const size = useSizeOf(wanted.flavour);
  const pairs = (rows: Wanted["inputs"]) => rows.filter((one) => one?.name && one.value).map((one) => <div key={one.name}><code>{one.name} = {one.value}</code></div>);
  const code = origin && wanted.same_code ? t("create.sameCode", { version: origin.version }) : <code>{wanted.code}</code>;
  const facts: [string, React.ReactNode][] = [
    [t("kit.name"), wanted.name], [t("kit.description"), wanted.description],
    ...(wanted.by === "algorithm" ? [[t("create.algorithm"), algorithm.data?.metadata.name ?? wanted.algorithm] as [string, React.ReactNode]]
      : [[t("jobs.code"), code], [t("jobs.bootFile"), <code key="boot">{wanted.boot_file}</code>], [t("jobs.engine"), wanted.engine || t("jobs.byImports")]] as [string, React.ReactNode][]),
    [t("jobs.flavour"), `${size}${wanted.nodes > 1 && !wanted.searching ? ` × ${wanted.nodes}` : ""}`],
    [t("jobs.inputs"), pairs(wanted.inputs)], [t("jobs.outputs"), pairs(wanted.outputs)], [t("jobs.parameters"), pairs(wanted.parameters)], [t("jobs.environment"), pairs(wanted.environment)],
    [t("jobs.autoStop"), wanted.hours ? duration(wanted.hours * 3600) : t("jobs.never")], [t("jobs.restarts"), wanted.restarts || ""], [t("jobs.logTo"), wanted.log],
  ];
  const shown = facts.filter(([, told]) => (Array.isArray(told) ? told.length > 0 : Boolean(told)));
  const ways = origin
    ? snippetsOfVersion(changesOf(wanted, origin.version, origin.specification), origin, origin.newest, location.origin, caller.projectId)
    : snippetsOfJob(wanted, location.origin, caller.projectId);
  return (
    <>
      <Card title={t("create.look")}><dl className="facts">{shown.map(([name, told]) => <Fragment key={name}><dt>{name}</dt><dd>{told}</dd></Fragment>)}</dl></Card>
      {wanted.searching && <Card title={t("search.title")}><Sought search={searchBody(wanted.search)} /></Card>}
      <Elsewhere ways={ways} />
    </>
  );
}
