/** How far the tour has come: what each of its steps is at, out of what is there. */

import { hasEnded } from "../../training/jobs";
import type { Word } from "../../menu";
import type { Facts } from "./calls";

export type StepWord = "data" | "train" | "model" | "deploy" | "predict";
export type At = "later" | "next" | "going" | "done" | "failed";

export interface Standing {
  word: StepWord;
  at: At;
  /** The word of the menu where it lives. */
  room: Word;
  /** The page of the very thing; empty while there is none. */
  page: string;
}

export function stepsOf({ tour, job, model, service }: Facts): Standing[] {
  const found: [StepWord, Word, string, At | null][] = [
    ["data", "buckets", tour.filled ? `/console/buckets/${tour.bucket}` : "", tour.filled ? "done" : null],
    ["train", "training", job ? `/console/training/${job.id}` : "", job && ofJob(job.version.state, job.version.runs.every((run) => run.settled))],
    ["model", "models", model ? `/console/models/${model.model_id}` : "", model && ofModel(model.model_status)],
    ["deploy", "services", service ? `/console/services/${service.service_id}` : "", service && ofService(service.status)],
    ["predict", "services", service ? `/console/services/${service.service_id}?tab=predict` : "", service && service.status === "running" && service.invocation_times > 0 ? "done" : null],
  ];
  let open = true;
  return found.map(([word, room, page, at]) => {
    const told = at ?? (open ? "next" : "later");
    open &&= told === "done";
    return { word, room, page, at: told };
  });
}

function ofJob(state: string, settled: boolean): At {
  if (state === "succeeded") return settled ? "done" : "going";
  return hasEnded(state) ? "failed" : "going";
}

function ofModel(status: string): At {
  return status === "published" ? "done" : status === "publishing" ? "going" : "failed";
}

function ofService(status: string): At {
  return status === "running" ? "done" : status === "deploying" || status === "concerning" ? "going" : "failed";
}

/** The step that one is at; its number where all is done is that of the last. */
export function hereOf(steps: Standing[]): number {
  const at = steps.findIndex((step) => step.at !== "done");
  return at < 0 ? steps.length - 1 : at;
}

/** Whether there is anything to clean up. */
export const hasBegun = (steps: Standing[]) => steps.some((step) => step.page !== "");
