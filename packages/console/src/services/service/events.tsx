/** What happened to a service, the newest first; the same trouble again is told once. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { Mark } from "../../kit/chip";
import { Empty, Failure, Loading } from "../../kit/faces";
import { Card } from "../../kit/page";
import { Sentence } from "../../kit/sentence";
import { count } from "../../kit/size";
import { absolute } from "../../kit/time";
import { spoken } from "../../words";
import { tell } from "../../words/told";
import { readEvents } from "../calls";
import { folded } from "./folded";

export function Events({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["service", id, "events"], queryFn: ({ signal }) => readEvents(id, signal), refetchInterval: 3000 });
  if (found.error && !found.data) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  if (found.data.length === 0) return <Card><Empty title={t("jobs.noEvents")} /></Card>;
  return (
    <Card flush>
      <ul className="events">
        {folded(found.data).map(({ event, times, first }) => (
          <li key={`${event.occur_time} ${event.code} ${event.event_info}`}>
            <time className="quiet" dateTime={new Date(event.occur_time).toISOString()}>{absolute(event.occur_time / 1000, spoken())}</time>
            <span><Mark tone={event.event_type === "abnormal" ? "bad" : "off"}>{t(`services.happened.${event.code}` as never, { defaultValue: event.code }) as string}</Mark></span>
            <span>
              <Sentence text={tell(event.told, event.event_info)} />
              {times > 1 && <span className="quiet small events-again">{t("services.again", { count: times, told: count(times), time: absolute(first / 1000, spoken()) })}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
