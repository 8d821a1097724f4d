/** Figures of a version beside those of others: what `metric.json` holds, and curves of what the script prints. */

import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { Select, Slider, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call, filled, reach, Refusal } from "../../api/call";
import { Chart, type Curve } from "../../kit/chart";
import { smoothed } from "../../kit/curves";
import { Command, Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { format } from "../../kit/formats";
import { spoken } from "../../words";
import { readVersion, type ShortVersion, type Version } from "../jobs";
import { figuresIn, type Printed } from "./figures";

const LOG_BYTES = 4 << 20;

export function Metrics({ id, version, versions, live }: { id: string; version: Version; versions: ShortVersion[]; live: boolean }) {
  return (
    <div className="parts">
      <Kept version={version} versions={versions} id={id} />
      <Curves id={id} version={version} versions={versions} live={live} />
    </div>
  );
}

export function figure(value: number): string {
  return format(Intl.NumberFormat, spoken(), { maximumSignificantDigits: 5 } as const).format(value);
}

/** `metric.json` of every version, this one first. */
function Kept({ id, version, versions }: { id: string; version: Version; versions: ShortVersion[] }) {
  const { t } = useTranslation();
  const problem = useProblem(id, version);
  const shown = [versions.find((one) => one.version === version.version), ...versions.filter((one) => one.version !== version.version)]
    .filter((one): one is ShortVersion => Boolean(one?.metrics)).slice(0, 12);
  const names = [...new Set(shown.flatMap((one) => Object.keys(one.metrics ?? {})))];
  if (names.length === 0) {
    return (
      <Card>
        {problem ? <Empty title={t("metrics.damaged")} about={problem} />
          : <Empty title={t("metrics.none")} about={t("metrics.noneAbout")} action={<Command text={'json.dump({"accuracy": 0.93}, open(f"{train_url}/metric.json", "w"))'} />} />}
      </Card>
    );
  }
  return (
    <Card title={t("metrics.kept")} about={t("metrics.keptAbout")} flush>
      <div className="scrolls">
        <table className="plain">
          <thead><tr><th scope="col">{t("kit.name")}</th>{shown.map((one) => <th key={one.version} scope="col" className="number">{one.version}</th>)}</tr></thead>
          <tbody>
            {names.map((name) => {
              const best = bestOf(name, shown.map((one) => one.metrics?.[name]));
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {shown.map((one) => {
                    const value = one.metrics?.[name];
                    return <td key={one.version} className={value !== undefined && value === best ? "number best" : "number"}>{value === undefined ? "–" : figure(value)}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

const LESS_IS_BETTER = /loss|error|mse|mae|rmse|perplexity|latency|time/i;

/** The best of several; undefined where there is nothing to compare. */
export function bestOf(name: string, values: (number | undefined)[]): number | undefined {
  const told = values.filter((value): value is number => value !== undefined);
  if (new Set(told).size < 2) return undefined;
  return LESS_IS_BETTER.test(name) ? Math.min(...told) : Math.max(...told);
}

function useProblem(id: string, version: Version): string {
  const [found] = useQueries({
    queries: [{
      queryKey: ["metrics", id, version.version, version.state], enabled: version.metrics === null,
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/metrics", { path: { job_id: id, version: version.version }, signal })) as { problem: string | null },
    }],
  });
  return found?.data?.problem ?? "";
}

// ── what was printed ────────────────────────────────────────────────────────────────────────────────

function Curves({ id, version, versions, live }: { id: string; version: Version; versions: ShortVersion[]; live: boolean }) {
  const { t } = useTranslation();
  const [beside, setBeside] = useState<string[]>([]);
  const [weight, setWeight] = useState(0);
  const [log, setLog] = useState(false);
  const names = [version.version, ...beside.filter((one) => one !== version.version)];
  const found = useQueries({
    queries: names.map((name) => ({
      queryKey: ["printed", id, name], placeholderData: keepPreviousData, refetchInterval: live && name === version.version ? 4000 : (false as const),
      queryFn: ({ signal }: { signal: AbortSignal }) => readPrinted(id, name, signal),
    })),
  });
  const failed = found.find((one) => one.error && !one.data);
  const printed = names.map((name, at) => ({ name, curves: found[at]?.data ?? [] }));
  const figures = [...new Set(printed.flatMap((one) => one.curves.map((curve) => curve.name)))];
  const others = versions.filter((one) => one.version !== version.version);
  if (failed) return <Card title={t("metrics.printed")}><Failure error={failed.error} again={() => void failed.refetch()} /></Card>;
  if (found.some((one) => !one.data)) return <Card title={t("metrics.printed")}><Loading /></Card>;
  if (figures.length === 0) return <Card title={t("metrics.printed")}><Empty title={t("metrics.nonePrinted")} about={t("metrics.nonePrintedAbout")} action={<Command text={'print(f"epoch {epoch} loss: {loss:.4f}", flush=True)'} />} /></Card>;
  return (
    <Card
      title={t("metrics.printed")} about={t("metrics.printedAbout")}
      tools={(
        <div className="curve-tools">
          {others.length > 0 && (
            <Select
              mode="multiple" aria-label={t("metrics.beside")} placeholder={t("metrics.beside")} value={beside} onChange={setBeside} maxTagCount={2}
              options={others.map((one) => ({ value: one.version, label: one.version }))}
            />
          )}
          <label>{t("metrics.smooth")}<Slider min={0} max={0.98} step={0.02} value={weight} onChange={setWeight} tooltip={{ formatter: null }} ariaLabelForHandle={t("metrics.smooth")} /></label>
          <label>{t("metrics.log")}<Switch size="small" checked={log} onChange={setLog} /></label>
        </div>
      )}
    >
      <div className="charts">
        {figures.map((name) => <Chart key={name} label={name} curves={curvesOf(name, printed, weight)} sync="printed" tell={figure} log={log && positive(name, printed)} height={230} />)}
      </div>
    </Card>
  );
}

type Found = { name: string; curves: Printed[] }[];

function curvesOf(figure: string, printed: Found, weight: number): Curve[] {
  return printed.flatMap(({ name, curves }, colour) => {
    const curve = curves.find((one) => one.name === figure);
    if (!curve) return [];
    if (weight === 0) return [{ name, xs: curve.xs, ys: curve.ys, colour }];
    return [{ name: `${name} ·`, xs: curve.xs, ys: curve.ys, faint: true, colour }, { name, xs: curve.xs, ys: smoothed(curve.ys, weight), colour }];
  });
}

/** Logarithms are of what is above nought. */
function positive(figure: string, printed: Found): boolean {
  return printed.every(({ curves }) => curves.find((one) => one.name === figure)?.ys.every((value) => value > 0) ?? true);
}

async function readPrinted(id: string, name: string, signal: AbortSignal): Promise<Printed[]> {
  const run = (await readVersion(id, name, signal)).runs[0];
  if (!run) return [];
  const answer = await reach(`${filled("/maquette/{project_id}/runs/{id}/log", { id: run.id })}?tail=${LOG_BYTES}`, { signal });
  if (!answer.ok) throw new Refusal(answer.status, answer.status === 403 ? "refused" : "failed", answer.statusText);
  return figuresIn(await answer.text());
}
