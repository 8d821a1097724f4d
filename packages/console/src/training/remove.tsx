/** Asks before jobs are gone with their versions and logs. */

import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { readAnew } from "../api/anew";
import { ConfirmDelete } from "../kit/confirm";
import { count } from "../kit/size";
import { hasEnded, removeJobs, type ListedJob } from "./jobs";

const MOST_NAMED = 8;

export function RemoveJobs({ jobs, onClose }: { jobs: Pick<ListedJob, "metadata" | "status">[]; onClose: (removed: boolean) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const removed = useRef(false);
  const going = jobs.filter((job) => !hasEnded(job.status.phase));
  const remove = async () => {
    await removeJobs(jobs.map((job) => job.metadata.id));
    removed.current = true;
    await readAnew(queries, ["jobs"]);
  };
  return (
    <ConfirmDelete
      title={t("jobs.removeTitle", { count: jobs.length, told: count(jobs.length) })} ready={going.length === 0}
      onDelete={remove} onClose={() => onClose(removed.current)}
    >
      <ul className="named">
        {jobs.slice(0, MOST_NAMED).map((job) => <li key={job.metadata.id}><b>{job.metadata.name}</b></li>)}
        {jobs.length > MOST_NAMED && <li>{t("buckets.andMore", { count: jobs.length - MOST_NAMED, told: count(jobs.length - MOST_NAMED) })}</li>}
      </ul>
      <p>{t("jobs.removeAbout")}</p>
      {going.length > 0 && <p className="problem">{t("jobs.stopFirst", { names: going.map((job) => job.metadata.name).join(", ") })}</p>}
    </ConfirmDelete>
  );
}
