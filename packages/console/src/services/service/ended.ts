/** The instances that were there and have ended, as the events name them: their logs stay for a while. */

import type { Happened } from "../calls";

/** The logs of so many stay. */
const MOST = 5;

export function endedRuns(events: readonly Happened[], live: readonly string[]): string[] {
  const newest = [...events].sort((one, other) => other.occur_time - one.occur_time);
  const named = newest.map((one) => one.parameters?.run).filter((run): run is string => typeof run === "string" && !live.includes(run));
  return [...new Set(named)].slice(0, MOST);
}
