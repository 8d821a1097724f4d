/** Why there is no answer, in words, with what the service wrote about it. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { filled, reach, search } from "../../api/call";
import { plain } from "../../training/log/ansi";
import { readInstances } from "../calls";
import type { Asked } from "../predict/ask";

const TAIL_BYTES = 16_000;
const MOST_LINES = 30;
const GOOD = 200;
const CRASHED = "Algorithm crashed!";
/** What was written may come a moment after the answer. */
const LOOKS = 3;
/** Codes of which the log of an instance tells more. */
const IN_THE_LOG = ["MR.0101", "MR.0105", "PY.0101", "PY.0105", "ModelArts.4503", "ModelArts.4302"];

export function Refused({ asked, service, code, message, trace }: { asked: Asked; service: string; code: string; message: string; trace: string }) {
  const { t } = useTranslation();
  const known = code.replaceAll(".", "_");
  const words = t([`predict.refusals.${known}_${asked.status}`, `predict.refusals.${known}`, `predict.refusals.other`] as never, { message: message || asked.status }) as string;
  return (
    <div className="advice refused" role="alert">
      <p><b>{code || asked.status}</b> {words}</p>
      {message && <p><span className="quiet">{t("predict.told")}</span> {message}</p>}
      {trace ? <Lines text={trace} /> : asked.status !== GOOD && IN_THE_LOG.includes(code) && <Written service={service} since={asked.at} />}
    </div>
  );
}

/** The last lines of the instance that has written of it. */
function Written({ service, since }: { service: string; since: number }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["service", service, "written", since], queryFn: ({ signal }) => readEnds(service, signal), retry: false, staleTime: Infinity,
    refetchInterval: (query) => (query.state.dataUpdateCount < LOOKS ? 1000 : false),
  });
  if (!found.data) return null;
  return (
    <div className="stack tight">
      <p className="quiet">{t("predict.lastLines")} <Link to={`?tab=logs&run=${encodeURIComponent(found.data.run)}`}>{t("predict.toLog")}</Link></p>
      <Lines text={found.data.text} />
    </div>
  );
}

function Lines({ text }: { text: string }) {
  const { t } = useTranslation();
  const lines = text.trimEnd().split("\n").slice(-MOST_LINES);
  return <pre className="snippet written" tabIndex={0} aria-label={t("predict.lastLines")}>{lines.map((line, at) => <span key={at} className={/Hint:/.test(line) ? "hint" : undefined}>{line}{"\n"}</span>)}</pre>;
}

async function readEnds(service: string, signal: AbortSignal): Promise<{ run: string; text: string } | null> {
  const instances = (await readInstances(service, signal)).slice(-4).reverse();
  const ends = await Promise.all(instances.map(async ({ run_id: run }) => ({ run, text: await readEnd(run, signal) })));
  const crashed = ends.find(({ text }) => text.includes(CRASHED));
  if (crashed) return { run: crashed.run, text: crashed.text.slice(crashed.text.lastIndexOf(CRASHED)) };
  return ends.find(({ text }) => text.trim() !== "") ?? null;
}

async function readEnd(run: string, signal: AbortSignal): Promise<string> {
  const answer = await reach(filled("/maquette/{project_id}/runs/{id}/log", { id: run }) + search({ tail: TAIL_BYTES }), { signal });
  return answer.ok ? (await answer.text()).split("\n").map(plain).join("\n") : "";
}
