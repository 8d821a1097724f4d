/** config.json for people: what goes in, what comes out, what is installed; and the file itself. */

import { useTranslation } from "react-i18next";

import { CopyButton } from "../../kit/copy";
import { Empty } from "../../kit/faces";
import { Card } from "../../kit/page";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { readDeclared } from "../../services/predict/inputs";
import type { Model, Param } from "../calls";

export function Config({ model }: { model: Model }) {
  const { t } = useTranslation();
  const declared = readDeclared(model.config);
  const shown = JSON.stringify(JSON.parse(model.config), null, 2);
  const requirements = model.check.requirements ?? [];
  return (
    <div className="parts">
      <Params title={t("models.inputs")} about={`POST ${declared.url} · ${declared.form ? "multipart/form-data" : "application/json"}`} params={model.input_params} none={t("models.noInputs")} />
      <Params title={t("models.outputs")} about={t("models.outputsAbout")} params={model.output_params} none={t("models.noOutputs")} />
      {requirements.length > 0 && <Card title={t("models.requirements")} about={t("models.requirementsAbout")}><ul className="packages">{requirements.map((one) => <li key={one}>{one}</li>)}</ul></Card>}
      <Card title="config.json"><div className="snippet-box"><pre className="snippet answer-text" tabIndex={0} aria-label="config.json">{shown}</pre><CopyButton text={shown} /></div></Card>
    </div>
  );
}

function Params({ title, about, params, none }: { title: string; about: string; params: Param[]; none: string }) {
  const { t } = useTranslation();
  const columns: PlainColumn<Param>[] = [
    { key: "name", title: t("kit.name"), render: (one) => <code>{one.param_name}</code> },
    { key: "kind", title: t("models.kind"), render: (one) => one.param_type || "–" },
    { key: "limits", title: t("models.limits"), render: (one) => (one.min === null && one.max === null ? "–" : `${one.min ?? "…"} – ${one.max ?? "…"}`) },
    { key: "about", title: t("kit.description"), render: (one) => one.param_desc || "–" },
  ];
  return (
    <Card title={title} about={about} flush>
      {params.length === 0 ? <Empty title={none} /> : <PlainTable rows={params} columns={columns} rowKey={(one) => `${one.url} ${one.param_name}`} label={title} />}
    </Card>
  );
}
