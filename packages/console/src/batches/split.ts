/** Where the time of a batch has gone, as its events tell it: getting instances ready, and working. */

import type { Happened } from "../services/calls";

export interface Split {
  /** Seconds. */
  ready: number;
  work: number;
  /** When this round was begun; milliseconds. */
  since: number;
}

const STARTS = new Set(["deploying", "starting"]);
const READY = new Set(["instance_ready", "running"]);
const ENDS = new Set(["stopped", "finished", "failed", "auto_stopped"]);
/** The worker takes a batch a moment after it was started. */
const SLACK = 2000;

/** `began` is when its inputs were first looked at, in seconds; starts after a stop go on with the same round. */
export function splitOf(events: readonly Happened[], began: number | null, now: number): Split | null {
  const told = [...events].sort((one, other) => one.occur_time - other.occur_time);
  const starts = told.filter((one) => STARTS.has(one.code));
  const first = (began === null ? undefined : starts.findLast((one) => one.occur_time <= began * 1000 + SLACK)) ?? starts.at(-1);
  if (!first) return null;
  const split: Split = { ready: 0, work: 0, since: first.occur_time };
  let [stage, from]: ["ready" | "work" | null, number] = [null, 0];
  const turn = (next: typeof stage, at: number) => {
    if (stage) split[stage] += (at - from) / 1000;
    [stage, from] = [next, at];
  };
  for (const one of told.slice(told.indexOf(first))) {
    if (STARTS.has(one.code)) turn("ready", one.occur_time);
    else if (READY.has(one.code) && stage === "ready") turn("work", one.occur_time);
    else if (ENDS.has(one.code)) turn(null, one.occur_time);
  }
  turn(null, Math.max(now, from));
  return split;
}
