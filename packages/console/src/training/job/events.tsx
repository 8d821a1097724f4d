/** What happened to a version, the newest first. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { call } from "../../api/call";
import { following } from "../../api/following";
import { Mark, type Tone } from "../../kit/chip";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { absolute } from "../../kit/time";
import { spoken } from "../../words";
import { tell, type Told } from "../../words/told";
import type { VersionRun } from "../jobs";

const TONES: Record<string, Tone> = { normal: "off", warning: "wait", error: "bad" };

export function Events({ runs, names, live }: { runs: VersionRun[]; names: (run: VersionRun) => string; live: boolean }) {
  const { t } = useTranslation();
  const found = useQuery({
    ...following(["events", ...runs.map((run) => run.id)], live, 3000),
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(runs.map(async (run) => {
        const told = await call("GET /maquette/{project_id}/runs/{id}/events", { path: { id: run.id }, signal });
        return told.map((event) => ({ ...event, run }));
      }));
      return lists.flat().sort((one, other) => other.at - one.at || other.number - one.number);
    },
  });
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.length === 0) return <Card><Empty title={t("jobs.noEvents")} /></Card>;
  return (
    <Card flush>
      <ul className="events">
        {found.data.map((event) => (
          <li key={`${event.run.id} ${event.number}`}>
            <time className="quiet" dateTime={new Date(event.at * 1000).toISOString()}>{absolute(event.at, spoken())}</time>
            <span><Mark tone={TONES[event.level] ?? "off"}>{t(`levels.${event.level as "normal"}`, { defaultValue: event.level })}</Mark></span>
            <span>{runs.length > 1 && <b>{names(event.run)} </b>}{tell(event.told as Told | null, event.message)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
