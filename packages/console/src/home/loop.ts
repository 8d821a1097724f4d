/** The loop from data to a service: how far it has come, and what comes next. */

import type { Word } from "../menu";

export type StepWord = "data" | "train" | "model" | "deploy";

export interface Step {
  word: StepWord;
  room: Word;
  /** null where this server tells none. */
  count: number | null;
}

export interface Counts {
  buckets: number | null;
  jobs: number | null;
  models: number | null;
  services: number | null;
}

export function stepsOf(counts: Counts): Step[] {
  return [
    { word: "data", room: "buckets", count: counts.buckets },
    { word: "train", room: "training", count: counts.jobs },
    { word: "model", room: "models", count: counts.models },
    { word: "deploy", room: "services", count: counts.services },
  ];
}

/** The first step that nothing has come of; -1 where all is done. */
export function nextStep(steps: Step[]): number {
  return steps.findIndex((step) => !step.count);
}
