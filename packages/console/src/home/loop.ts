/** The loop from data to a service: how far it has come, and what comes next. */

import type { Word } from "../menu";

export type StepWord = "data" | "train" | "model" | "deploy";

export interface Step {
  word: StepWord;
  room: Word;
  /** null where this server tells none. */
  count: number | null;
  /** What the step may come to in another way: it counts as well. */
  also?: { word: "batch"; room: Word; count: number };
}

export interface Counts {
  buckets: number | null;
  jobs: number | null;
  models: number | null;
  services: number | null;
  batches: number | null;
}

export function stepsOf(counts: Counts): Step[] {
  return [
    { word: "data", room: "buckets", count: counts.buckets },
    { word: "train", room: "training", count: counts.jobs },
    { word: "model", room: "models", count: counts.models },
    { word: "deploy", room: "services", count: counts.services, ...(counts.batches !== null && { also: { word: "batch" as const, room: "batches" as const, count: counts.batches } }) },
  ];
}

/** The first step that nothing has come of; -1 where all is done. */
export function nextStep(steps: Step[]): number {
  return steps.findIndex((step) => !hasCome(step));
}

export const hasCome = (step: Step) => Boolean(step.count) || Boolean(step.also?.count);
