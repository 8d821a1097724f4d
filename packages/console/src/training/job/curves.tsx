/** Curves of what a script prints, beside those of other versions or of other trials. */

import { useQueries } from "@tanstack/react-query";
import { Select, Slider, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { filled, reach, Refusal } from "../../api/call";
import { following } from "../../api/following";
import { Chart, type Curve } from "../../kit/chart";
import { smoothed } from "../../kit/curves";
import { Command, Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { bytes } from "../../kit/size";
import { readVersion } from "../jobs";
import { figuresIn, type Printed } from "./figures";
import { figure, type Props } from "./metrics";
import { useRun } from "./run";

/** Of a longer log the end is drawn. */
const LOG_BYTES = 4_000_000;

/** A log to draw from: of a run, or of the first run of a version. */
interface Source {
  name: string;
  run?: string;
  version?: string;
}

export function Curves({ id, version, versions, names, live }: Props) {
  const { t } = useTranslation();
  const { run, choice } = useRun(version.runs, names);
  const [beside, setBeside] = useState<string[]>([]);
  const [weight, setWeight] = useState(0);
  const [log, setLog] = useState(false);
  const of: Source = { name: run && version.runs.length > 1 ? names(run) : version.version, ...(run && { run: run.id }) };
  const others: Source[] = [
    ...version.runs.filter((one) => one.trial && one !== run).map((one) => ({ name: names(one), run: one.id })),
    ...versions.filter((one) => one.version !== version.version).map((one) => ({ name: one.version, version: one.version })),
  ];
  const sources = [of, ...others.filter((one) => beside.includes(one.name))];
  const found = useQueries({
    queries: sources.map((one) => ({
      ...following(["printed", id, one.run ?? one.version], live && Boolean(one.run), 4000),
      queryFn: ({ signal }: { signal: AbortSignal }) => readPrinted(id, one, signal),
    })),
  });
  const failed = found.find((one) => one.error && !one.data);
  const printed = sources.map(({ name }, at) => ({ name, curves: found[at]?.data?.curves ?? [] }));
  const cut = sources.filter((_, at) => found[at]?.data?.cut).map((one) => one.name);
  const figures = [...new Set(printed.flatMap((one) => one.curves.map((curve) => curve.name)))];
  const tools = (
    <div className="curve-tools">
      {choice}
      {others.length > 0 && (
        <Select
          mode="multiple" aria-label={t("metrics.beside")} placeholder={t(version.specification.search ? "metrics.besideTrials" : "metrics.beside")} value={beside} onChange={setBeside}
          maxTagCount={2} options={others.map((one) => ({ value: one.name, label: one.name }))}
        />
      )}
      <label>{t("metrics.smooth")}<Slider min={0} max={0.98} step={0.02} value={weight} onChange={setWeight} tooltip={{ formatter: null }} ariaLabelForHandle={t("metrics.smooth")} /></label>
      <label>{t("metrics.log")}<Switch size="small" checked={log} onChange={setLog} /></label>
    </div>
  );
  return (
    <Card title={t("metrics.printed")} about={t("metrics.printedAbout")} tools={tools}>
      {cut.length > 0 && <p className="quiet small curve-note">{t("metrics.cut", { names: cut.join(", "), size: bytes(LOG_BYTES) })}</p>}
      {failed ? <Failure error={failed.error} again={() => void failed.refetch()} />
        : !found[0]?.data ? <Loading />
        : figures.length === 0 ? <Empty title={t(live ? "metrics.nonePrinted" : "metrics.nonePrintedOver")} about={t(live ? "metrics.nonePrintedAbout" : "metrics.nonePrintedOverAbout")} action={<Command text={'print(f"epoch {epoch} loss: {loss:.4f}", flush=True)'} />} />
        : (
          <div className="charts">
            {figures.map((name) => <Chart key={name} label={name} xLabel={axisOf(name, printed) || t("metrics.turn")} curves={curvesOf(name, printed, weight)} sync="printed" tell={figure} log={log && positive(name, printed)} height={230} />)}
          </div>
        )}
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

const axisOf = (figure: string, printed: Found) => printed.flatMap(({ curves }) => curves.filter((one) => one.name === figure)).find((one) => one.axis)?.axis ?? "";

/** Logarithms are of what is above nought. */
function positive(figure: string, printed: Found): boolean {
  return printed.every(({ curves }) => curves.find((one) => one.name === figure)?.ys.every((value) => value > 0) ?? true);
}

/** `cut` where the log is longer than what is read of it: its end. */
async function readPrinted(id: string, { run, version }: Source, signal: AbortSignal): Promise<{ curves: Printed[]; cut: boolean }> {
  const wanted = run ?? (version ? (await readVersion(id, version, signal)).runs[0]?.id : undefined);
  if (!wanted) return { curves: [], cut: false };
  // One byte more tells whether there is more, and all before the first end of a line is a part of one.
  const answer = await reach(`${filled("/maquette/{project_id}/runs/{id}/log", { id: wanted })}?tail=${LOG_BYTES + 1}`, { signal });
  if (!answer.ok) throw new Refusal(answer.status, answer.status === 403 ? "refused" : "failed", answer.statusText);
  const log = await answer.blob();
  const cut = log.size > LOG_BYTES;
  const text = await log.text();
  return { curves: figuresIn(cut ? text.slice(text.indexOf("\n") + 1) : text), cut };
}
