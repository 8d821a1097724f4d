/** Figures of a version beside those of others: what `metric.json` holds, and below it what the script prints. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { Command, Empty } from "../../kit/faces";
import { Card } from "../../kit/page";
import { format } from "../../kit/formats";
import { spoken } from "../../words";
import { tell, type Told } from "../../words/told";
import type { ShortVersion, Version, VersionRun } from "../jobs";
import { Curves } from "./curves";

export interface Props {
  id: string;
  version: Version;
  versions: ShortVersion[];
  names: (run: VersionRun) => string;
  live: boolean;
}

export function Metrics({ id, version, versions, names, live }: Props) {
  return (
    <div className="parts">
      <Kept version={version} versions={versions} id={id} live={live} />
      <Curves id={id} version={version} versions={versions} names={names} live={live} />
    </div>
  );
}

export function figure(value: number): string {
  return format(Intl.NumberFormat, spoken(), { maximumSignificantDigits: 5 } as const).format(value);
}

/** `metric.json` of every version, this one first. */
function Kept({ id, version, versions, live }: Omit<Props, "names">) {
  const { t } = useTranslation();
  const problem = useProblem(id, version);
  const shown = [versions.find((one) => one.version === version.version), ...versions.filter((one) => one.version !== version.version)]
    .filter((one): one is ShortVersion => Boolean(one?.metrics)).slice(0, 12);
  const names = [...new Set(shown.flatMap((one) => Object.keys(one.metrics ?? {})))];
  if (names.length === 0) {
    return (
      <Card>
        {problem ? <Empty title={t("metrics.damaged")} about={problem} />
          : <Empty title={t(live ? "metrics.none" : "metrics.noneOver")} about={t("metrics.noneAbout")} action={<Command text={'json.dump({"accuracy": 0.93}, open(f"{train_url}/metric.json", "w"))'} />} />}
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
  const found = useQuery({
    queryKey: ["metrics", id, version.version, version.state], enabled: version.metrics === null,
    queryFn: async ({ signal }) => (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/metrics", { path: { job_id: id, version: version.version }, signal })) as { problem: string | null; problem_told: Told | null },
  });
  return tell(found.data?.problem_told, found.data?.problem ?? "");
}
