/** ModelArts' analysis files of a version, as tables and charts in the language of the page. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { following } from "../../api/following";
import { Chart } from "../../kit/chart";
import { Mark, type Tone } from "../../kit/chip";
import { Command, Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { count } from "../../kit/size";
import { SERVERS, spoken } from "../../words";
import type { Version } from "../jobs";
import { figure } from "./metrics";
import { heat, readSection, type Bars, type Finding, type Grid, type Operation, type Section } from "./report";
import { Wrong } from "./wrong";

const SAMPLES = new Set(["all_samples", "predictions"]);
const KNOWN = ["common", "precision_performance", "feature_sensitivity", "computational_performance", "abstract_feature", "adversary"] as const;

interface Listed {
  sections: string[];
  evaluations: string[];
}

export function Analysis({ id, version, live }: { id: string; version: Version; live: boolean }) {
  const { t } = useTranslation();
  const path = { job_id: id, version: version.version };
  const [chosen, setChosen] = useState("");
  const told = useQuery({
    ...following(["analysis", id, version.version, version.state], live, 5000),
    queryFn: async ({ signal }) => (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/analysis", { path, signal })) as unknown as Listed,
  });
  if (told.error) return <Card><Failure error={told.error} again={() => void told.refetch()} /></Card>;
  if (!told.data) return <Loading />;
  const { sections, evaluations } = told.data;
  if (sections.length === 0) {
    const lines = "from deep_moxing.model_analysis.api import analyse";
    return <Card><Empty title={t("analysis.none")} about={t("analysis.noneAbout")} action={<Command text={lines} />} /></Card>;
  }
  const here = chosen || firstOf(evaluations);
  return (
    <div className="parts">
      {evaluations.length > 1 && (
        <Card><div className="evaluations"><span className="quiet">{t("analysis.set")}</span><Segmented aria-label={t("analysis.set")} value={here} onChange={setChosen} options={evaluations} /></div></Card>
      )}
      <Parts key={here} path={path} evaluation={here} />
    </div>
  );
}

/** Pictures that were not learned from tell more. */
export function firstOf(evaluations: string[]): string {
  return evaluations.find((one) => /\b(val|valid|validation|test|eval)/i.test(one)) ?? evaluations[0] ?? "";
}

function Parts({ path, evaluation }: { path: { job_id: string; version: string }; evaluation: string }) {
  const language = SERVERS[spoken()];
  const of = evaluation ? { evaluation } : {};
  const listed = useQuery({
    queryKey: ["analysis", path.job_id, path.version, "of", evaluation],
    queryFn: async ({ signal }) => (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/analysis", { path, query: of, signal })) as unknown as Listed,
  });
  const names = (listed.data?.sections ?? []).filter((name) => !SAMPLES.has(name));
  const sections = useQueries({
    queries: names.map((name) => ({
      queryKey: ["analysis", path.job_id, path.version, "of", evaluation, name, language],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { ...of, language };
        const found = await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/analysis/{section}", { path: { ...path, section: name }, query, signal });
        return readSection(found.content);
      },
    })),
  });
  const failed = listed.error ? listed : sections.find((one) => one.error);
  if (failed) return <Card><Failure error={failed.error} again={() => void failed.refetch()} /></Card>;
  if (!listed.data || sections.some((one) => !one.data)) return <Loading />;
  return <>{names.map((name, at) => <Part key={name} name={name} section={sections[at]?.data ?? { operations: [], findings: [] }} />)}</>;
}

function Part({ name, section }: { name: string; section: Section }) {
  const { t } = useTranslation();
  if (section.operations.length + section.findings.length === 0) return null;
  const known = KNOWN.find((one) => one === name);
  return (
    <Card title={known ? t(`analysis.sections.${known}`) : name}>
      <div className="parts">
        {section.findings.length > 0 && <Findings all={section.findings} />}
        {section.operations.map((one) => <Told key={one.key} operation={one} />)}
      </div>
    </Card>
  );
}

const TONES: Record<number, Tone> = { 1: "bad", 2: "wait", 3: "off" };

function Findings({ all }: { all: Finding[] }) {
  const { t } = useTranslation();
  const levelOf = (level: number) => (level === 1 ? "first" : level === 2 ? "worth" : "good");
  return (
    <ul className="findings">
      {all.map((one) => (
        <li key={one.text}>
          <Mark tone={TONES[one.level] ?? "off"}>{t(`analysis.levels.${levelOf(one.level)}`)}</Mark>
          <span>{one.text} <span className="quiet">{one.suggestion}</span></span>
        </li>
      ))}
    </ul>
  );
}

function Told({ operation }: { operation: Operation }) {
  return (
    <section className="operation">
      <div><h3>{operation.title}</h3>{operation.description && <p className="quiet small">{operation.description}</p>}</div>
      {operation.figures.length > 0 && <dl className="figures">{operation.figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{typeof value === "number" ? figure(value) : value}</dd></div>)}</dl>}
      {operation.grids.map((grid) => <Matrix key={grid.name} grid={grid} warm={operation.key === "cm"} />)}
      {(operation.charts.length > 0 || operation.bars.length > 0) && (
        <div className="charts">
          {operation.charts.map((chart) => <Chart key={chart.name} label={chart.name} xLabel={chart.x} curves={chart.curves} tell={figure} tellX={figure} height={260} />)}
          {operation.bars.map((bars) => <Strips key={bars.name} told={bars} />)}
        </div>
      )}
      {operation.wrong.length > 0 && <Wrong all={operation.wrong} />}
    </section>
  );
}

function Matrix({ grid, warm }: { grid: Grid; warm: boolean }) {
  const warmth = warm ? heat(grid) : [];
  return (
    <div className="scrolls">
      <table className={warm ? "plain heat" : "plain"} aria-label={grid.name}>
        <thead><tr><th scope="col">{grid.corner}</th>{grid.columns.map((name, at) => <th key={at} scope="col" className={warm ? undefined : "number"}>{name}</th>)}</tr></thead>
        <tbody>
          {grid.rows.map((name, row) => (
            <tr key={row}>
              <th scope="row">{name}</th>
              {(grid.cells[row] ?? []).map((cell, at) => {
                const share = warmth[row]?.[at] ?? 0;
                // No warmer than a text on it can be read.
                const style = share ? { background: `color-mix(in srgb, var(--${row === at ? "good" : "bad"}) ${Math.round(share * 34)}%, transparent)` } : undefined;
                return <td key={at} className={warm ? undefined : "number"} style={style}>{cell === null ? "–" : typeof cell === "number" ? figure(cell) : cell}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Strips({ told }: { told: Bars }) {
  const most = Math.max(1e-9, ...told.bars.map((bar) => bar.value));
  return (
    <figure className="chart">
      <figcaption>{told.name}</figcaption>
      <div className="bars">
        {told.bars.slice(0, 60).map((bar) => (
          <div key={bar.name}><span title={bar.name}>{bar.name}</span><i aria-hidden style={{ width: `${(bar.value / most) * 100}%` }} /><b>{count(bar.value)}</b></div>
        ))}
      </div>
    </figure>
  );
}
