/** What a version has not in common with another one. */

import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import type { ShortVersion, Version } from "../jobs";

interface Change {
  name: string;
  this: unknown;
  other: unknown;
}
const PARTS = ["specification", "metrics", "engine", "packages"] as const;
type Differences = Record<(typeof PARTS)[number], Change[]> & { code: { same: boolean; files: Change[] } };

export function Difference({ id, version, versions }: { id: string; version: Version; versions: ShortVersion[] }) {
  const { t } = useTranslation();
  const others = versions.filter((one) => one.version !== version.version);
  const [chosen, setChosen] = useState("");
  const usual = others.find((one) => one.version === version.previous) ?? others.find((one) => one.number < version.number) ?? others[0];
  const other = others.find((one) => one.version === chosen) ?? usual;
  const found = useQuery({
    queryKey: ["difference", id, version.version, other?.version, version.state], enabled: other !== undefined,
    queryFn: async ({ signal }) => (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/difference", {
      path: { job_id: id, version: version.version }, query: { with: other?.version ?? "" }, signal,
    })) as unknown as Differences,
  });
  if (!other) return <Card><Empty title={t("difference.none")} about={t("difference.noneAbout")} /></Card>;
  return (
    <div className="parts">
      <div className="curve-tools">
        <label>
          {t("difference.with", { version: version.version })}
          <Select value={other.version} aria-label={t("difference.other")} onChange={setChosen} popupMatchSelectWidth={false} options={others.map((one) => ({ value: one.version, label: one.version }))} />
        </label>
      </div>
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading /> : <Changes told={found.data} mine={version.version} other={other.version} />}
    </div>
  );
}

function Changes({ told, mine, other }: { told: Differences; mine: string; other: string }) {
  const { t } = useTranslation();
  const parts = PARTS.filter((part) => told[part].length > 0);
  if (parts.length === 0 && told.code.same) return <Card><Empty title={t("difference.same")} /></Card>;
  return (
    <>
      {parts.map((part) => <Part key={part} title={t(`difference.parts.${part}`)} rows={told[part]} mine={mine} other={other} />)}
      {!told.code.same && told.code.files.length > 0 && <Part title={t("difference.parts.code")} rows={told.code.files} mine={mine} other={other} hashes />}
      {told.code.same ? <p className="quiet">{t("difference.sameCode")}</p> : told.code.files.length === 0 && <p className="quiet">{t("difference.noCode")}</p>}
    </>
  );
}

function Part({ title, rows, mine, other, hashes = false }: { title: string; rows: Change[]; mine: string; other: string; hashes?: boolean }) {
  const { t } = useTranslation();
  const tell = (value: unknown) => {
    if (value === null || value === undefined) return <span className="quiet">{t("difference.absent")}</span>;
    if (hashes) return <code>{String(value).slice(0, 8)}</code>;
    return <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>;
  };
  return (
    <Card title={title} flush>
      <div className="scrolls">
        <table className="plain">
          <thead><tr><th scope="col">{t("kit.name")}</th><th scope="col">{mine}</th><th scope="col">{other}</th></tr></thead>
          <tbody>{rows.map((row) => <tr key={row.name}><th scope="row">{row.name}</th><td>{tell(row.this)}</td><td>{tell(row.other)}</td></tr>)}</tbody>
        </table>
      </div>
    </Card>
  );
}
