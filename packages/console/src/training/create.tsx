/** A new job, or a new version of one: filled in, looked at once more, sent. */

import { useQuery } from "@tanstack/react-query";
import { Button, Form, Steps } from "antd";
import { Fragment, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import { caller, Refusal } from "../api/call";
import { useMay } from "../api/session";
import { CopyButton } from "../kit/copy";
import { duration } from "../kit/duration";
import { Empty, Failure, Loading } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { TabParts } from "../kit/tabs";
import { tellError } from "../words/errors";
import { readAlgorithm } from "./algorithms/calls";
import { Fields } from "./create/fields";
import { BLANK, changesOf, jobBody, keepWanted, keptWanted, wantedOf, type Wanted } from "./create/form";
import type { Declared } from "./create/parameters";
import { searchBody } from "./create/search";
import { snippetsOfJob, snippetsOfVersion, type Snippets } from "./create/snippets";
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
  const go = useNavigate();
  const key = `maquette-new-job${origin ? ` ${origin.id} ${origin.version}` : algorithm && ` ${algorithm}`}`;
  const [form] = Form.useForm<Wanted>();
  const first = useMemo((): Wanted => {
    const usual = origin ? { ...wantedOf(origin.specification), name: origin.name } : { ...BLANK, ...(algorithm && { by: "algorithm" as const, algorithm }) };
    return { ...usual, ...keptWanted(key) };
  }, [origin, algorithm, key]);
  const [step, setStep] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const values = (): Wanted => ({ ...first, ...(form.getFieldsValue(true) as Partial<Wanted>) });
  useEffect(() => {
    document.querySelector(".beside")?.scrollTo(0, 0);
  }, [step]);
  const next = async () => {
    setProblem(undefined);
    setBusy(true);
    try {
      await form.validateFields();
      const { name } = values();
      if (!origin && await isTaken(name)) form.setFields([{ name: "name", errors: [t("errors.conflict.name")] }]);
      else setStep(1);
    } catch (error) {
      if (error instanceof Error) setProblem(error);
      else setTimeout(() => form.scrollToField((error as { errorFields: { name: (string | number)[] }[] }).errorFields[0]?.name ?? "name", { focus: true, block: "center" }));
    }
    setBusy(false);
  };
  const send = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const wanted = values();
      const id = origin ? origin.id : await makeJob(jobBody(wanted));
      if (origin) await runAgain(origin.id, changesOf(wanted, origin.version, origin.specification));
      keepWanted(key, null);
      void go(`/console/training/${id}`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const clear = () => {
    keepWanted(key, null);
    const blank = origin ? { ...wantedOf(origin.specification), name: origin.name } : BLANK;
    form.setFieldsValue(blank);
    form.setFieldValue("search", blank.search); // as a whole: else what is set stays beside it
  };
  // Not for a moment only: its sign would come and go with every click, and be read out.
  const slow = busy && { delay: 300 };
  return (
    <div className="make">
      <Steps size="small" current={step} items={[{ title: t("create.fill") }, { title: t("create.confirm") }]} />
      <div hidden={step === 1}>
        <Form form={form} layout="vertical" requiredMark={false} initialValues={first} scrollToFirstError={false} onValuesChange={() => keepWanted(key, values())}>
          <Fields form={form} origin={origin} />
        </Form>
      </div>
      {step === 1 && <Confirm wanted={values()} origin={origin} />}
      {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}{problem instanceof Refusal && problem.parameters.field ? ` (${String(problem.parameters.field)})` : ""}</p>}
      <div className="make-foot">
        {step === 0
          ? (
            <>
              <Button type="text" onClick={clear}>{t("create.clear")}</Button>
              <Button key="next" type="primary" loading={slow} onClick={() => void next()}>{t("create.next")}</Button>
            </>
          ) : (
            <>
              <Button onClick={() => setStep(0)}>{t("create.back")}</Button>
              <Button key="start" type="primary" loading={slow} onClick={() => void send()}>{t("create.start")}</Button>
            </>
          )}
      </div>
    </div>
  );
}

function Confirm({ wanted, origin }: { wanted: Wanted; origin: Origin | undefined }) {
  const { t } = useTranslation();
  const algorithm = useQuery({
    queryKey: ["algorithm", wanted.algorithm], enabled: wanted.by === "algorithm" && wanted.algorithm !== "",
    queryFn: ({ signal }) => readAlgorithm(wanted.algorithm, signal),
  });
  const pairs = (rows: Wanted["inputs"]) => rows.filter((one) => one?.name && one.value).map((one) => <div key={one.name}><code>{one.name} = {one.value}</code></div>);
  const code = origin && wanted.same_code ? t("create.sameCode", { version: origin.version }) : <code>{wanted.code}</code>;
  const facts: [string, React.ReactNode][] = [
    [t("kit.name"), wanted.name], [t("kit.description"), wanted.description],
    ...(wanted.by === "algorithm" ? [[t("create.algorithm"), algorithm.data?.metadata.name ?? wanted.algorithm] as [string, React.ReactNode]]
      : [[t("jobs.code"), code], [t("jobs.bootFile"), <code key="boot">{wanted.boot_file}</code>], [t("jobs.engine"), wanted.engine || t("jobs.byImports")]] as [string, React.ReactNode][]),
    [t("jobs.flavour"), `${wanted.flavour}${wanted.nodes > 1 && !wanted.searching ? ` × ${wanted.nodes}` : ""}`],
    [t("jobs.inputs"), pairs(wanted.inputs)], [t("jobs.outputs"), pairs(wanted.outputs)], [t("jobs.parameters"), pairs(wanted.parameters)], [t("jobs.environment"), pairs(wanted.environment)],
    [t("jobs.autoStop"), wanted.hours ? duration(wanted.hours * 3600) : t("jobs.never")], [t("jobs.restarts"), wanted.restarts || ""], [t("jobs.logTo"), wanted.log],
  ];
  const shown = facts.filter(([, told]) => (Array.isArray(told) ? told.length > 0 : Boolean(told)));
  const snippets = origin
    ? snippetsOfVersion(changesOf(wanted, origin.version, origin.specification), origin, origin.newest, location.origin, caller.projectId)
    : snippetsOfJob(wanted, location.origin, caller.projectId);
  return (
    <>
      <Card title={t("create.look")}><dl className="facts">{shown.map(([name, told]) => <Fragment key={name}><dt>{name}</dt><dd>{told}</dd></Fragment>)}</dl></Card>
      {wanted.searching && <Card title={t("search.title")}><Sought search={searchBody(wanted.search)} /></Card>}
      <Card title={t("create.elsewhere")} about={t("create.elsewhereAbout")}><Same snippets={snippets} /></Card>
    </>
  );
}

function Same({ snippets }: { snippets: Snippets }) {
  const { t } = useTranslation();
  const all = [["cli", t("create.cli"), snippets.cli], ["sdk", "Python", snippets.sdk], ["rest", "REST", snippets.rest]] as const;
  const tabs = all.flatMap(([key, label, text]) => (text === null ? [] : [{
    key, label, part: <div className="snippet-box"><pre className="snippet" tabIndex={0} aria-label={label}>{text}</pre><CopyButton text={text} label={t("kit.copy")} /></div>,
  }]));
  const [chosen, setChosen] = useState<"cli" | "sdk" | "rest">("cli");
  const here = tabs.find((tab) => tab.key === chosen)?.key ?? tabs[0]?.key ?? "rest";
  return <TabParts tabs={tabs} here={here} onHere={setChosen} label={t("create.elsewhere")} />;
}
