/** Imports a package: from a training job, a folder or a zip of a bucket, or a zip of one's own; judged as one chooses. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Form, type FormInstance } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";

import { caller, Refusal } from "../api/call";
import { useMay } from "../api/session";
import { Empty } from "../kit/faces";
import { LockOutlined } from "../kit/icons";
import { HALF, useNarrow } from "../kit/list-cards";
import { useOnce } from "../kit/once";
import { Card, Page } from "../kit/page";
import { Snippets } from "../kit/snippets";
import { tellError } from "../words/errors";
import { checkCandidate, importModel } from "./calls";
import { Fields } from "./import/fields";
import { bodyOf, checked, cliOf, isPlaced, nameOf, restOf, sdkOf, wantedOf, type Wanted } from "./import/form";
import { Judged, type Look } from "./import/judged";
import "../services/services.css";
import "../training/training.css";
import "./models.css";

const PAUSE = 350;

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const [told] = useSearchParams();
  return (
    <Page title={t("models.import")} about={t("models.importAbout")} crumbs={[{ label: t("menu.models"), to: "/console/models" }]}>
      {may ? <Make key={told.toString()} first={wantedOf(told)} /> : <Card><Empty icon={<LockOutlined />} title={t("kit.notAllowed")} about={t("errors.refused.role")} /></Card>}
    </Page>
  );
}

function Make({ first }: { first: Wanted }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [form] = Form.useForm<Wanted>();
  const wanted: Wanted = { ...first, ...(Form.useWatch([], form) as Partial<Wanted> | undefined) };
  const look = useLook(wanted);
  const below = useNarrow(HALF);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const nameAfter = (place: string) => {
    if (!form.isFieldTouched("name") && !first.name) form.setFieldValue("name", nameOf(place));
  };
  const change = (changed: Partial<Wanted>) => {
    setProblem(undefined);
    if (changed.by) form.setFieldsValue({ place: "", job: "", job_version: "" });
    if (changed.place) nameAfter(changed.place);
  };
  const send = useOnce(async () => {
    setProblem(undefined);
    if (!(await isFilledIn(form))) return;
    setBusy(true);
    try {
      // As the form holds it now: what is drawn may be a moment behind.
      await go(`/console/models/${await importModel(bodyOf({ ...first, ...(form.getFieldsValue(true) as Partial<Wanted>) }))}`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  });
  const errors = look.asked && !look.looking ? (look.judged?.counts.error ?? 0) : 0;
  const sound = look.judged?.sound === true && !look.looking && look.error === null;
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={first} onValuesChange={change} className="import">
      <div className="make import-form">
        <Fields by={wanted.by} judged={look.asked ? look.judged : undefined} told={below && <Judged look={look} />} onNamed={nameAfter} />
        {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}{problem instanceof Refusal && problem.parameters.field ? ` (${String(problem.parameters.field)})` : ""}</p>}
      </div>
      <div className="import-look">
        {!below && <Judged look={look} />}
        {isPlaced(wanted) && wanted.name && <Card title={t("create.elsewhere")} about={t("create.elsewhereAbout")}><Elsewhere wanted={wanted} /></Card>}
      </div>
      <div className="make-foot import-foot">
        {errors > 0 && <span className="problem import-kept">{t("models.unsound", { count: errors })}</span>}
        <Link to="/console/models"><Button tabIndex={-1}>{t("kit.keep")}</Button></Link>
        <Button type="primary" loading={busy && { delay: 300 }} disabled={!sound} onClick={() => void send()}>{t("models.importIt")}</Button>
      </div>
    </Form>
  );
}

/** What is missing stands beside its field. */
const isFilledIn = (form: FormInstance<Wanted>) => form.validateFields().then(() => true, () => false);

/** Asks a moment after the last letter; what was found last stays in sight meanwhile. */
function useLook(wanted: Wanted): Look {
  const asked = isPlaced(wanted);
  const now = JSON.stringify(checked(wanted));
  const [settled, setSettled] = useState(now);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(now), PAUSE);
    return () => clearTimeout(timer);
  }, [now]);
  const found = useQuery({
    queryKey: ["candidate", settled], enabled: asked, retry: false, gcTime: 0, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => checkCandidate(JSON.parse(settled) as Record<string, string>, signal),
  });
  return { asked, looking: settled !== now || found.isFetching, judged: found.data, error: found.error };
}

function Elsewhere({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation();
  const cli = cliOf(wanted);
  const snippets = [
    ...(cli ? [{ key: "cli", label: t("create.cli"), text: cli }] : []),
    { key: "sdk", label: "Python", text: sdkOf(wanted) }, { key: "rest", label: "REST", text: restOf(wanted, location.origin, caller.projectId) },
  ];
  return <Snippets snippets={snippets} label={t("create.elsewhere")} />;
}
