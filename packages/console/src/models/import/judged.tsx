/** What the check says of the package that is chosen, before anything is imported. */

import { useTranslation } from "react-i18next";

import { Refusal } from "../../api/call";
import { Mark } from "../../kit/chip";
import { Empty, Loading } from "../../kit/faces";
import { CheckCircleOutlined, CloseCircleOutlined, SafetyOutlined } from "../../kit/icons";
import { Card } from "../../kit/page";
import { bytes, count } from "../../kit/size";
import { readDeclared } from "../../services/predict/inputs";
import { tellError } from "../../words/errors";
import { tell, type Told } from "../../words/told";
import type { Candidate, Finding } from "../calls";
import { Findings } from "../findings";

export interface Look {
  /** Whether enough is said for a look. */
  asked: boolean;
  looking: boolean;
  judged: Candidate | undefined;
  error: unknown;
}

export function Judged({ look }: { look: Look }) {
  const { t } = useTranslation();
  const { asked, looking, judged, error } = look;
  const told = <span role="status" className="quiet small">{asked && looking ? t("models.checking") : ""}</span>;
  return (
    <Card title={t("models.check")} about={t("models.checkAbout")} tools={told} className="judged">
      {!asked ? <Empty icon={<SafetyOutlined />} title={t("models.checkNothing")} about={t("models.checkNothingAbout")} />
        : error !== null && !looking ? <Refused error={error} />
        : !judged ? <Loading />
        : <div className={looking ? "stack looking" : "stack"}><Found judged={judged} /></div>}
    </Card>
  );
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const field = error instanceof Refusal ? error.parameters.field : undefined;
  return <div className="advice" role="alert"><span>{tellError(error, t)}</span>{typeof field === "string" && <code className="quiet small">{field}</code>}</div>;
}

function Found({ judged }: { judged: Candidate }) {
  const { t } = useTranslation();
  const errors = judged.counts.error ?? 0;
  const inputs = readDeclared(JSON.stringify(judged.config));
  const facts: [string, React.ReactNode][] = [
    [t("models.type"), judged.model_type],
    [t("jobs.engine"), judged.engine && <>{judged.engine.name ?? "–"}{judged.engine.reason && <span className="quiet small"> {tell(judged.engine.told as Told | null, judged.engine.reason)}</span>}</>],
    [t("models.class"), judged.service_class && <code>{judged.service_class}</code>],
    [t("models.inputs"), judged.has_config && inputs.form && inputs.inputs.map((one) => one.name).join(", ")],
    [t("models.size"), t("models.sizeOf", { size: bytes(judged.size_bytes), count: judged.files, told: count(judged.files) })],
  ];
  return (
    <>
      <span>
        {errors > 0
          ? <Mark tone="bad" icon={<CloseCircleOutlined />}>{t("models.unsound", { count: errors })}</Mark>
          : <Mark tone="good" icon={<CheckCircleOutlined />}>{t(judged.findings.length > 0 ? "models.importable" : "models.sound")}</Mark>}
      </span>
      <dl className="facts">{facts.filter(([, told]) => told).map(([name, told]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{told}</dd></div>)}</dl>
      {!judged.has_config && <p className="quiet">{t("models.noConfig")}</p>}
      {judged.findings.length > 0 && <Findings findings={judged.findings as Finding[]} />}
    </>
  );
}
