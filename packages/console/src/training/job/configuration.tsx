/** What a version ran, on what, and how: as it was frozen when it was made. */

import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { CopyButton } from "../../kit/copy";
import { duration } from "../../kit/duration";
import { Card } from "../../kit/page";
import { count } from "../../kit/size";
import { tell } from "../../words/told";
import { bucketPage, obsOf, type Version } from "../jobs";
import { Sought } from "./sought";

export function Configuration({ version }: { version: Version }) {
  const { t } = useTranslation();
  const spec = version.specification;
  const facts: [string, ReactNode][] = [
    [t("jobs.code"), <Address key="code" address={spec.code} />],
    [t("jobs.bootFile"), spec.boot_file && <code>{spec.boot_file}</code>],
    [t("jobs.command"), spec.command && <code>{spec.command}</code>],
    [t("jobs.engine"), <>{version.engine.engine ?? (spec.engine || t("jobs.byImports"))} {version.engine.reason && <span className="quiet small">{tell(version.engine.told, version.engine.reason)}</span>}</>],
    [t("jobs.flavour"), `${spec.flavour || "–"}${spec.nodes > 1 ? ` × ${count(spec.nodes)}` : ""}`],
    [t("jobs.autoStop"), spec.seconds ? duration(spec.seconds) : t("jobs.never")],
    [t("jobs.restarts"), spec.restarts > 0 && count(spec.restarts)],
    [t("jobs.priority"), count(spec.priority)],
    [t("jobs.logTo"), spec.log && <Address address={spec.log} />],
    [t("jobs.seed"), version.seed],
    [t("jobs.codeHash"), version.code_hash && <span className="copied"><code>{version.code_hash.slice(0, 12)}</code><CopyButton text={version.code_hash} /></span>],
    [t("jobs.madeFrom"), version.previous],
  ];
  return (
    <div className="parts">
      <div className="pair">
        <Card title={t("jobs.whatRan")}>
          <dl className="facts">
            {facts.filter(([, told]) => told).map(([name, told]) => <Fragment key={name}><dt>{name}</dt><dd>{told}</dd></Fragment>)}
          </dl>
        </Card>
        <div className="parts">
          <Named title={t("jobs.parameters")} rows={spec.parameters.map((one) => [one.name, <code key={one.name}>{one.value}</code>])} />
          <Named title={t("jobs.inputs")} rows={spec.inputs.map((one) => [one.name, <Address key={one.name} address={one.address} />])} />
          <Named title={t("jobs.outputs")} rows={spec.outputs.map((one) => [one.name, <Address key={one.name} address={one.address} />])} />
          <Named title={t("jobs.environment")} rows={Object.entries(spec.environment).map(([name, value]) => [name, <code key={name}>{value}</code>])} />
        </div>
      </div>
      {spec.search && <Card title={t("search.title")}><Sought search={spec.search} /></Card>}
      {version.packages.length > 0 && (
        <Card title={t("jobs.packages")} about={version.installed.length > 0 ? t("jobs.installed", { names: version.installed.join(", ") }) : undefined} tools={<CopyButton text={version.packages.join("\n")} label={t("kit.copy")} />}>
          <ul className="packages">{version.packages.map((one) => <li key={one}>{one}</li>)}</ul>
        </Card>
      )}
    </div>
  );
}

function Named({ title, rows }: { title: string; rows: [string, ReactNode][] }) {
  if (rows.length === 0) return null;
  return (
    <Card title={title} flush>
      <table className="plain"><tbody>{rows.map(([name, told]) => <tr key={name}><th scope="row">{name}</th><td>{told}</td></tr>)}</tbody></table>
    </Card>
  );
}

export function Address({ address }: { address: string }) {
  const { t } = useTranslation();
  const page = bucketPage(address);
  if (address.startsWith("snapshot:")) return <span>{t("jobs.snapshot")}</span>;
  if (!page) return <span className="quiet">–</span>;
  return <Link to={page}><code>{obsOf(address)}</code></Link>;
}
